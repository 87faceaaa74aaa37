"""Which way a graph goes: nodes that decide what is computed at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, TypeVar

from engine.node import VALUE, Facts, Inference, Lazy, Output, Range, node

T = TypeVar("T")


def _needs(settings: Mapping[str, Any]) -> Collection[str]:
    return (settings["use"],)


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    """Pass the facts of the chosen input on; of both, while the choice is open, what they share."""
    chosen = given.settings["use"]
    names = [chosen] if chosen else ["first", "second"]
    found = [given.facts[name] for name in names if name in given.facts]
    if not found:
        return None
    shared = {k: v for k, v in found[0].items() if all(facts.get(k) == v for facts in found)}
    return {"value": shared}


@node("Switch", version=1, category="flow", needs=_needs, infer=_infer)
def switch(
    use: Literal["first", "second"] = "first",
    first: Annotated[T | None, Lazy()] = None,
    second: Annotated[T | None, Lazy()] = None,
) -> T:
    """Pass one of two inputs on; the steps that only the other one needs are not run.

    Args:
        use: Which one; link it to let the graph decide while it runs.
        first: Any value ...
        second: ... and another of the same type.
    """
    chosen = first if use == "first" else second
    if chosen is None:
        raise ValueError(f"`{use}` is asked for but not linked; link it, or use the other one")
    return chosen


def _infer_number(given: Inference) -> Mapping[str, Facts]:
    """What is written here is known before a run."""
    number = given.settings["value"]
    return {} if number is None else {"value": {VALUE: number}}


@node("Integer", version=1, category="flow", infer=_infer_number)
def integer(
    value: Annotated[int, Range(ge=-(2**53), le=2**53, step=1)] = 0,
) -> Annotated[int, Output("value")]:
    """Write a whole number once, and link it to every setting that it is for.

    Args:
        value: The number.
    """
    return value
