"""Reading PNG files: texts and pixels as they are, damage and bombs as sentences."""

import contextlib
import random
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import WorkflowError
from engine.png import read_text, same_pixels
from tests.engine.pngs import assembled, chunks_of, itxt, png

ROWS = [bytes(range(start, start + 12)) for start in (0, 30, 7, 200)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "picture.png"


def with_chunk(data: bytes, chunk: tuple[bytes, bytes]) -> bytes:
    header, *rest = chunks_of(data)
    return assembled([header, chunk, *rest])


@pytest.mark.parametrize("text", ["", "plain", "Gr\u00fc\u00dfe \U0001f600", "x" * 5000])
def test_a_text_comes_back_as_it_was_written(path: Path, text: str) -> None:
    path.write_bytes(png(ROWS, {"other": "no", "mine": text}))

    assert read_text(path, "mine", 10_000) == text.encode()
    assert read_text(path, "min", 10_000) is None


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "packed"])
def test_other_programs_write_texts_otherwise(path: Path, kind: str) -> None:
    chunk = {
        "tEXt": (b"tEXt", b"mine\0words"),
        "zTXt": (b"zTXt", b"mine\0\0" + zlib.compress(b"words")),
        "packed": itxt("mine", b"words", packed=True),
    }[kind]
    path.write_bytes(with_chunk(png(ROWS), chunk))

    assert read_text(path, "mine", 100) == b"words"


def test_a_text_that_inflates_without_end_is_refused_at_its_limit(path: Path) -> None:
    bomb = itxt("mine", bytes(200_000_000), packed=True)
    path.write_bytes(with_chunk(png(ROWS), bomb))
    started = time.monotonic()

    with pytest.raises(WorkflowError, match="larger than"):
        read_text(path, "mine", 1_000_000)
    assert time.monotonic() - started < 1


def test_a_text_is_not_read_before_its_length_is_known_to_be_allowed(path: Path) -> None:
    path.write_bytes(png(ROWS)[:33] + struct.pack(">I4s", 2**31, b"iTXt") + b"mine\0\0\0\0\0x")

    with pytest.raises(WorkflowError, match="larger than"):
        read_text(path, "mine", 1000)


def test_a_text_that_is_there_twice_is_refused(path: Path) -> None:
    path.write_bytes(with_chunk(png(ROWS, {"mine": "one"}), itxt("mine", b"two")))

    with pytest.raises(WorkflowError, match="twice"):
        read_text(path, "mine", 1000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(min_size=15, max_size=15), min_size=1, max_size=8),
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
)
def test_pixels_are_the_same_however_they_are_filtered(
    tmp_path_factory: pytest.TempPathFactory, rows: list[bytes], filters: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("pngs")
    one, other, changed = folder / "one.png", folder / "other.png", folder / "changed.png"
    one.write_bytes(png(rows))
    other.write_bytes(png(rows, {"a": "note"}, filters))
    touched = bytearray(rows[-1])
    touched[7] ^= 1
    changed.write_bytes(png([*rows[:-1], bytes(touched)], None, filters))

    assert same_pixels(one, other)
    assert not same_pixels(one, changed)


def test_pictures_of_other_sizes_are_not_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(ROWS))
    (tmp_path / "b.png").write_bytes(png(ROWS[:3]))

    assert not same_pixels(tmp_path / "a.png", tmp_path / "b.png")


def test_pixels_beyond_the_header_are_refused_without_inflating_them(tmp_path: Path) -> None:
    header, _, end = chunks_of(png(ROWS))
    bomb = zlib.compress(bytes(300_000_000), 9)
    (tmp_path / "a.png").write_bytes(assembled([header, (b"IDAT", bomb), end]))
    started = time.monotonic()

    with pytest.raises(WorkflowError, match="more pixels"):
        same_pixels(tmp_path / "a.png", tmp_path / "a.png")
    assert time.monotonic() - started < 1


def test_no_damage_gives_anything_but_a_sentence(path: Path) -> None:
    sound = with_chunk(png(ROWS, {"mine": "words"}), itxt("packed", b"words" * 9, packed=True))
    luck = random.Random(7)  # noqa: S311 - any bytes will do
    for _ in range(1500):
        data = bytearray(sound)
        for _ in range(luck.randint(1, 4)):
            data[luck.randrange(len(data))] = luck.randrange(256)
        path.write_bytes(data[: luck.randint(1, len(data))] if luck.random() < 0.3 else data)
        for act in (
            lambda: read_text(path, "mine", 100),
            lambda: read_text(path, "packed", 100),
            lambda: same_pixels(path, path),
        ):
            with contextlib.suppress(WorkflowError):
                act()
