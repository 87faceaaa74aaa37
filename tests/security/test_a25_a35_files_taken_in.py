"""Files and documents that are made to harm whoever reads them.

| A25, A30-A33, A35 | tested here, through the running server |
| A26-A28 | safetensors files: tests/nodes/checkpoints holds the reader to them; no route does |
| A29 | no configuration with a class or a library is read: a model is a file and its header |
| A34 | no eval, format or yaml of a text: tests/test_floors.py and ruff's S rules; prompts here |
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.workflow import MAX_BYTES
from tests.engine.server.running import API, PNG, ROOT, Answer, Server, serving
from tests.engine.workbench import document, step
from tests.test_floors import loaded_by

WORKFLOW = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
PICKLE = b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
JSON = {"Content-Type": "application/json"}


def upload(server: Server, data: bytes, name: str) -> Answer:
    return server.ask("POST", f"{API}inputs?name={name}", data, {"Content-Type": "image/png"})


def check(server: Server, text: bytes) -> Answer:
    return server.ask("POST", f"{API}check", text, JSON)


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".SafeTensors", ".png", ""])
def test_a25_a_pickle_is_refused_under_every_name(server: Server, suffix: str) -> None:
    assert upload(server, PICKLE, f"model{suffix}").status == 415


def test_a25_no_route_reaches_pickle() -> None:
    loaded = loaded_by("import engine.server.app, engine.cli.serve")

    assert "engine.server.handlers.runs" in loaded
    assert not loaded & {"torch", "numpy", "PIL", "yaml", "dill", "cloudpickle"}
    for path in ROOT.glob("engine/**/*.py"):
        assert "pickle" not in path.read_text().replace("Never pickle", ""), path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\x00" * 64))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The server with the real nodes, which know what a picture is."""
    folder: Path = tmp_path_factory.mktemp("real")
    with serving(folder, main=ROOT / "main.py") as running:
        yield running


@pytest.mark.parametrize(
    "data",
    [
        picture(100_000, 100_000),
        picture(2**31 - 1, 1),
        picture(0, 0),
        PNG[:30],
        b"BM" + struct.pack("<IHHIIiiHH", 10**9, 0, 0, 54, 40, 10**6, 10**6, 1, 24) + b"0" * 64,
        b"II*\x00" + struct.pack("<I", 2**32 - 1) + b"0" * 64,
        b"RIFF" + struct.pack("<I", 2**31) + b"WEBPVP8X" + b"\xff" * 64,
        b"\xff\xd8\xff\xe0" + b"\xff" * 64,
    ],
)
def test_a30_a_bomb_is_refused_by_its_header(real: Server, data: bytes) -> None:
    answer = upload(real, data, "bomb.png")

    assert (answer.status, answer.kind) == (422, "wrong-value")
    assert not [path for path in (real.folder / "input").iterdir()]


def test_a30_text_that_unfolds_costs_nothing_as_it_is_not_unfolded(real: Server) -> None:
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"0" * 50_000_000, 9))
    answer = upload(real, picture(8, 8, bomb), "text.png")

    assert answer.status in (201, 422)
    assert memory_of(real) < 150_000


