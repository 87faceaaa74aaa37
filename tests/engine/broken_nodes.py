"""Functions that cannot be nodes, each for one reason."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeVar

from engine.node import Choices, Context, FileRef, Range, Text
from tests.engine.toy_nodes import Words

T = TypeVar("T")


class Nameless(NamedTuple):
    """Two outputs, one of which cannot be kept."""

    good: int
    bad: object


def undocumented(a: int) -> int:
    return a


def unannotated(a) -> int:  # type: ignore[no-untyped-def]
    """Do.

    Args:
        a: A.
    """
    return int(a)


def resultless(a: int):  # type: ignore[no-untyped-def]
    """Do.

    Args:
        a: A.
    """
    return a


def forgotten(a: int, b: int) -> int:
    """Do.

    Args:
        a: A.
    """
    return a + b


def misnamed(a: int) -> int:
    """Do.

    Args:
        a: A.
        c: C.
    """
    return a


def out_of_range(a: Annotated[int, Range(ge=1)] = 0) -> int:
    """Do.

    Args:
        a: A.
    """
    return a


def out_of_choices(a: Annotated[str, Choices(("x",))] = "y") -> str:
    """Do.

    Args:
        a: A.
    """
    return a


def too_long(a: Annotated[str, Text(max_length=1)] = "yy") -> str:
    """Do.

    Args:
        a: A.
    """
    return a


def two_contexts(one: Context, two: Context) -> None:
    """Do."""


def none_for_int(a: int = None) -> int:  # type: ignore[assignment]  # noqa: RUF013
    """Do.

    Args:
        a: A.
    """
    return a


def default_link(a: Words = Words("")) -> None:  # noqa: B008
    """Do.

    Args:
        a: A.
    """


def unmarked_file(a: FileRef) -> None:
    """Do.

    Args:
        a: A.
    """


def dictionary(a: dict[str, int]) -> None:
    """Do.

    Args:
        a: A.
    """


def variadic(*a: int) -> None:
    """Do.

    Args:
        a: A.
    """


def mixed(a: Literal["x", 1]) -> None:
    """Do.

    Args:
        a: A.
    """


def keeps_nothing() -> object:
    """Do."""
    return object()


def keeps_half() -> Nameless:
    """Do."""
    return Nameless(1, 2)


def gives_anything(a: int) -> T:  # type: ignore[type-var]
    """Do.

    Args:
        a: A.
    """
    raise NotImplementedError
