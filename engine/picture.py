"""Unfinished values as a server sees them: pictures it may pass on, and bytes it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Picture:
    """A small picture of an unfinished value, for `ctx.preview`.

    Attributes:
        mime: Media type: image/png, image/jpeg or image/webp.
        data: The file.
    """

    mime: str
    data: bytes

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def to_bytes(self) -> bytes:
        """Encode: media type, line feed, file."""
        return self.mime.encode() + b"\n" + self.data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Decode what `to_bytes` wrote."""
        mime, _, file = data.partition(b"\n")
        return cls(mime.decode(), file)


@dataclass(frozen=True)
class Unopened:
    """A value of any other kind: decoding it would load the libraries of its node."""

    data: bytes

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def to_bytes(self) -> bytes:
        """Give the bytes back."""
        return self.data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Keep the bytes."""
        return cls(data)


def shown_type(name: str) -> type[Picture] | type[Unopened]:
    """Find the class of a preview by its name."""
    return Picture if name == Picture.__name__ else Unopened
