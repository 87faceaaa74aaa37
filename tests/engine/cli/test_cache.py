from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.store import Store
from tests.engine.shell import Shell
from tests.engine.store.samples import age, key_of
from tests.engine.workbench import document, step


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A user's folder after one run: one small result, two larger ones, and a saved file."""
    shell = Shell(tmp_path)
    shell.write(
        document(
            say=step("Say", text="hello"),
            first=stretched("first", tmp_path, "@say.words"),
            join=stretched("join", tmp_path, "@first.words", "@say.words"),
            save=step("Save", words="@join.words"),
        )
    )
    assert shell.run().returncode == 0
    return shell


def stretched(name: str, folder: Path, *parts: str) -> dict[str, Any]:
    return step("Stretch", parts=list(parts), name=name, trace=str(folder / "trace"))


def cache(shell: Shell, *words: str) -> dict[str, Any]:
    done = shell.type("cache", *words, "--json")
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def keys(shell: Shell) -> dict[str, str]:
    steps = json.loads(shell.run("--plan", "--json").stdout.splitlines()[-1])["steps"]
    return {entry["step"]: entry["key"] for entry in steps}


def store(shell: Shell) -> Store:
    return Store(shell.folder / ".latentgraph")


def test_stats_count_what_is_there_by_node_type(shell: Shell) -> None:
    done = shell.type("cache", "stats")
    found = cache(shell, "stats")

    assert done.returncode == 0
    assert re.search(r"contents +2 files, .* KB, 0% of the limit of 20 GB", done.stdout)
    assert re.search(r"Stretch +2 +0\.\d\d s", done.stdout)
    assert (found["contents"], found["records"], found["quarantined"]) == (2, 4, 0)
    assert {row["type"]: row["records"] for row in found["types"]} == {
        "Say": 1, "Stretch": 2, "Save": 1,
    }  # fmt: skip


def test_stats_of_no_store_make_none(tmp_path: Path) -> None:
    done = Shell(tmp_path).type("cache", "stats")

    assert done.returncode == 2
    assert "there is no store in .latentgraph; a run makes one" in done.stderr
    assert not (tmp_path / ".latentgraph").exists()


def test_verify_moves_what_is_damaged_aside_and_the_next_run_makes_it_anew(shell: Shell) -> None:
    assert shell.type("cache", "verify").stdout == "read 2 contents and 4 records: sound\n"

    digest = store(shell).record(keys(shell)["join"]).blobs[0]  # type: ignore[union-attr]
    store(shell).contents.place(digest).write_bytes(b"not this")
    store(shell).actions.place(keys(shell)["say"]).write_bytes(b"nor this")
    done = shell.type("cache", "verify")

    assert done.returncode == 1
    assert f"damaged  {digest}, moved to" in done.stdout
    assert "2 damaged; they are computed again when needed" in done.stdout
    assert cache(shell, "stats")["quarantined"] == 2
    assert cache(shell, "verify")["damaged"] == []
    assert shell.run().returncode == 0


def test_gc_makes_room_and_a_later_run_gives_the_same(shell: Shell) -> None:
    before = shell.saved()
    done = shell.type("cache", "gc", "--store-limit", "0")

    assert done.returncode == 0
    assert re.search(r"freed +7\.\d KB \(2 contents, 0\.\d\d s to compute again\)", done.stdout)
    assert list(store(shell).contents) == []
    assert "0 computed" in shell.run().stdout
    for path in (shell.folder / "output").iterdir():
        path.unlink()
    assert shell.run().returncode == 0
    assert shell.saved() == before


def test_a_run_keeps_to_its_limit(shell: Shell) -> None:
    for digest, _ in store(shell).contents:
        age(store(shell).contents.place(digest), 3600)
    shell.write(
        document(
            say=step("Say", text="another"),
            other=stretched("other", shell.folder, "@say.words"),
            save=step("Save", words="@other.words"),
        )
    )
    done = shell.run("--store-limit", "9KB")

    assert re.search(r"freed +3\.8 KB \(1 content", done.stdout)
    assert sum(found.st_size for _, found in store(shell).contents) <= 9000


