"""What a port is, and the marks that describe one inside `Annotated[...]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Fact = int | str
Facts = Mapping[str, Fact]
Root = Literal["models", "inputs"]

NO_FACTS: Facts = MappingProxyType({})
VALUE = "value"
"""The fact by which the output of a node that only passes on what is written in it tells it."""
SHA256_FORM = "[0-9a-f]{64}"
MAX_SEED = 2**53 - 1  # above it a JSON number in a browser loses digits
SCALARS: tuple[type, ...] = (bool, int, float, str)


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both included; `step` is what an editor's arrows add."""

    ge: float | None = None
    le: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Text:
    """How a string is edited, and how long it may be in characters."""

    multiline: bool = False
    max_length: int = 4000


@dataclass(frozen=True)
class Seed:
    """Marks the integer that `--count N` increments; it is bounded by 0 and 2**53 - 1."""


@dataclass(frozen=True)
class Stem:
    """Marks a string that starts the names of result files: `stem`, or `folder/stem`."""


@dataclass(frozen=True)
class Choices:
    """The allowed strings, where they come from data; else write a `Literal`."""

    of: tuple[str, ...]


@dataclass(frozen=True)
class Unkeyed:
    """Marks a setting that does not change the result, so it is not in the cache key."""


@dataclass(frozen=True)
class Lazy:
    """Marks a link that is only computed when the node's `needs` asks for it."""


@dataclass(frozen=True)
class Output:
    """Names the single output of a node; by default its class in snake_case."""

    name: str


class Told(NamedTuple):
    """Something known about a file: the fact, its value, who or what says so."""

    fact: str
    value: str
    source: str = ""


@dataclass(frozen=True)
class File:
    """A file below one of the declared roots.

    All three functions run before anything is computed and read headers at most.

    Attributes:
        root: Which folders it may be in.
        suffixes: What its name may end in: suffixes with their dot, or whole names.
        check: Raises ValueError with a sentence when the file is unfit.
        beside: Names further files that belong to it, relative to its folder and inside it; their
            contents count as much as its own.
        tell: What there is to know about a file; raises ValueError when it is unfit.
        instead: What to do with files of other suffixes that people will try.
    """

    root: Root
    suffixes: tuple[str, ...]
    check: Callable[[Path], None] | None = None
    beside: Callable[[Path], Iterable[str]] | None = None
    tell: Callable[[Path], Iterable[Told]] | None = None
    instead: Mapping[str, str] = field(default_factory=dict, hash=False)

    def takes(self, name: str) -> bool:
        """Whether a file of this name may be given, whatever is in it."""
        return name.lower().endswith(self.suffixes)

    def remedy(self, name: str) -> str:
        """What to do with a file that it does not take; empty where nothing is known."""
        return self.instead.get(Path(name).suffix.lower(), "")


@dataclass(frozen=True)
class FileRef:
    """A file as a node receives it.

    Attributes:
        name: As the workflow writes it.
        sha256: Digest of its bytes.
        path: Its place.
        beside: The further files that belong to it, named relative to its folder.
    """

    name: str
    sha256: str
    path: Path
    beside: tuple[FileRef, ...] = ()

    @property
    def all(self) -> tuple[FileRef, ...]:
        """The file and those that belong to it."""
        return (self, *self.beside)


class Of:
    """Facts of a link's type: `Annotated[Latent, Of(c="c", f=8)]`.

    One lower-case letter is a variable that unifies across the ports of its node;
    any other value is a constant.
    """

    def __init__(self, **facts: Fact) -> None:
        self.facts: Facts = MappingProxyType(facts)

    def __repr__(self) -> str:
        return f"Of({', '.join(f'{name}={value!r}' for name, value in self.facts.items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Of) and dict(self.facts) == dict(other.facts)

    def __hash__(self) -> int:
        return hash(frozenset(self.facts.items()))


@dataclass(frozen=True)
class Absent:
    """What `infer` says of an output that this step will not have, and why."""

    reason: str


def is_variable(fact: Fact) -> bool:
    """Tell whether a fact is a variable: one lower-case letter."""
    return isinstance(fact, str) and len(fact) == 1 and fact.isalpha() and fact.islower()


@dataclass(frozen=True)
class Port:
    """One input of a node. `kind` is `setting`, `file`, `link` or `links` (an ordered list)."""

    name: str
    kind: Literal["setting", "file", "link", "links"]
    type: type
    help: str
    required: bool = True
    default: Any = None
    nullable: bool = False
    choices: tuple[Any, ...] | None = None
    bounds: Range = field(default_factory=Range)
    text: Text | None = None
    stem: bool = False
    seed: bool = False
    keyed: bool = True
    file: File | None = None
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    lazy: bool = False
    variable: str = ""  # name of the type variable, when any one type may be linked

    @property
    def type_name(self) -> str:
        """The name people read: `int`, `Latent`, `file`; a variable's own name."""
        return "file" if self.kind == "file" else self.variable or self.type.__name__


@dataclass(frozen=True)
class OutputPort:
    """One output of a node."""

    name: str
    type: type
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    variable: str = ""  # name of the type variable it shares with an input

    @property
    def type_name(self) -> str:
        """The name people read: `int`, `Latent`; a variable's own name."""
        return self.variable or self.type.__name__
