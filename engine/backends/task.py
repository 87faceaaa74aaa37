"""One step to compute, in plain values and digests: what crosses to a backend.

The JSON form is the contract: nothing else of the run reaches a worker, so any process with the
same nodes and the same store can compute the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.contract import Settings
from engine.graph import Source, Step
from engine.ports import FileRef
from engine.records import Value
from engine.workflow import Link


@dataclass(frozen=True)
class Task:
    """A step whose inputs are all known by content.

    Attributes:
        step: Id of the step, for messages.
        key: Action key its result is kept under.
        op: Type name of the node.
        version: Version of the node the key was made for.
        settings: Literal inputs by port; files as `FileRef`.
        links: Where the other inputs come from, by port; lazy ones not asked for are left out.
        values: Identity of the value each of those links brings; its facts, small data inline.
        output_types: Type name of each output, type variables resolved.
        described: What the record says the result depends on (`keys.described_inputs`).
        files: Paths of the run's file inputs by sha256: a step reads them through references.
        run: Where and in what numerics the run computes.
        reuse: Take a result another run has kept under the key meanwhile.
        previews: Somebody watches; else unfinished values are not even encoded.
        receipt: How the step came about (`receipt.draft`), if it saves that with its files.
    """

    step: str
    key: str
    op: str
    version: int
    settings: Mapping[str, Any]
    links: Mapping[str, Source]
    values: Mapping[Link, Value]
    output_types: Mapping[str, str]
    described: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    run: Settings = field(default_factory=Settings)
    reuse: bool = True
    previews: bool = True
    receipt: Mapping[str, Any] | None = None

    @classmethod
    def of(
        cls,
        step: Step,
        key: str,
        values: Mapping[Link, Value],
        described: Mapping[str, Any],
        files: Mapping[str, Path],
        run: Settings,
        *,
        reuse: bool = True,
        previews: bool = True,
        receipt: Mapping[str, Any] | None = None,
    ) -> Task:
        """Describe a step of a graph; of `values` it takes those that the step reads."""
        return cls(
            step=step.id,
            key=key,
            op=step.node.name,
            version=step.node.version,
            settings=step.settings,
            links=step.links,
            values={link: values[link] for link in step.sources},
            output_types={name: kind.__name__ for name, kind in step.output_types.items()},
            described=described,
            files=files,
            run=run,
            reuse=reuse,
            previews=previews,
            receipt=receipt,
        )

    def to_json(self) -> dict[str, Any]:
        """Encode in JSON's own types."""
        plain = ("step", "key", "op", "version", "reuse", "previews", "receipt")
        return {
            **{name: getattr(self, name) for name in plain},
            "settings": {name: _setting(value) for name, value in self.settings.items()},
            "links": {name: _source(source) for name, source in self.links.items()},
            "values": [[_source(link), asdict(value)] for link, value in self.values.items()],
            "output_types": dict(self.output_types),
            "described": self.described,
            "files": {sha256: str(path) for sha256, path in self.files.items()},
            "run": asdict(self.run),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Task:
        """Decode what `to_json` made."""
        decoded = {
            "settings": {name: _setting_from(value) for name, value in body["settings"].items()},
            "links": {name: _source_from(source) for name, source in body["links"].items()},
            "values": {Link(*link): Value(**value) for link, value in body["values"]},
            "files": {sha256: Path(path) for sha256, path in body["files"].items()},
            "run": Settings(**body["run"]),
        }
        return cls(**{**body, **decoded})


def _setting(value: Any) -> Any:
    if isinstance(value, FileRef):
        beside = [_setting(other) for other in value.beside]
        return {
            "name": value.name,
            "sha256": value.sha256,
            "path": str(value.path),
            "beside": beside,
        }
    return value


def _setting_from(value: Any) -> Any:
    if isinstance(value, dict):  # no setting is one, so it is a file
        beside = tuple(_setting_from(other) for other in value["beside"])
        return FileRef(value["name"], value["sha256"], Path(value["path"]), beside)
    return value


def _source(source: Source) -> list[Any]:
    if isinstance(source, Link):
        return [source.step, source.output]
    return [_source(link) for link in source]


def _source_from(written: list[Any]) -> Source:
    if written and isinstance(written[0], str):
        return Link(*written)
    return tuple(Link(*link) for link in written)
