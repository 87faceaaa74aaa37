"""Small PNG files, written with the standard library: any filter, any text, any damage."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.png import SIGNATURE

Chunk = tuple[bytes, bytes]


def png(
    rows: Iterable[bytes], notes: Mapping[str, str] | None = None, filters: Iterable[int] = (0,)
) -> bytes:
    """Write rows of RGB bytes; the filters take turns."""
    rows = list(rows)
    width = len(rows[0]) // 3
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    texts = [itxt(name, text.encode()) for name, text in (notes or {}).items()]
    pixels = zlib.compress(_filtered(rows, list(filters)))
    return assembled([(b"IHDR", header), *texts, (b"IDAT", pixels), (b"IEND", b"")])


def itxt(name: str, text: bytes, *, packed: bool = False) -> Chunk:
    """Make a text chunk."""
    data = zlib.compress(text, 9) if packed else text
    return b"iTXt", name.encode() + b"\0" + bytes([packed, 0]) + b"\0\0" + data


def assembled(chunks: Iterable[Chunk]) -> bytes:
    """Put chunks together, with their check sums."""
    parts = [SIGNATURE]
    for kind, data in chunks:
        parts += [struct.pack(">I", len(data)), kind, data]
        parts.append(struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


def chunks_of(data: bytes) -> list[Chunk]:
    """Take a sound file apart."""
    found, place = [], len(SIGNATURE)
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += length + 12
    return found


def edited(path: Path, name: str, change: Callable[[str], str | None]) -> None:
    """Change a text that a file keeps under a name; None takes it out."""
    chunks = []
    for kind, data in chunks_of(path.read_bytes()):
        head = name.encode() + b"\0\0\0\0\0"
        if kind != b"iTXt" or not data.startswith(head):
            chunks.append((kind, data))
        elif (text := change(data[len(head) :].decode())) is not None:
            chunks.append(itxt(name, text.encode()))
    path.write_bytes(assembled(chunks))


def text_of(path: Path, name: str) -> str:
    """Return a text that a file keeps."""
    head = name.encode() + b"\0\0\0\0\0"
    (found,) = (
        data[len(head) :]
        for kind, data in chunks_of(path.read_bytes())
        if kind == b"iTXt" and data.startswith(head)
    )
    return found.decode()


def _filtered(rows: list[bytes], filters: list[int]) -> bytes:
    """Filter rows as an encoder does: each byte less what is predicted from its neighbours."""
    written, above = bytearray(), bytes(len(rows[0]))
    for number, row in enumerate(rows):
        kind = filters[number % len(filters)]
        written.append(kind)
        for place, value in enumerate(row):
            left = row[place - 3] if place > 2 else 0
            corner = above[place - 3] if place > 2 else 0
            written.append((value - _guess(kind, left, above[place], corner)) & 0xFF)
        above = row
    return bytes(written)


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda near: abs(estimate - near))
    return (0, left, up, (left + up) // 2)[kind]
