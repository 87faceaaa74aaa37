from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.amounts import counted, read_size, seconds_text, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("20GB", 20_000_000_000), ("1.5 kb", 1500), ("0", 0), ("7b", 7),
     ("none", None), ("NONE", None), ("2TB", 2 * 10**12)],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text: str, size: int | None) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "1e9", "20 GiB", "5XB", "GB", "1.GB", "٣GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a size like 500MB.*got"):
        read_size(text)


@given(st.integers(0, 10**16))
def test_a_written_size_is_the_size_within_five_percent(size: int) -> None:
    written = read_size(size_text(size).replace("bytes", "").replace("byte", "").strip())

    assert written is not None
    assert abs(written - size) <= 0.05 * size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.004, "0.00 s"), (6.214, "6.21 s"), (59.994, "59.99 s"), (60, "1 min 0 s"),
     (125, "2 min 5 s"), (7325, "2 h 2 min")],
)  # fmt: skip
def test_durations_are_written_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_one_is_not_many() -> None:
    assert (counted(1, "file"), counted(0, "file"), counted(12345, "file")) == (
        "1 file",
        "0 files",
        "12,345 files",
    )
