"""What values on links implement, and what a running step may ask of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from engine.ports import Facts

T = TypeVar("T")


@runtime_checkable
class Storable(Protocol):
    """What every class used on links implements, so that the engine can keep its values.

    Equal values must give equal bytes: the digest of the bytes is the value's identity.
    """

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""

    def to_bytes(self) -> bytes:
        """Encode the value."""

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Decode what `to_bytes` wrote."""


@runtime_checkable
class Described(Protocol):
    """What a class implements whose values know facts of their own type: sizes, channels."""

    @property
    def facts(self) -> Facts:
        """Facts by name, as in `Of(...)`."""


class Chain(Protocol):
    """The progress of one step as a hash chain: what it consumed so far names its checkpoints.

    Link i is the hash of link i - 1 and of what step i consumes, so two runs that begin alike share
    their first links however long they go on.
    """

    def resume(self) -> tuple[int, bytes] | None:
        """Return (n, data) of the furthest checkpoint: n links are done, `data` is the state."""

    def checkpoint(self, done: int, data: Callable[[], bytes]) -> None:
        """Offer the state after `done` links; it is asked for, and kept, when worth its while."""


@dataclass(frozen=True)
class Settings:
    """How this run computes.

    Attributes:
        device: Where.
        numerics: The compute type.
        threads: How many threads one step may use; None leaves it to the library that computes.
            Results are equal bit by bit only for equal numbers of threads.
    """

    device: str = "cpu"
    numerics: str = "reference"
    threads: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """A small picture of something unfinished, as a file that browsers show.

    Attributes:
        mime: Its media type.
        data: The file.
    """

    mime: str
    data: bytes

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    def to_bytes(self) -> bytes:
        """Media type, a line break, and the file."""
        return self.mime.encode() + b"\n" + self.data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        mime, _, file = data.partition(b"\n")
        return cls(mime.decode(), file)


class Context(Protocol):
    """What a running step may ask of the engine; annotate a parameter with it to get one."""

    @property
    def settings(self) -> Settings:
        """Device and numerics of this run."""

    def progress(self, done: int, total: int, **figures: float) -> None:
        """Report `done` of `total`; raises `Cancelled` when the run is cancelled."""

    def preview(self, value: Snapshot | Callable[[], Snapshot]) -> None:
        """Offer a picture of something unfinished for display.

        Give a function where it costs something to make: it is called a few times a second at most,
        a tenth of the time at most, and not at all when nobody watches.
        """

    def resource(self, key: str, load: Callable[[], T]) -> T:
        """Return what `load` made for `key`, from the weight cache of this process."""

    def blob(self, sha256: str) -> Path:
        """Locate a file input of this run, or a file kept in the store, by its digest."""

    def keep(self, path: Path) -> str:
        """Put a file this step made into the store and return its sha256."""

    def scratch(self) -> Path:
        """Folder of this step that survives a kill and is removed when the step succeeds."""

    def chain(self, start: Mapping[str, Any], links: Sequence[Any], without: str) -> Chain:
        """Open the chain of this step's checkpoints.

        Args:
            start: Plain values the state depends on from the beginning, in place of `without`.
            links: Plain values consumed one after another, such as pairs of sigmas.
            without: Name of the linked input that `start` and `links` describe, so that another
                value of it which begins alike shares the beginning of the chain.
        """

    def receipt(self) -> Mapping[str, str]:
        """Tell how the file that is saved next came about: texts to keep inside it, by name.

        Empty when the user wants none, and for nodes not declared with `receipt=True`.
        """

    def save(
        self,
        stem: str,
        suffix: str,
        data: bytes,
        numbered: bool = True,
        temporary: bool = False,
    ) -> Path:
        """Write a result file for the user and return its path.

        Args:
            stem: One safe path component, or `folder/stem`.
            suffix: With its dot, `.png`.
            data: The whole file.
            numbered: Write `stem_00001.png`, counting on, and never overwrite.
            temporary: Write to the store's preview folder instead of the output folder.
        """
