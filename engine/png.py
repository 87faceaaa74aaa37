"""PNG files as far as receipts need them: their texts and their pixels, from untrusted files.

Chunks are walked by their lengths and nothing is decompressed that is not asked for. A text is
read up to a limit, compressed or not; pixels are inflated to what the header promises, no further.
Source: PNG (Third Edition), W3C 2025, sections 5 (chunks), 7.3 and 9 (filtering), 11.3.3 (texts).
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import WorkflowError, reason

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXEL_BYTES = 1_000_000_000
_MAX_CHUNKS = 100_000
_READ = 1 << 20
_HEADER = struct.Struct(">IIBBBBB")
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type: samples a pixel
_TEXT_KINDS = (b"tEXt", b"zTXt", b"iTXt")


@dataclass(frozen=True)
class Header:
    """The first chunk: size in pixels, bits a sample, colour type, whether it is interlaced."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: int

    @property
    def pixel_bytes(self) -> int:
        """Bytes from one pixel to the next, at least one: what filters look back."""
        return max(1, _SAMPLES[self.colour] * self.depth // 8)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row, its filter type not counted."""
        return (self.width * _SAMPLES[self.colour] * self.depth + 7) // 8


def is_png(data: bytes) -> bool:
    """Tell whether bytes begin as a PNG file does."""
    return data.startswith(SIGNATURE)


def read_text(path: Path, name: str, limit: int) -> bytes | None:
    """Return the text a PNG keeps under a name; None when it keeps none.

    Args:
        path: The file.
        name: Keyword of the text.
        limit: Bytes it may have, inflated.

    Raises:
        WorkflowError: When the file is damaged, keeps two such texts, or one above the limit.
    """
    found = None
    for kind, length, file in _chunks(path):
        if kind not in _TEXT_KINDS:
            continue
        head = file.read(min(length, len(name) + 1))
        if head != name.encode() + b"\0":
            continue
        if found is not None:
            raise WorkflowError(f'the picture keeps the text "{name}" twice; which is meant?')
        if length > limit + 200:
            raise WorkflowError(f'the text "{name}" in the picture is larger than {limit} bytes.')
        found = _text(kind, file.read(length - len(head)), name, limit)
    return found


def same_pixels(one: Path, other: Path) -> bool:
    """Tell whether two PNG files show the same pixels, however they are compressed.

    Raises:
        WorkflowError: When one is damaged, interlaced or too large to compare.
    """
    first, second = _header(one), _header(other)
    if first != second:
        return False
    if _digest(_rows(one, first, filtered=True)) == _digest(_rows(other, second, filtered=True)):
        return _palette(one) == _palette(other)
    plain = (_digest(_rows(path, first, filtered=False)) for path in (one, other))
    return len(set(plain)) == 1 and _palette(one) == _palette(other)


def _chunks(path: Path) -> Iterator[tuple[bytes, int, BinaryIO]]:
    """Walk the chunks; the file stands where the data of each begins."""
    try:
        with path.open("rb") as file:
            if not is_png(file.read(len(SIGNATURE))):
                raise WorkflowError("this is no PNG file.")
            for _ in range(_MAX_CHUNKS):
                head = file.read(8)
                if len(head) < 8:
                    raise WorkflowError("the PNG file is cut off.")
                length, kind = struct.unpack(">I4s", head)
                begin = file.tell()
                yield kind, length, file
                if kind == b"IEND":
                    return
                file.seek(begin + length + 4)
    except OSError as error:
        raise WorkflowError(f"the picture cannot be read ({reason(error)}).") from None
    raise WorkflowError(f"the PNG file has more than {_MAX_CHUNKS} parts.")


def _text(kind: bytes, data: bytes, name: str, limit: int) -> bytes:
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        data = data[1:]
    elif kind == b"iTXt":
        packed = data[:1] == b"\1"
        data = data[2:].partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        data = _inflated(data, limit)
    if len(data) > limit:
        raise WorkflowError(f'the text "{name}" in the picture is larger than {limit} bytes.')
    return data


def _inflated(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, limit + 1)
    except zlib.error:
        raise WorkflowError("a compressed text in the picture is damaged.") from None


def _header(path: Path) -> Header:
    for kind, length, file in _chunks(path):
        data = file.read(_HEADER.size)
        if kind != b"IHDR" or length != len(data) or length != _HEADER.size:
            break
        width, height, depth, colour, _, _, interlaced = _HEADER.unpack(data)
        header = Header(width, height, depth, colour, interlaced)
        if colour not in _SAMPLES or depth not in (1, 2, 4, 8, 16) or interlaced > 1:
            break
        if interlaced or height * (header.row_bytes + 1) > MAX_PIXEL_BYTES:
            message = "the picture is interlaced or too large: another program wrote it."
            raise WorkflowError(message)
        return header
    raise WorkflowError("the PNG file is damaged: it has no sound header.")


def _palette(path: Path) -> list[bytes]:
    return [
        file.read(min(length, 1024))
        for kind, length, file in _chunks(path)
        if kind in (b"PLTE", b"tRNS")
    ]


def _rows(path: Path, header: Header, *, filtered: bool) -> Iterator[bytes]:
    """Give the rows of a picture, with their filter types or without any filter."""
    before = bytes(header.row_bytes)
    waiting = bytearray()
    count = 0
    for part in _pixel_data(path, header):
        waiting += part
        whole = len(waiting) // (header.row_bytes + 1) * (header.row_bytes + 1)
        for start in range(0, whole, header.row_bytes + 1):
            row = bytes(waiting[start : start + header.row_bytes + 1])
            if not filtered:
                row = before = _unfiltered(row, before, header.pixel_bytes)
            count += 1
            yield row
        del waiting[:whole]
    if count != header.height or waiting:
        raise WorkflowError("the PNG file is damaged: its pixels are not what its header says.")


def _pixel_data(path: Path, header: Header) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    room = header.height * (header.row_bytes + 1)
    for kind, length, file in _chunks(path):
        left = length if kind == b"IDAT" else 0
        while left and (packed := file.read(min(left, _READ))):
            left -= len(packed)
            while packed and not stream.eof:
                try:
                    part = stream.decompress(packed, _READ)
                except zlib.error:
                    raise WorkflowError("the PNG file is damaged: its pixels.") from None
                packed = stream.unconsumed_tail
                room -= len(part)
                if room < 0:
                    raise WorkflowError("the PNG file has more pixels than its header says.")
                yield part


def _unfiltered(row: bytes, above: bytes, back: int) -> bytes:
    kind, data = row[0], bytearray(row[1:])
    if kind >= len(_GUESSES):
        raise WorkflowError("the PNG file is damaged: it has a filter that does not exist.")
    if kind == 0:
        return bytes(data)
    guess = _GUESSES[kind]
    data[:0] = bytes(back)  # left of the first pixel all is 0
    above = bytes(back) + above
    for place in range(back, len(data)):
        around = data[place - back], above[place], above[place - back]
        data[place] = (data[place] + guess(*around)) & 0xFF
    return bytes(data[back:])


def _paeth(left: int, up: int, corner: int) -> int:
    """Return the neighbour nearest to left + up - corner; equation in section 9.4."""
    estimate = left + up - corner
    distances = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
    return (left, up, corner)[distances.index(min(distances))]


_GUESSES: tuple[Callable[[int, int, int], int], ...] = (
    lambda left, up, corner: 0,
    lambda left, up, corner: left,
    lambda left, up, corner: up,
    lambda left, up, corner: (left + up) >> 1,
    _paeth,
)
"""By filter type, what a byte is predicted to be from those left, above, and above left of it."""


def _digest(parts: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()
