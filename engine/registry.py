"""Which node types there are: collected from modules handed in, never by scanning folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import Any

from engine.errors import NodeError, StepError
from engine.maker import versions_of
from engine.node import FileRef, Node, OutputPort, Port
from engine.ports import SCALARS
from engine.verdict import did_you_mean

AnyNode = Node[..., Any]


class Registry:
    """Node types by name, in the order of the modules and of their definitions.

    Args:
        nodes: The nodes.
        software: Names of the installed distributions their results may depend on.
    """

    def __init__(self, nodes: Iterable[AnyNode], software: Iterable[str] = ()) -> None:
        self._software = tuple(software)
        found: dict[str, AnyNode] = {}
        for node in nodes:
            if other := found.get(node.name):
                raise NodeError(
                    f'two nodes are called "{node.name}": {_place(other)} and {_place(node)}; '
                    "rename one."
                )
            found[node.name] = node
        self._nodes: Mapping[str, AnyNode] = MappingProxyType(found)
        self._types: Mapping[str, type] = MappingProxyType(_value_types(found.values()))

    @classmethod
    def of_modules(cls, modules: Iterable[ModuleType], software: Iterable[str] = ()) -> Registry:
        """Collect the nodes each module declares itself; imported ones are left out."""
        nodes = (
            value
            for module in modules
            for value in vars(module).values()
            if isinstance(value, Node) and value.function.__module__ == module.__name__
        )
        return cls(nodes, software)

    @cached_property
    def software(self) -> Mapping[str, str]:
        """Versions of what results may depend on, by name."""
        return versions_of(self._software)

    def __iter__(self) -> Iterator[AnyNode]:
        return iter(self._nodes.values())

    def get(self, name: str) -> AnyNode | None:
        """Look a type up by its exact name."""
        return self._nodes.get(name)

    def value_type(self, name: str) -> type:
        """Look up a class that travels on links by its name.

        Raises:
            StepError: When no node uses one of that name.
        """
        if name not in self._types:
            raise StepError(f'no node uses a value of type "{name}"; are all nodes installed?')
        return self._types[name]

    def suggestion(self, name: str) -> str:
        """Say what may have been meant by an unknown name."""
        return did_you_mean(name, list(self._nodes))


def _value_types(nodes: Iterable[AnyNode]) -> dict[str, type]:
    """Collect the classes of all links by name: records in the store name them so."""
    found: dict[str, type] = {kind.__name__: kind for kind in SCALARS}
    for node in nodes:
        ports: list[Port | OutputPort] = [*node.inputs.values(), *node.outputs.values()]
        for port in ports:
            kind = port.type
            if port.variable or kind is FileRef:
                continue
            if found.setdefault(kind.__name__, kind) is not kind:
                raise NodeError(
                    f'{_place(node)}: two classes on links are called "{kind.__name__}":'
                    f" one of {found[kind.__name__].__module__} and one of {kind.__module__};"
                    " rename one."
                )
    return found


def _place(node: AnyNode) -> str:
    return f"{node.function.__module__}.{node.function.__qualname__}"