DEEP = b'{"workflow": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}"
MALFORMED = {
    "deep": DEEP,
    "deep list": b'{"workflow": {"format": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "unclosed": b'{"workflow": ' + b"[" * 100_000,
    "duplicate keys": b'{"workflow": {"nodes": {}, "nodes": {}}}',
    "NaN": b'{"workflow": {"x": NaN}}',
    "Infinity": b'{"workflow": {"x": -Infinity}}',
    "huge number": b'{"workflow": {"x": 1e400}}',
    "long number": b'{"workflow": {"x": ' + b"9" * 10_000 + b"}}",
    "surrogate": b'{"workflow": {"x": "\\ud800"}}',
    "not UTF-8": b'{"workflow": {"x": "\xff"}}',
    "UTF-16": '{"workflow": {}}'.encode("utf-16"),
    "nothing": b"",
    "list": b"[]",
    "text": b'"x"',
    "null": b"null",
    "two": b"{}{}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a31_what_is_no_document_is_refused_by_name(server: Server, name: str) -> None:
    answer = check(server, MALFORMED[name])

    assert (answer.status, answer.kind) == (400, "malformed")
    assert len(answer.json["detail"]) < 300


def test_a31_too_much_is_refused_before_it_is_unfolded(server: Server) -> None:
    many = b'{"workflow": {"x": [' + b"[]," * 3_000_000 + b"0]}}"
    large = b'{"workflow": {"x": "' + b"0" * MAX_BYTES + b'"}}'

    assert [check(server, text).status for text in (many, large)] == [413, 413]
    assert memory_of(server) < 400_000


@pytest.mark.parametrize(
    "workflow",
    [
        {}, {"format": "latentgraph/1"}, {"format": 1, "nodes": {}},
        {"format": "latentgraph/1", "nodes": []},
        document(a=step("Add", a="@a.int")),
        document(a=step("Add", a="@b.int"), b=step("Add", a="@a.int")),
        document(a={"type": "Add", "inputs": [1]}),
        document(a={"type": ["Add"]}),
        document(a={"type": "__class__"}),
        document(a={}), {"format": "latentgraph/1", "nodes": {"a": []}},
        {"format": "latentgraph/1", "nodes": {"__proto__": {"type": "Number"}, "": 1, "a.b": {}}},
        document(a=step("Roll", seed=2**64 + 1)),
        document(a=step("Number", value={"link": 1})),
        document(a=step("Number", value=[["x"]])),
        document(a=step("Number", undeclared=1)),
        {**WORKFLOW, "parameters": {"x": 1}},
    ],
)  # fmt: skip
def test_a31_a_document_that_is_wrong_ends_as_problems(
    server: Server, workflow: dict[str, Any]
) -> None:
    checked = server.api("POST", "check", {"workflow": workflow}).json
    planned = server.api("POST", "plan", {"workflow": workflow}).json
    ended = server.run(workflow)

    if ended["state"] == "failed":
        assert not checked["ok"]
        assert not planned["ok"]
        assert ended["problems"]
    assert ended["counts"].get("failed", 0) == 0
    assert server.run(WORKFLOW)["state"] == "done"


def test_a31_ninety_thousand_nodes_stop_nobody(server: Server) -> None:
    nodes = {str(number): {"type": "Nothing"} for number in range(90_000)}
    ended = server.api("POST", "runs", {"workflow": {"format": "latentgraph/1", "nodes": nodes}})
    other = server.run(WORKFLOW)

    assert ended.status in (202, 413, 422)
    assert other["state"] == "done"


def test_a32_there_is_nothing_that_expands(server: Server) -> None:
    """Formats have no subgraphs, loops or lists that multiply: what is sent is what there is."""
    nested = document(a={"type": "Subgraph", "nodes": {"b": {"type": "Subgraph"}}})

    assert server.api("POST", "check", {"workflow": nested}).json["problems"][0]["code"] in (
        "unknown-type",
        "malformed-step",
    )


@pytest.mark.parametrize("size", [2**31, 10**9, -1, 0, 2**63])
def test_a33_sizes_are_refused_before_anything_is_allocated(real: Server, size: int) -> None:
    written = document(scene={"type": "DrawScene", "inputs": {"size": size}},
                       save=step("SaveImage", image="@scene.image"))  # fmt: skip
    checked = real.api("POST", "check", {"workflow": written}).json

    assert not checked["ok"]
    assert checked["problems"][0]["step"] == "scene"


@pytest.mark.parametrize(
    "text",
    ["{0.__class__}", "__import__('os')", "%s%n", "(" * 100, "((a+)+)+$", "{{7*7}}", "!!python"],
)
def test_a34_text_is_text(server: Server, text: str) -> None:
    written = document(say=step("Say", text=text), save=step("Save", words="@say.words"))
    ended = server.run(written)

    assert server.ask("GET", ended["artifacts"][0]["href"]).body == f"alto: {text}".encode()


@pytest.mark.parametrize(
    "name", ["os.system", "engine.cli.run", "../x", "Say\x00", "say", "__init__"]
)
def test_a35_a_type_is_a_key_in_a_fixed_table(server: Server, name: str) -> None:
    problems = server.api("POST", "check", {"workflow": document(a={"type": name})}).json[
        "problems"
    ]

    assert [problem["code"] for problem in problems] == ["unknown-type"]


def memory_of(server: Server) -> int:
    """Resident memory of the server, in kB."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))
