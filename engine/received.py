"""The receipt of a picture, read back: an untrusted file, so everything in it is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import WorkflowError
from engine.png import read_text
from engine.ports import SHA256_FORM
from engine.receipt import MAX_BYTES, RUN, RUN_FORMAT
from engine.workflow import Link, Workflow, load, read_json

_SHA256 = re.compile(SHA256_FORM)
_TELLING = ("latentgraph", "device", "machine", "threads")


@dataclass(frozen=True)
class Told:
    """What a receipt tells of one step.

    Attributes:
        key: Its lasting key.
        outputs: Type name and digest of each output.
        maker: Who computed it.
    """

    key: str
    outputs: Mapping[str, tuple[str, str]]
    maker: Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """A receipt.

    Attributes:
        workflow: The workflow part.
        numerics: The compute type of the run.
        saved: The step that saved the file, and how many files it saved before.
        steps: What is told of each step.
        seeds: Seeds by `step.input`.
        files: Digests of the files by `step.input`.
    """

    workflow: Workflow
    numerics: str
    saved: tuple[str, int]
    steps: Mapping[str, Told]
    seeds: Mapping[str, int]
    files: Mapping[str, str]

    @property
    def digests(self) -> Mapping[Link, tuple[str, str]]:
        """Type name and digest of every output."""
        return {
            Link(step, name): output
            for step, told in self.steps.items()
            for name, output in told.outputs.items()
        }


def read_receipt(path: Path) -> Received:
    """Read the receipt of a picture.

    Raises:
        WorkflowError: When it has none, or it is damaged; with what was found.
    """
    workflow = load(path)
    try:
        return _received(workflow, _run_part(path))
    except WorkflowError as error:
        raise WorkflowError(f"{path}: {error}") from None


def numerics_of(path: Path) -> str | None:
    """Return the numerics a picture was made with; None when it does not tell."""
    try:
        told = _run_part(path).get("numerics")
    except WorkflowError:
        return None
    return told if isinstance(told, str) else None


def _run_part(path: Path) -> dict[str, Any]:
    data = read_text(path, RUN, MAX_BYTES)
    if data is None:
        raise WorkflowError(
            "the picture tells its workflow but not its run; it can be run again (--workflow),"
            " not verified."
        )
    return read_json(data)


def _received(workflow: Workflow, run: Mapping[str, Any]) -> Received:
    if run.get("format") != RUN_FORMAT:
        raise WorkflowError(f'the run in the receipt is not of the format "{RUN_FORMAT}".')
    try:
        makers = [_maker(maker) for maker in run["makers"]]
        saved = (_text(run["saved"]["step"]), _count(run["saved"]["number"]))
        received = Received(
            workflow,
            _text(run["numerics"]),
            saved,
            {_text(name): _told(about, makers) for name, about in run["steps"].items()},
            {_text(place): _count(seed) for place, seed in run["seeds"].items()},
            {_text(place): _sha256(file["sha256"]) for place, file in run["files"].items()},
        )
    except (TypeError, KeyError, IndexError, AttributeError, ValueError):
        message = "the run in the receipt is damaged; the picture can be run again (--workflow)."
        raise WorkflowError(message) from None
    if saved[0] not in received.steps or saved[0] not in workflow.steps:
        raise WorkflowError("the receipt names a saving step that it does not tell of.")
    return received


def _told(about: Mapping[str, Any], makers: Sequence[Mapping[str, Any]]) -> Told:
    outputs = {
        _text(name): (_text(kind), _sha256(digest))
        for name, (kind, digest) in about["outputs"].items()
    }
    return Told(_sha256(about["key"]), outputs, makers[_count(about["by"])])


def _maker(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Check a description of who computed; an early record tells nothing of it."""
    told = {name: raw[name] for name in _TELLING if name in raw}
    software = {_text(name): _text(found) for name, found in raw.get("software", {}).items()}
    if any(type(value) not in (str, int) for value in told.values()):
        raise ValueError("a maker is told in texts and numbers")
    return {**told, "software": software}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("expected a whole number from 0")
    return value


def _sha256(value: Any) -> str:
    if not _SHA256.fullmatch(_text(value)):
        raise ValueError("expected a digest")
    return _text(value)
