"""The examples of docs/keys.md, held by the engine and by a second implementation of the page."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canon import canonical, digest
from engine.graph import Step
from engine.keys import action_key
from engine.ports import FileRef
from engine.records import Value
from engine.workflow import Link
from tests.engine.workbench import REGISTRY, Workbench, document, step

Written = dict[str, Any]
VECTORS = json.loads((Path(__file__).parent / "key_vectors.json").read_text())


SHORT = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}


def second_quoted(text: str) -> str:
    pieces = []
    for character in text:
        point = ord(character)
        if 0xD800 <= point <= 0xDFFF:
            raise ValueError("half a surrogate pair")
        if point in SHORT:
            pieces.append("\\" + SHORT[point])
        elif 32 <= point <= 126:
            pieces.append(character)
        elif point < 0x10000:
            pieces.append(f"\\u{point:04x}")
        else:
            high, low = divmod(point - 0x10000, 0x400)
            pieces.append(f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}")
    return '"' + "".join(pieces) + '"'


def second_bits(number: float) -> str:
    if math.isnan(number) or math.isinf(number):
        raise ValueError("not finite")
    (bits,) = struct.unpack("<Q", struct.pack("<d", 0.0 if number == 0 else number))
    return f"{bits:016x}"


def second_encoding(value: Any) -> str:
    if value is None:
        return '["n"]'
    if isinstance(value, list):
        return '["l",[' + ",".join(map(second_encoding, value)) + "]]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-8", "surrogatepass"))
        pairs = [f"[{second_quoted(key)},{second_encoding(value[key])}]" for key in keys]
        return '["m",[' + ",".join(pairs) + "]]"
    kinds: dict[type, Any] = {
        bool: lambda: f'"b",{str(value).lower()}',
        int: lambda: f'"i","{value:d}"',
        float: lambda: f'"f","{second_bits(value)}"',
        str: lambda: f'"s",{second_quoted(value)}',
    }
    return f"[{kinds[type(value)]()}]"


def second_digest(value: Any) -> str:
    return hashlib.sha256(second_encoding(value).encode("ascii")).hexdigest()


def named(vectors: list[Written]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector["name"])


@named(VECTORS["values"])
def test_both_implementations_encode_the_examples(vector: Written) -> None:
    expected = vector["encoding"]

    assert (canonical(vector["value"]).decode(), second_encoding(vector["value"])) == (
        expected,
        expected,
    )
    assert digest(vector["value"]) == second_digest(vector["value"]) == vector["digest"]


@named(VECTORS["refused"])
def test_both_implementations_refuse_the_same(vector: Written) -> None:
    value = float(vector["float"]) if "float" in vector else vector["value"]

    for encode in (canonical, second_encoding):
        with pytest.raises(ValueError):  # noqa: PT011 - the sentences are tested with canon
            encode(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_both_implementations_agree_on_everything(value: Any) -> None:
    def outcome(encode: Any) -> str:
        try:
            found = encode(value)
        except ValueError:
            return "refused"
        return found if isinstance(found, str) else found.decode()

    assert outcome(canonical) == outcome(second_encoding)


@named(VECTORS["keys"])
def test_both_implementations_make_the_keys_of_the_examples(vector: Written) -> None:
    entries = {name: found for name, found in vector.items() if name not in ("name", "key")}
    found, values = engine_step(vector)

    assert second_digest({"act": 2, **entries}) == vector["key"]
    assert (
        action_key(
            found, values, vector["numerics"], target=vector["target"], nonce=vector["nonce"]
        )
        == (vector["key"])
    )


def engine_step(vector: Written) -> tuple[Step, dict[Link, Value]]:
    """Build the step of an example, with an unkeyed setting more if its node has one."""
    node = REGISTRY.get(vector["op"])
    assert node is not None
    assert node.version == vector["version"]
    values: dict[Link, Value] = {}

    def link(brought: list[str]) -> Link:
        found = Link(f"step {len(values)}", "out")
        values[found] = Value(brought[0], brought[1], 0)
        return found

    unkeyed = {name: "not in the key" for name, port in node.inputs.items() if not port.keyed}
    literals = {
        name: FileRef("any.txt", found["sha256"], Path()) if isinstance(found, dict) else found
        for name, found in vector["settings"].items()
    }
    links = {
        name: tuple(map(link, found)) if isinstance(found[0], list) else link(found)
        for name, found in vector["inputs"].items()
    }
    return Step("any id", node, unkeyed | literals, links, {}), values


def test_the_key_of_a_record_is_the_digest_of_what_the_record_says_it_was_made_from(
    bench: Workbench,
) -> None:
    written = document(
        say=step("Say", text="é"),
        one=step("Save", words="@say.words"),
        other=step("Save", words="@say.words"),
    )
    bench.run(written)
    paths = list((bench.store.folder / "ac").rglob("*.json"))
    records = [bench.store.record(path.stem) for path in paths]

    assert len(records) == 3
    assert all(record and second_digest(dict(record.inputs)) == record.key for record in records)
