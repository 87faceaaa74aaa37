"""How one layout's names become another's: whole modules by place, what is in them by kind."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple


class Module(NamedTuple):
    """A module of ours and the one that holds the same weights in another layout.

    Attributes:
        ours: Its name with us, such as `input_blocks.1.0`.
        theirs: Its name there, such as `down_blocks.0.resnets.0`.
        names: What the beginnings of names inside it are called there; others are equal.
    """

    ours: str
    theirs: str
    names: Mapping[str, str] = {}

    def place(self, name: str) -> str:
        """Return the other layout's name of a tensor of this module."""
        inside = name.removeprefix(f"{self.ours}.")
        for ours, theirs in self.names.items():
            if inside == ours or inside.startswith(f"{ours}."):
                return f"{self.theirs}.{theirs}{inside[len(ours) :]}"
        return f"{self.theirs}.{inside}"


def module_of(modules: Mapping[str, Module], name: str) -> Module:
    """Return the module a tensor belongs to: the longest one whose name begins its name."""
    steps = name.split(".")
    for length in range(len(steps), 0, -1):
        if found := modules.get(".".join(steps[:length])):
            return found
    raise KeyError(name)


def spelled(name: str, older: Mapping[str, str], stored: Container[str]) -> str:
    """Return the name, or its older spelling where the file has that one.

    Args:
        name: As it is written today.
        older: Endings of modules today and in older files.
        stored: Names in the file; empty means today's spelling.
    """
    module, _, kind = name.rpartition(".")
    for new, old in older.items():
        if module.endswith(f".{new}"):
            other = f"{module.removesuffix(new)}{old}.{kind}"
            return other if other in stored else name
    return name
