"""The lock file of a node package: versions, and a digest of the code each result depends on.

When that code changes, equal inputs may give other results, and old ones would be served from the
store unless the node's version is raised. The lock remembers the code each version had.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.canon import digest
from engine.errors import EngineError
from engine.registry import AnyNode
from engine.versions.code import Code

FORMAT = "latentgraph-versions/1"
_SHOWN = 6  # names of changed definitions in one sentence


@dataclass(frozen=True)
class Locked:
    """What the lock says of a node.

    Attributes:
        version: Its version.
        code: Digest of all the code its results depend on.
        same_results: Why that code could change without the version, when it last did.
    """

    version: int
    code: str
    same_results: str = ""


@dataclass(frozen=True)
class Lock:
    """A lock file.

    Attributes:
        nodes: By type name.
        definitions: Digest of every definition that some node reaches, by `module:name`.
        removed: Last version of nodes that are gone; one of that name has to begin above it.
    """

    nodes: Mapping[str, Locked] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)

    def to_text(self) -> str:
        """Write as JSON, a line for each thing that can change."""
        body = {
            "format": FORMAT,
            "nodes": {name: _entry(locked) for name, locked in sorted(self.nodes.items())},
            "removed": dict(sorted(self.removed.items())),
            "definitions": dict(sorted(self.definitions.items())),
        }
        return json.dumps(body, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Lock:
        """Read a lock file; an empty lock when there is none.

        Raises:
            EngineError: When the file is no lock.
        """
        try:
            body = json.loads(path.read_bytes())
            if body["format"] != FORMAT:
                raise ValueError(body["format"])
            nodes = {name: _locked(entry) for name, entry in body["nodes"].items()}
            return cls(nodes, dict(body["definitions"]), dict(body["removed"]))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            message = f"{path} is no lock file of versions; restore it, or delete it."
            raise EngineError(message) from None


@dataclass(frozen=True)
class Finding:
    """One disagreement of code and lock.

    Attributes:
        node: Type name.
        kind: `changed` code under an old version; a `lowered` version; a node that is `new`,
            `raised` or `removed`, which only has to be written down.
        sentence: What is wrong, and what to do.
    """

    node: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Guard:
    """Compares the nodes of a package with its lock.

    Attributes:
        nodes: The nodes as they are.
        code: Their source.
        lock: What was written down.
        command: The command the sentences name.
    """

    nodes: Mapping[str, AnyNode]
    code: Code
    lock: Lock
    command: str = "python -m engine.versions PACK"

    def findings(self) -> tuple[Finding, ...]:
        """Return every disagreement, nodes in the order of the registry, gone ones last."""
        return (*self._of_nodes(), *self._of_removed())

    def report(self) -> str:
        """Return what is to be said and done about all findings; "" when there are none."""
        found = self.findings()
        lines = [finding.sentence for finding in found]
        if any(finding.kind == "changed" for finding in found):
            lines.append(
                "If equal inputs may give other results now, raise the version where the node is"
                f" declared and run `{self._write}`;"
                f' else run `{self.command} --same-results "why"`.'
            )
        return "\n".join(lines)

    def written(self, same_results: str = "") -> Lock:
        """Return the lock as it should be now.

        Args:
            same_results: Why changed code gives the same results under the old versions.

        Raises:
            EngineError: When something is not settled: a lowered version, or changed code without
                a raised version and without `same_results`.
        """
        open_kinds = {"lowered"} if same_results else {"lowered", "changed"}
        if any(found.kind in open_kinds for found in self.findings()):
            raise EngineError(self.report())
        nodes: dict[str, Locked] = {}
        definitions: dict[str, str] = {}
        for name, node in self.nodes.items():
            reached = self._reached(node)
            nodes[name] = self._entry(node, digest(reached), same_results)
            definitions |= reached
        gone = {name: locked.version for name, locked in self.lock.nodes.items()}
        removed = {**self.lock.removed, **gone}
        return Lock(nodes, definitions, {k: v for k, v in removed.items() if k not in nodes})

    def _entry(self, node: AnyNode, code: str, same_results: str) -> Locked:
        locked = self.lock.nodes.get(node.name)
        if locked is None or locked.version != node.version:
            return Locked(node.version, code)
        return locked if locked.code == code else Locked(node.version, code, same_results)

    def _reached(self, node: AnyNode) -> dict[str, str]:
        function = node.function
        return dict(self.code.reached(function.__module__, function.__qualname__))

    def _of_nodes(self) -> Iterator[Finding]:
        for name, node in self.nodes.items():
            locked = self.lock.nodes.get(name)
            before = locked.version if locked else self.lock.removed.get(name, 0)
            if node.version < before or (locked is None and 0 < before == node.version):
                yield Finding(name, "lowered", _lowered(node, before))
            elif locked is None:
                yield Finding(name, "new", f"{name} is not in the lock; run `{self._write}`.")
            elif node.version > before:
                moved = f"{name}: version {before} -> {node.version} is not locked"
                yield Finding(name, "raised", f"{moved}; run `{self._write}`.")
            else:
                yield from self._of_code(node, locked)

    def _of_code(self, node: AnyNode, locked: Locked) -> Iterator[Finding]:
        reached = self._reached(node)
        if digest(reached) == locked.code:
            return
        known = self.lock.definitions
        changed = [name for name, now in reached.items() if known.get(name) != now]
        listed = ", ".join(changed[:_SHOWN])
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        what = f"{listed}{more} changed" if changed else "it reaches less than before"
        still = f"the version is still {node.version}"
        yield Finding(node.name, "changed", f"{node.name}: {what}, {still}.")

    def _of_removed(self) -> Iterator[Finding]:
        for name in self.lock.nodes:
            if name not in self.nodes:
                what = f"{name} is in the lock but is no node any more"
                done = f"put it back, or run `{self._write}` if that is meant"
                yield Finding(name, "removed", f"{what}; {done}.")

    @property
    def _write(self) -> str:
        return f"{self.command} --write"


def _lowered(node: AnyNode, before: int) -> str:
    return (
        f"{node.name}: version {node.version} was taken before, up to {before}; results of then"
        f" would be served for it. Give it version {before + 1}."
    )


def _entry(locked: Locked) -> dict[str, Any]:
    note = {"same-results": locked.same_results} if locked.same_results else {}
    return {"version": locked.version, "code": locked.code, **note}


def _locked(entry: Mapping[str, Any]) -> Locked:
    return Locked(int(entry["version"]), str(entry["code"]), str(entry.get("same-results", "")))
