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

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from engine.contract import Chain, Context, Described, Settings, Snapshot, Storable
from engine.declaration import Declaration, declare
from engine.errors import Cancelled, NodeError, OutOfMemoryError, StepError
from engine.estimate import Estimate, machine_bytes
from engine.ports import (
    VALUE,
    Absent,
    Choices,
    Fact,
    Facts,
    File,
    FileRef,
    Lazy,
    Of,
    Output,
    OutputPort,
    Port,
    Range,
    Seed,
    Stem,
    Text,
    Told,
    Unkeyed,
)
from engine.problems import Edit, Finding, Fix, NewStep

__all__ = [
    "VALUE",
    "Absent",
    "Cancelled",
    "Chain",
    "Choices",
    "Context",
    "Described",
    "Edit",
    "Estimate",
    "Fact",
    "Facts",
    "File",
    "FileRef",
    "Finding",
    "Fix",
    "Inference",
    "Lazy",
    "NewStep",
    "Node",
    "NodeError",
    "Of",
    "OutOfMemoryError",
    "Output",
    "OutputPort",
    "Port",
    "Range",
    "Seed",
    "Settings",
    "Snapshot",
    "Stem",
    "StepError",
    "Storable",
    "Text",
    "Told",
    "Unkeyed",
    "machine_bytes",
    "node",
]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Inference:
    """What `infer` sees before a run.

    Attributes:
        settings: Values of settings and files (as `FileRef`); None where linked to what only the
            run knows.
        facts: Facts of linked inputs by port name; of a list, what all its items share.
        items: Facts of each item of linked lists, in their order.
    """

    settings: Mapping[str, Any]
    facts: Mapping[str, Facts]
    items: Mapping[str, Sequence[Facts]] = field(default_factory=dict)


Infer = Callable[[Inference], Mapping[str, Facts | Absent] | None]
Review = Callable[[Inference], Iterable[Finding]]
Estimator = Callable[[Inference, Settings], Estimate | None]
Needs = Callable[[Mapping[str, Any]], Collection[str]]
Migration = Callable[[Mapping[str, Any]], Mapping[str, Any]]


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
    review: Review | None = None
    estimate: Estimator | None = None
    needs: Needs | None = None
    volatile: bool = False
    limit: str = "compute"
    receipt: bool = False
    migrations: Mapping[int, Migration] = field(default_factory=dict)

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
    review: Review | None = None,
    estimate: Estimator | None = None,
    needs: Needs | None = None,
    volatile: bool = False,
    limit: str = "compute",
    receipt: bool = False,
    migrations: Mapping[int, Migration] | None = None,
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
        review: Pure function that yields what is wrong or doubtful about the inputs, with fixes; it
            is asked before a run with what is known then, and again at the run with everything.
        estimate: Pure function that says about how much memory a step will take, from what is known
            before a run and how it computes; None where too little is known.
        needs: For nodes with `Lazy` links: which of them to compute, from the values of all other
            inputs; the rest are None.
        volatile: Equal inputs may give other outputs (a clock, a camera), so it runs every time;
            what stands below it is still cached by the value it brings.
        limit: Name of the resource it takes one unit of while it runs; a run says how many units
            there are. Nodes written with `async def` take "io".
        receipt: It keeps `ctx.receipt()` in the files it saves, so that they depend on every step
            above it; a node with an effect only.
        migrations: By version, a pure function from the JSON inputs a step had then to those it
            has in the next version; a version that only computes otherwise needs none.
        title: What editors show; `name` by default.

    Raises:
        NodeError: When the declaration is incomplete or contradicts itself.
    """

    def wrap(function: Callable[P, R]) -> Node[P, R]:
        declaration = declare(function, context=Context)
        _lazy_agrees(name, declaration, needs)
        if receipt and not (effect and declaration.context):
            raise NodeError(f"{name}: a receipt is for what saves; add effect=True and a Context.")
        return Node(
            name,
            version,
            category,
            effect,
            title or name,
            infer,
            function,
            declaration,
            review=review,
            estimate=estimate,
            needs=needs,
            volatile=volatile,
            limit="io" if inspect.iscoroutinefunction(function) else limit,
            receipt=receipt,
            migrations=migrations or {},
        )

    return wrap


def _lazy_agrees(name: str, declaration: Declaration, needs: Needs | None) -> None:
    lazy = [port.name for port in declaration.inputs.values() if port.lazy]
    wrong = [port for port in lazy if not declaration.inputs[port].nullable]
    if bool(lazy) != (needs is not None):
        raise NodeError(f"{name}: `needs` and Lazy links go together; give both or none.")
    if wrong:
        raise NodeError(f"{name}: `{wrong[0]}` is Lazy, so it may be absent; add `| None`.")
