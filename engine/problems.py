"""One thing wrong with a workflow: where, what, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class NewStep:
    """A step a fix adds: it reads the old source of the input and feeds its output instead.

    Attributes:
        type: Node type.
        inputs: Its literal inputs.
        reads: Name of its input that takes over the old link.
        gives: Name of its output that the mended input is linked to.
    """

    type: str
    reads: str
    gives: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """One change of a workflow document, as data a program can apply.

    Attributes:
        step: Step to change; "" in a node's own findings means that very step.
        input: Name of its input.
        value: New JSON value, a literal or a link; None unlinks.
        via: A step to put between the input and what it is linked to now; `value` is unused then.
    """

    step: str
    input: str
    value: Any = None
    via: NewStep | None = None


@dataclass(frozen=True)
class Fix:
    """What to do: a sentence without its full stop, and the edits that do it, where there are."""

    text: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a node says about its own inputs before (and again at) the run; see `node(review=...)`.

    Attributes:
        message: What is wrong, without where.
        port: Name of the input it is about, or "".
        got: What there is, in a few words.
        expected: What would fit.
        because: Facts that led to it, and where each came from.
        fixes: What to do.
        severity: A warning does not stop the run.
        code: Stable name of the kind of fault.
    """

    message: str
    port: str = ""
    got: str = ""
    expected: str = ""
    because: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    code: str = "refused"


@dataclass(frozen=True)
class Problem:
    """A fault found before anything ran.

    Attributes:
        code: Stable name of the kind of fault, `missing-input`.
        message: What is wrong, with got and expected.
        step: Id of the step, or "" for the file as a whole.
        port: Name of its input, or "".
        because: Facts that led to it, and where each came from.
        fix: What to do.
    """

    code: str
    message: str
    step: str = ""
    port: str = ""
    because: tuple[str, ...] = ()
    fix: str = ""

    @property
    def where(self) -> str:
        """`step.port`, `step`, or "" for the file as a whole."""
        return ".".join(part for part in (self.step, self.port) if part)

    def sentence(self) -> str:
        """The whole problem on one line."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        if self.because:
            text += f" (because {'; '.join(self.because)})"
        if self.fix:
            text += f"; {self.fix}"
        return text if text.endswith((".", "?")) else f"{text}."

    def to_json(self) -> dict[str, Any]:
        """Encode for `--json` and the interface."""
        return {"severity": "error", **asdict(self), "because": list(self.because)}
