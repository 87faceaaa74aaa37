"""Which node types there are: collected from modules handed in, never by scanning folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from engine.errors import NodeError
from engine.node import Node
from engine.verdict import did_you_mean

AnyNode = Node[..., Any]


class Registry:
    """Node types by name, in the order of the modules and of their definitions."""

    def __init__(self, nodes: Iterable[AnyNode]) -> None:
        found: dict[str, AnyNode] = {}
        for node in nodes:
            if other := found.get(node.name):
                raise NodeError(
                    f'two nodes are called "{node.name}": {_place(other)} and {_place(node)}; '
                    "rename one."
                )
            found[node.name] = node
        self._nodes: Mapping[str, AnyNode] = MappingProxyType(found)

    @classmethod
    def of_modules(cls, modules: Iterable[ModuleType]) -> Registry:
        """Collect the nodes each module declares itself; imported ones are left out."""
        return cls(
            value
            for module in modules
            for value in vars(module).values()
            if isinstance(value, Node) and value.function.__module__ == module.__name__
        )

    def __iter__(self) -> Iterator[AnyNode]:
        return iter(self._nodes.values())

    def get(self, name: str) -> AnyNode | None:
        """Look a type up by its exact name."""
        return self._nodes.get(name)

    def suggestion(self, name: str) -> str:
        """Say what may have been meant by an unknown name."""
        return did_you_mean(name, list(self._nodes))


def _place(node: AnyNode) -> str:
    return f"{node.function.__module__}.{node.function.__qualname__}"
