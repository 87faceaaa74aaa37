from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import OutputError, StepError
from engine.results import Results


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results({"output": tmp_path / "out", "preview": tmp_path / "preview"})


def test_numbered_files_count_on_and_never_overwrite(results: Results, tmp_path: Path) -> None:
    first = results.save("output", "photo", ".png", b"1", numbered=True)
    (tmp_path / "out" / "photo_00007.png").write_bytes(b"7")
    second = results.save("output", "photo", ".png", b"2", numbered=True)

    assert (first.file, second.file) == ("photo_00001.png", "photo_00008.png")
    assert (tmp_path / "out" / "photo_00001.png").read_bytes() == b"1"


def test_an_unnumbered_file_is_replaced(results: Results, tmp_path: Path) -> None:
    results.save("output", "model", ".bin", b"1", numbered=False)
    results.save("output", "model", ".bin", b"2", numbered=False)

    assert (tmp_path / "out" / "model.bin").read_bytes() == b"2"
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_folder_may_stand_before_the_name(results: Results, tmp_path: Path) -> None:
    artifact = results.save("output", "set/photo", ".png", b"1", numbered=True)

    assert artifact.file == "set/photo_00001.png"
    assert results.path(artifact) == tmp_path / "out" / "set" / "photo_00001.png"


def test_previews_go_to_their_own_folder(results: Results, tmp_path: Path) -> None:
    results.save("preview", "p", ".png", b"1", numbered=True)

    assert (tmp_path / "preview" / "p_00001.png").exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "stem",
    ["", "..", "../x", "/x", "a/b/c", "a//b", "a/..", "a\\b", "a\x00b", "a\nb", "C:x", "a/",
     "con", "NUL.txt", "x.", " x", "é" * 120, "a" * 121, "*", "\x1b[2J", "\u202egnp"],
)  # fmt: skip
def test_a_name_that_is_no_plain_name_is_refused(results: Results, stem: str) -> None:
    with pytest.raises(StepError, match="cannot name a result file"):
        results.save("output", stem, ".png", b"", numbered=True)


@pytest.mark.parametrize("suffix", ["", "png", "./x", ".p/g", "..", ".a.b.c"])
def test_an_odd_suffix_is_refused(results: Results, suffix: str) -> None:
    with pytest.raises(StepError, match="no file suffix"):
        results.save("output", "x", suffix, b"", numbered=True)


def test_a_link_in_the_output_folder_leads_nowhere_else(results: Results, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StepError, match="leads out of the output folder"):
        results.save("output", "link/x", ".png", b"", numbered=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@given(st.text(max_size=12))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    results = Results({"output": Path("/nonexistent/out"), "preview": Path("/nonexistent/p")})
    try:
        target = results._target(results.roots["output"], name, ".png")
    except StepError:
        return

    assert target.is_relative_to("/nonexistent/out")
    assert target != Path("/nonexistent/out")


def test_many_threads_saving_under_one_name_lose_nothing(results: Results, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: results.save("output", "x", ".txt", b"%d" % i, True), range(40)))
    saved = [path.read_bytes() for path in (tmp_path / "out").iterdir()]

    assert sorted(saved) == sorted(b"%d" % i for i in range(40))


def test_an_output_that_cannot_be_written_is_named(results: Results, tmp_path: Path) -> None:
    (tmp_path / "out").touch()

    with pytest.raises(OutputError, match="--output"):
        results.save("output", "x", ".png", b"", numbered=True)


def test_an_artifact_is_intact_while_its_bytes_are(results: Results) -> None:
    artifact = results.save("output", "x", ".txt", b"hello", numbered=True)

    assert results.intact(artifact)

    results.path(artifact).write_bytes(b"hellO")

    assert not results.intact(artifact)

    results.path(artifact).unlink()

    assert not results.intact(artifact)