def test_explain_tells_where_a_result_comes_from(shell: Shell) -> None:
    shell.run()
    key = keys(shell)["join"]
    done = shell.type("cache", "explain", key[:8].upper())
    lines = {line[:9].strip(): line[10:] for line in done.stdout.splitlines()}

    assert lines["key"] == key
    assert lines["node"] == "Stretch version 1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d, in 0\.\d\d s; used 1 time since, .*",
                        lines["made"])  # fmt: skip
    assert re.fullmatch(r"parts: Words [0-9a-f]{12}, Words [0-9a-f]{12}", lines["input"])
    assert re.fullmatch(r"words: Words [0-9a-f]{12}, 3\.8 KB, in the store", lines["output"])
    assert lines["last in"].startswith("join of ")
    assert lines["last in"].endswith("w.json")


def test_explain_says_what_is_gone_and_what_was_saved(shell: Shell) -> None:
    shell.type("cache", "gc", "--store-limit", "0")
    told = {name: shell.type("cache", "explain", key).stdout for name, key in keys(shell).items()}

    assert "not in the store any more; it is made again when a step reads it" in told["first"]
    assert "inside the record" in told["say"]
    assert 'setting   text = "hello"' in told["say"]
    assert "saved     output: words_00001.txt" in told["save"]


def test_explain_knows_contents_by_digest_as_well(shell: Shell) -> None:
    key = keys(shell)["join"]
    digest = store(shell).record(key).blobs[0]  # type: ignore[union-attr]
    done = shell.type("cache", "explain", digest[:10])

    assert f"content   {digest}, 3.8 KB" in done.stdout
    assert f"made by   Stretch, key {key}" in done.stdout


def test_what_is_pinned_stays_until_it_is_unpinned(shell: Shell) -> None:
    key = keys(shell)["join"]

    assert shell.type("cache", "pin", key[:8], "--reason", "the best one").stdout == (
        f"pinned {key}\n"
    )
    assert cache(shell, "gc", "--store-limit", "0")["contents"] == 1
    assert cache(shell, "explain", key)["pinned"] == "the best one"
    assert "pinned    yes, the best one" in shell.type("cache", "explain", key).stdout
    assert cache(shell, "unpin", key[:8])["pinned"] is False
    assert cache(shell, "gc", "--store-limit", "0")["contents"] == 1
    assert list(store(shell).contents) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["explain", "abc"], '"abc" is no key; give at least 6 of its digits'),
        (["explain", "../../etc"], "is no key"),
        (["explain", "abcdef"], "no result and no content begins with abcdef"),
        (["pin", "abcdef"], "no result and no content begins with abcdef"),
        (["unpin", "abcdef"], "nothing pinned begins with abcdef"),
        (["explain"], "cache explain needs a KEY"),
        (["gc", "abcdef"], "cache gc takes no KEY"),
        (["dance"], "invalid choice: 'dance'"),
        ([], "the following arguments are required: COMMAND"),
        (["gc", "--store-limit", "much"], 'a size like 500MB or 20GB, or none, got "much"'),
    ],
)  # fmt: skip
def test_a_wrong_command_is_answered_with_a_sentence(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    Store(tmp_path / ".latentgraph")
    done = Shell(tmp_path).type("cache", *words)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_digits_that_fit_several_are_not_enough(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    kept = store(shell)
    pinned = ["abcdef" + key_of(number)[6:] for number in (1, 2)]
    for key in pinned:
        kept.pins.add(key, "")
    done = shell.type("cache", "unpin", "abcdef")

    assert done.returncode == 2
    assert "2 begin with abcdef (abcdef" in done.stderr
    assert "give more digits" in done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    done = Shell(tmp_path).type("cache", "--help")

    assert done.returncode == 0
    for name in ("stats", "verify", "gc", "explain", "pin", "unpin"):
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE)
