"""The node API: all of the engine that nodes may import.

A node is a typed function. Its signature and docstring are the only source of ports, bounds,
defaults, schema and help::

    @node("Decode", version=1, category="latent diffusion")
    def decode(autoencoder: Annotated[Autoencoder, Of(c="c")], latent: Annotated[Latent, Of(c="c")],
               tile: Annotated[int, Range(ge=0, step=64)] = 0) -> Image:
        ...

Raise `version` when equal inputs give other outputs: it is part of the cache key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, runtime_checkable

from engine.declaration import Declaration, declare
from engine.errors import Cancelled, NodeError, StepError
from engine.ports import (
    Absent,
    Choices,
    Fact,
    Facts,
    File,
    FileRef,
    Of,
    Output,
    OutputPort,
    Port,
    Range,
    Seed,
    Stem,
    Text,
    Unkeyed,
)

__all__ = [
    "Absent",
    "Cancelled",
    "Choices",
    "Context",
    "Fact",
    "Facts",
    "File",
    "FileRef",
    "Inference",
    "Node",
    "NodeError",
    "Of",
    "Output",
    "OutputPort",
    "Port",
    "Range",
    "Seed",
    "Settings",
    "Stem",
    "StepError",
    "Storable",
    "Text",
    "Unkeyed",
    "node",
]

P = ParamSpec("P")
R = TypeVar("R")
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


@dataclass(frozen=True)
class Settings:
    """How this run computes: `device` is where, `numerics` is the compute type."""

    device: str = "cpu"
    numerics: str = "float32"


class Context(Protocol):
    """What a running step may ask of the engine; annotate a parameter with it to get one."""

    @property
    def settings(self) -> Settings:
        """Device and numerics of this run."""

    def progress(self, done: int, total: int, **figures: float) -> None:
        """Report `done` of `total`; raises `Cancelled` when the run is cancelled."""

    def preview(self, value: Storable) -> None:
        """Offer an unfinished value for display; dropped when nobody watches."""

    def resource(self, key: str, load: Callable[[], T]) -> T:
        """Return what `load` made for `key`, from the weight cache of this process."""

    def blob(self, sha256: str) -> Path:
        """Locate a file input of this run, or a file kept in the store, by its digest."""

    def keep(self, path: Path) -> str:
        """Put a file this step made into the store and return its sha256."""

    def scratch(self) -> Path:
        """Folder of this step that survives a kill and is removed when the step succeeds."""

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


@dataclass(frozen=True)
class Inference:
    """What `infer` sees before a run.

    Attributes:
        settings: Values of settings and files (as `FileRef`); None where linked or unknown.
        facts: Facts of linked inputs by port name.
    """

    settings: Mapping[str, Any]
    facts: Mapping[str, Facts]


Infer = Callable[[Inference], Mapping[str, Facts | Absent] | None]


@dataclass(frozen=True, eq=False)
class Node(Generic[P, R]):
    """A declared node; calling it calls its function."""

    name: str
    version: int
    category: str
    effect: bool
    title: str
    infer: Infer | None
    function: Callable[P, R]
    declaration: Declaration

    @property
    def inputs(self) -> Mapping[str, Port]:
        """Input ports by name, in the order of the signature."""
        return self.declaration.inputs

    @property
    def outputs(self) -> Mapping[str, OutputPort]:
        """Output ports by name."""
        return self.declaration.outputs

    @property
    def help(self) -> str:
        """The docstring without its sections."""
        return self.declaration.help

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, as if it had never been declared."""
        return self.function(*args, **kwargs)


def node(
    name: str,
    *,
    version: int,
    category: str,
    effect: bool = False,
    infer: Infer | None = None,
    title: str | None = None,
) -> Callable[[Callable[P, R]], Node[P, R]]:
    """Declare a node from a typed, documented function.

    Args:
        name: The type name workflows use, such as `Decode`.
        version: Raise it when equal inputs give other outputs.
        category: Where editors list it.
        effect: The node acts on the world (saves a file); it is what a run is for.
        infer: Pure function from facts and settings to facts of the outputs, `Absent` for an
            output there will be none of; it may raise ValueError with a sentence, which becomes
            a problem of the step.
        title: What editors show; `name` by default.

    Raises:
        NodeError: When the declaration is incomplete or contradicts itself.
    """

    def wrap(function: Callable[P, R]) -> Node[P, R]:
        declaration = declare(function, context=Context)
        return Node(name, version, category, effect, title or name, infer, function, declaration)

    return wrap
