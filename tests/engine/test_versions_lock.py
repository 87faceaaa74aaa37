"""A pack of nodes whose code changes, and what its lock says of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.versions.__main__ import main

SOURCE = '''
from engine.node import node

FACTOR = 2

def helper(x: int) -> int:
    return x * FACTOR

@node("Work", version={work}, category="x")
def work(a: int) -> int:
    """Work.

    Args:
        a: A number.
    """
    return helper(a)

@node("Rest", version={rest}, category="x")
def rest(a: int) -> int:
    """Rest.

    Args:
        a: A number.
    """
    return a
'''


@dataclass
class Pack:
    """A package of two nodes on disk, and the command that guards it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, work: int = 1, rest: int = 1, **changes: str) -> None:
        """Write the code with some texts replaced."""
        text = SOURCE.format(work=work, rest=rest)
        for old, new in changes.items():
            text = text.replace(old, new)
        (self.folder / "toypack" / "toys.py").write_text(text)

    def run(self, *words: str) -> tuple[int, str]:
        """Run the command as a new process would; return its exit code and all it says."""
        for name in [name for name in sys.modules if name.startswith("toypack")]:
            del sys.modules[name]
        code = main(["toypack.pack", *words])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    @property
    def lock(self) -> Path:
        return self.folder / "toypack" / "versions.lock.json"


@pytest.fixture
def pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pack]:
    folder = tmp_path / "toypack"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "pack.py").write_text("from toypack import toys\nMODULES = (toys,)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two writes within one second
    found = Pack(tmp_path, capsys)
    found.write()
    assert found.run("--write")[0] == 0
    yield found
    for name in [name for name in sys.modules if name.startswith("toypack")]:
        del sys.modules[name]


def test_what_is_locked_and_unchanged_agrees(pack: Pack) -> None:
    code, said = pack.run()

    assert code == 0
    assert "2 nodes agree" in said


def test_changed_code_under_an_old_version_names_the_node_the_definition_and_the_commands(
    pack: Pack,
) -> None:
    pack.write(FACTOR="SCALE")
    code, said = pack.run()

    assert code == 1
    assert "Work: " in said
    assert "toypack.toys:SCALE" in said
    assert "toypack.toys:helper" in said
    assert "the version is still 1" in said
    assert "`python -m engine.versions toypack.pack --write`" in said
    assert '`python -m engine.versions toypack.pack --same-results "why"`' in said
    assert "Rest" not in said


def test_changed_code_is_not_locked_without_a_version_or_a_reason(pack: Pack) -> None:
    before = pack.lock.read_text()
    pack.write(FACTOR="SCALE")
    code, said = pack.run("--write")

    assert code == 2
    assert "Work: " in said
    assert pack.lock.read_text() == before


def test_a_raised_version_is_locked_once_written(pack: Pack) -> None:
    pack.write(work=2, FACTOR="SCALE")
    told = pack.run()

    assert told[0] == 1
    assert "Work: version 1 -> 2 is not locked" in told[1]
    assert pack.run("--write")[0] == 0
    assert pack.run()[0] == 0


def test_the_same_results_are_noted_with_the_reason_until_the_version_is_raised(
    pack: Pack,
) -> None:
    pack.write(FACTOR="SCALE")
    assert pack.run("--same-results", "only a name")[0] == 0
    noted = json.loads(pack.lock.read_text())["nodes"]
    pack.write(work=2, FACTOR="SCALE")
    assert pack.run("--write")[0] == 0
    raised = json.loads(pack.lock.read_text())["nodes"]

    assert noted["Work"]["same-results"] == "only a name"
    assert "same-results" not in noted["Rest"]
    assert "same-results" not in raised["Work"]


@pytest.mark.parametrize("words", [(), ("--write",), ("--same-results", "why")])
def test_a_lowered_version_is_never_accepted(pack: Pack, words: tuple[str, ...]) -> None:
    pack.write(work=3)
    pack.run("--write")
    pack.write(work=2)
    code, said = pack.run(*words)

    assert code != 0
    assert "Give it version 4" in said


def test_a_node_that_is_gone_is_told_and_its_versions_are_not_used_again(pack: Pack) -> None:
    pack.write(Rest="Sleep")
    gone = pack.run()
    written = pack.run("--write")
    pack.write()
    back = pack.run("--write")
    pack.write(rest=2)

    assert "Sleep is not in the lock" in gone[1]
    assert "Rest is in the lock but is no node any more" in gone[1]
    assert written[0] == 0
    assert "Rest: version 1 was taken before" in back[1]
    assert pack.run("--write")[0] == 0


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', "\xff"])
def test_a_file_that_is_no_lock_is_refused(pack: Pack, text: str) -> None:
    pack.lock.write_text(text, "latin-1")
    code, said = pack.run()

    assert code == 2
    assert "is no lock file of versions; restore it, or delete it" in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("toypack.nothing", "cannot be imported"), ("toypack.toys", "has no MODULES")],
)
def test_a_wrong_pack_is_refused(pack: Pack, name: str, sentence: str) -> None:
    assert main([name]) == 2
    assert sentence in pack.capsys.readouterr().err
