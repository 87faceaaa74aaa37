"""The workflow file, format `latentgraph/1`: JSON text in, a `Workflow` out, and back.

The document is kept as it was read, so unknown keys and unknown node types survive a save.
What is wrong inside a readable document is collected as problems; only an unreadable one raises.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engine.errors import WorkflowError, reason
from engine.png import SIGNATURE, is_png, read_text
from engine.problems import Problem, advice
from engine.verdict import shown

FORMAT = "latentgraph/1"
MAX_BYTES = 20_000_000
MAX_DEPTH = 64
MAX_NAME = 200
MAX_STEPS = 20_000
MAX_INPUTS = 1_000
"""Inputs of one step, and parameters of a workflow."""
RECEIPT = "latentgraph.workflow"
"""Under which name a saved picture carries the workflow it was made by."""

_STEP_KEYS = {"type", "version", "inputs", "mode"}
MODES = ("mute", "bypass")


@dataclass(frozen=True, slots=True)
class Link:
    """The place an input reads from: an output of another step."""

    step: str
    output: str

    def __str__(self) -> str:
        return f"{self.step}.{self.output}"


@dataclass(frozen=True)
class StepSource:
    """A step as written: `inputs` holds raw JSON values by port name.

    `mode` is "" for a step that runs, else one of `MODES` (see `engine.modes`).
    """

    id: str
    type: str
    version: int | None
    inputs: Mapping[str, Any]
    mode: str = ""


@dataclass(frozen=True)
class Workflow:
    """A readable document; `problems` lists what is malformed in it."""

    document: Mapping[str, Any]
    steps: Mapping[str, StepSource]
    parameters: Mapping[str, Link]
    problems: tuple[Problem, ...] = ()
    folder: Path | None = None
    name: str = field(default="workflow")

    @property
    def path(self) -> str:
        """Where the file is, as its name in the history of runs."""
        return str((self.folder or Path()) / self.name)

    def with_inputs(self, changes: Mapping[tuple[str, str], Any]) -> Workflow:
        """Return a copy in which the named inputs `(step, port)` have new JSON values."""
        nodes = dict(self.document["nodes"])
        for (step, port), value in changes.items():
            inputs = nodes[step].get("inputs", {})
            if isinstance(inputs, dict):  # else it is a problem already
                nodes[step] = {**nodes[step], "inputs": {**inputs, port: value}}
        return from_document({**self.document, "nodes": nodes}, self.folder, self.name)


def load(path: Path) -> Workflow:
    """Read a workflow file, or the workflow that a saved picture carries.

    Raises:
        WorkflowError: When it cannot be read as a workflow at all.
    """
    try:
        with path.open("rb") as file:
            data = file.read(len(SIGNATURE))
            data += b"" if is_png(data) else file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        message = f"{path} is a folder; give the path of a workflow .json file."
        raise WorkflowError(message) from None
    except FileNotFoundError:
        raise WorkflowError(f"{path} does not exist; check the path given to --workflow.") from None
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{path} cannot be read ({reason(error)}).") from None
    try:
        written = read_text(path, RECEIPT, MAX_BYTES) if is_png(data) else data
        if written is None:
            raise WorkflowError(
                "the picture carries no workflow; was it saved without, or by another program?"
            )
        return from_document(read_json(written), path.absolute().parent, path.name)
    except WorkflowError as error:
        raise WorkflowError(f"{path}: {error}") from None


def dump(workflow: Workflow) -> str:
    """Write the document as text, everything unknown included."""
    return json.dumps(workflow.document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(data: bytes) -> dict[str, Any]:
    """Decode strict JSON: no NaN, no duplicate keys, bounded size and depth."""
    if len(data) > MAX_BYTES:
        raise WorkflowError(f"the file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_readable,
        )
    except UnicodeDecodeError as error:
        raise WorkflowError(f"not UTF-8 text (byte {error.start}); save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise WorkflowError(f"not valid JSON at {place}: {error.msg}.") from None
    except RecursionError:
        raise WorkflowError(f"nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise WorkflowError(f"not valid JSON: {error}.") from None
    _within_bounds(document)
    if not isinstance(document, dict):
        raise WorkflowError(f"expected a JSON object, got {shown(document)}.")
    return document


def from_document(
    document: Mapping[str, Any], folder: Path | None = None, name: str = "workflow"
) -> Workflow:
    """Read the steps of a document, collecting what is malformed.

    Raises:
        WorkflowError: When `format` or `nodes` is missing or of another kind, or too large.
    """
    if document.get("format") != FORMAT:
        got = shown(document["format"]) if "format" in document else "nothing"
        raise WorkflowError(f'"format" must be "{FORMAT}", got {got}; is this a workflow file?')
    nodes = document.get("nodes")
    if not isinstance(nodes, dict):
        raise WorkflowError('"nodes" must be an object of steps by id.')
    if len(nodes) > MAX_STEPS:
        raise WorkflowError(f"it has {len(nodes)} steps, at most {MAX_STEPS} are taken; split it.")
    problems: list[Problem] = []
    sources = [_step(step_id, raw, problems) for step_id, raw in nodes.items()]
    parameters = _parameters(document.get("parameters", {}), problems)
    steps = {source.id: source for source in sources if source is not None}
    return Workflow(document, steps, parameters, tuple(problems), folder, name)


def as_link(value: Any) -> Link | None:
    """Read `{"link": "step.output"}`; None when the value is no well-formed link."""
    if not isinstance(value, dict) or set(value) != {"link"} or not isinstance(value["link"], str):
        return None
    return split_address(value["link"])


def split_address(text: str) -> Link | None:
    """Split `step.name` at its last dot."""
    step, _, name = text.rpartition(".")
    return Link(step, name) if step and name else None


def _step(step_id: str, raw: Any, problems: list[Problem]) -> StepSource | None:
    def refuse(message: str, fix: str = "") -> None:
        problems.append(Problem("malformed-step", message, step=step_id, fixes=advice(fix)))

    if not step_id or len(step_id) > MAX_NAME or not step_id.isprintable():
        shown_id = shown(step_id)
        problems.append(Problem("malformed-step", f"{shown_id} is no usable step id"))
        return None
    if not isinstance(raw, dict):
        refuse(f"expected an object with type and inputs, got {shown(raw)}")
        return None
    if not isinstance(raw.get("type"), str):
        refuse('"type" is missing or no text', "name a node type; --nodes lists them")
        return None
    for key in raw.keys() - _STEP_KEYS:  # kept and ignored, unless it looks like a slip
        if near := get_close_matches(key, sorted(_STEP_KEYS - raw.keys()), n=1, cutoff=0.75):
            refuse(f"{shown(key)} is no key of a step", f'did you mean "{near[0]}"?')
    version, inputs = raw.get("version"), raw.get("inputs", {})
    if version is not None and (type(version) is not int or version < 1):
        refuse(f'"version" must be a whole number from 1, got {shown(version)}')
        version = None
    if not isinstance(inputs, dict):
        refuse(f'"inputs" must be an object, got {shown(inputs)}')
        inputs = {}
    if len(inputs) > MAX_INPUTS:
        refuse(f"{len(inputs)} inputs, at most {MAX_INPUTS} are taken")
        inputs = {}
    return StepSource(step_id, raw["type"], version, inputs, _mode(raw, refuse))


def _mode(raw: Mapping[str, Any], refuse: Callable[[str, str], None]) -> str:
    mode: Any = raw.get("mode", "")
    if isinstance(mode, str) and mode in ("", *MODES):
        return mode
    refuse(f'"mode" must be "mute" or "bypass", got {shown(mode)}', "leave it out to run it")
    return ""


def _parameters(raw: Any, problems: list[Problem]) -> dict[str, Link]:
    if not isinstance(raw, dict):
        problems.append(Problem("malformed-parameters", '"parameters" must be an object'))
        return {}
    if len(raw) > MAX_INPUTS:
        message = f"{len(raw)} parameters, at most {MAX_INPUTS} are taken"
        problems.append(Problem("malformed-parameters", message))
        return {}
    parameters = {}
    for name, target in raw.items():
        link = split_address(target) if isinstance(target, str) else None
        if link is None:
            message = f'parameter "{name}" must name "step.input", got {shown(target)}'
            problems.append(Problem("malformed-parameters", message))
        else:
            parameters[name] = link
    return parameters


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f'the key "{twice}" appears twice in one object')
    return seen


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"the number {text} is too large")
    return float(text)


def _readable(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"a number of {len(text)} digits is too large") from None


def _within_bounds(document: Any) -> None:
    """Bound the depth and refuse text that cannot be written back (lone surrogates)."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise WorkflowError(f"nested deeper than {MAX_DEPTH} levels.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise WorkflowError(f"broken text {ascii(value)[:60]} (lone surrogate).") from None
    return value if isinstance(value, list) else []
