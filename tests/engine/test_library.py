"""The workflow library: whole files, conflicts told, nothing lost, no name that leads out."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.library import (
    BadNameError,
    ConflictError,
    Library,
    LibraryError,
    MissingError,
    TooLargeError,
    etag_of,
)
from engine.workflow import MAX_BYTES

ROOT = Path(__file__).parents[2]
ODD = (
    b'\xef\xbb\xbf{"format": "latentgraph/1",\r\n "nodes": {"x": {"type": "Unknown", "k": 1e400}}}'
)

ESCAPES = (
    "../up", "..", ".", "", "a/../../b", "/etc/passwd", "C:x", "\\\\host\\share", "a\\b", "a\x00b",
    "a::$DATA", "CON", "nul", "com1.x", "lpt\u00b9", "conin$", "name.", "name ", " name", "a" * 201,
    "%2e%2e/x/y", "a/b/c", ".hidden", ".workflows.kept", "a\nb", "\u202eabc", "x" * 5000,
    "workflow.schema",
)  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "workflows")


def test_a_file_comes_back_byte_for_byte_whatever_it_is(library: Library) -> None:
    etag = library.write("odd", ODD, None)

    assert library.read("odd").data == ODD
    assert library.read("odd").etag == etag == etag_of(ODD)
    assert [item.name for item in library.all()] == ["odd"]


def test_a_folder_may_stand_before_a_name(library: Library) -> None:
    library.write("shapes/inpaint", b"{}", None)
    library.write("plain", b"{}", None)

    assert [item.name for item in library.all()] == ["plain", "shapes/inpaint"]
    assert (library.folder / "shapes/inpaint.json").read_bytes() == b"{}"


def test_what_was_changed_elsewhere_is_not_overwritten(library: Library) -> None:
    seen = library.write("a", b"mine", None)
    theirs = library.write("a", b"theirs", seen)

    with pytest.raises(ConflictError, match="keep yours, keep theirs") as refused:
        library.write("a", b"mine again", seen)
    assert (refused.value.expected, refused.value.found) == (seen, theirs)
    assert library.read("a").data == b"theirs"


def test_a_new_file_takes_nobody_elses_place(library: Library) -> None:
    library.write("a", b"first", None)

    with pytest.raises(ConflictError):
        library.write("a", b"second", None)


def test_a_file_that_is_gone_is_a_conflict_for_who_saw_it(library: Library) -> None:
    seen = library.write("a", b"1", None)
    library.delete("a", seen)

    with pytest.raises(ConflictError) as refused:
        library.write("a", b"2", seen)
    assert refused.value.found is None
    with pytest.raises(MissingError):
        library.read("a")
    with pytest.raises(MissingError):
        library.delete("a", None)


def test_what_is_replaced_or_deleted_stays_among_the_versions(library: Library) -> None:
    first = library.write("a", b"one", None)
    library.write("a", b"two", first)
    library.delete("a", etag_of(b"two"))
    versions = library.versions.of("a")

    assert [library.versions.read("a", version.number) for version in versions] == [b"two", b"one"]
    assert library.versions.of("b") == []
    assert library.versions.read("a", 99) is None
    assert library.all() == []


def test_versions_are_bounded(tmp_path: Path) -> None:
    library = Library(tmp_path / "workflows")
    library.versions._most = 3
    etag = None
    for number in range(8):
        etag = library.write("a", b"%d" % number, etag)

    kept = [library.versions.read("a", found.number) for found in library.versions.of("a")]
    assert kept == [b"6", b"5", b"4"]


def test_saving_the_same_bytes_again_makes_no_version(library: Library) -> None:
    etag = library.write("a", b"same", None)
    assert library.write("a", b"same", etag) == etag
    assert library.versions.of("a") == []


def test_a_draft_leaves_the_file_alone_and_only_the_newest_stays(library: Library) -> None:
    library.write("a", b"saved", None)
    library.save_draft("a", b"draft 1\n2")
    library.save_draft("a", b"draft 2")
    library.save_draft("never saved", b"draft 3")

    draft = library.draft("a")
    assert draft is not None
    assert draft.data == b"draft 2"
    assert library.read("a").data == b"saved"
    assert {found.name for found in library.drafts()} == {"a", "never saved"}
    library.drop_draft("a")
    assert library.draft("a") is None
    assert [item.name for item in library.all()] == ["a"]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_could_lead_out_is_refused_everywhere(library: Library, name: str) -> None:
    for act in (
        lambda: library.read(name),
        lambda: library.write(name, b"", None),
        lambda: library.delete(name, None),
        lambda: library.save_draft(name, b""),
    ):
        with pytest.raises(BadNameError):
            act()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.text("./\\:%~$ \x00CONnul", max_size=12))
def test_whatever_the_name_a_file_is_written_inside_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    root = tmp_path_factory.mktemp("library")
    library = Library(root / "workflows")
    try:
        library.write(name, b"x", None)
    except BadNameError:
        assert list(root.iterdir()) == []
        return
    (written,) = (path for path in root.rglob("*") if path.is_file())
    assert written.is_relative_to(root / "workflows")
    assert [item.name for item in library.all()] == [name]
    assert library.read(name).data == b"x"


def test_links_that_lead_out_are_neither_listed_nor_followed(
    library: Library, tmp_path: Path
) -> None:
    library.write("inside", b"{}", None)
    (tmp_path / "secret.json").write_text("secret")
    (library.folder / "file.json").symlink_to(tmp_path / "secret.json")
    (library.folder / "folder").symlink_to(tmp_path)

    assert [item.name for item in library.all()] == ["inside"]
    for name in ("file", "folder/secret", "folder/new"):
        with pytest.raises(BadNameError):
            library.write(name, b"x", None)
        with pytest.raises(BadNameError):
            library.read(name)
    assert (tmp_path / "secret.json").read_text() == "secret"


def test_the_library_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "workflows").symlink_to(tmp_path / "real")
    Library(tmp_path / "workflows").write("a", b"x", None)

    assert (tmp_path / "real/a.json").read_bytes() == b"x"


def test_what_is_no_plain_file_is_not_waited_for(library: Library) -> None:
    library.write("a", b"x", None)
    os.mkfifo(library.folder / "pipe.json")
    (library.folder / "folder.json").mkdir()

    assert [item.name for item in library.all()] == ["a"]
    for name in ("pipe", "folder"):
        with pytest.raises(LibraryError):
            library.read(name)


def test_what_no_workflow_can_be_is_refused(library: Library) -> None:
    with pytest.raises(TooLargeError):
        library.write("a", bytes(MAX_BYTES + 1), None)
    with pytest.raises(TooLargeError):
        library.save_draft("a", bytes(MAX_BYTES + 1))
    assert library.all() == []


def test_of_writers_at_once_one_wins_and_the_others_are_told(library: Library) -> None:
    seen = library.write("a", b"start", None)
    told: list[str] = []

    def write(number: int) -> None:
        try:
            told.append(library.write("a", b"%d" % number, seen))
        except ConflictError:
            told.append("conflict")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told.count("conflict") == 7
    assert library.read("a").etag in told


WRITER = """
import sys
from pathlib import Path
from engine.library import Library
library = Library(Path(sys.argv[1]))
etag = library.read("a").etag
for number in range(10**9):
    etag = library.write("a", b"%d " % number * 20000, etag)
    if number == 0:
        print("begun", flush=True)
"""


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(library: Library) -> None:
    library.write("a", b"start", None)

    for pause in (0.0, 0.003, 0.01, 0.02, 0.035, 0.05):
        words = [sys.executable, "-c", WRITER, str(library.folder)]
        writer = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

        data = library.read("a").data
        number = data.split()[0]
        assert data == number + b" " + (number + b" ") * 19999
        assert [item.name for item in library.all()] == ["a"]
        for version in library.versions.of("a"):
            assert library.versions.read("a", version.number) is not None
        library.write("a", data, etag_of(data))
