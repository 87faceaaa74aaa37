"""One thing wrong with a workflow: where, what, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
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
        fixes: What to do; any one of them is enough.
        got: What there is, in a few words.
        expected: What would fit.
        severity: A warning does not stop a run.
        hidden: How many later problems follow from this one and are therefore not listed.
    """

    code: str
    message: str
    step: str = ""
    port: str = ""
    because: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    got: str = ""
    expected: str = ""
    severity: Severity = "error"
    hidden: int = 0

    @property
    def where(self) -> str:
        """`step.port`, `step`, or "" for the file as a whole."""
        return ".".join(part for part in (self.step, self.port) if part)

    @property
    def fix(self) -> str:
        """The fixes in words, "" when there are none."""
        return ", or ".join(fix.text for fix in self.fixes)

    def sentence(self) -> str:
        """The whole problem on one line."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        if self.because:
            text += f" (because {'; '.join(self.because)})"
        if self.fix:
            text += f"; {self.fix}"
        text = text if text.endswith((".", "?")) else f"{text}."
        return f"{text} {_hidden_words(self.hidden)}" if self.hidden else text

    def to_json(self) -> dict[str, Any]:
        """Encode for `--json` and the interface."""
        return {**asdict(self), "because": list(self.because), "fix": self.fix}


def advice(text: str) -> tuple[Fix, ...]:
    """Wrap advice that only a person can follow; "" is none."""
    return (Fix(text),) if text else ()


def placed(fixes: Iterable[Fix], step: str, port: str) -> tuple[Fix, ...]:
    """Fill in the place of edits that mean the very step, or the very input, they are about."""
    return tuple(
        Fix(
            fix.text,
            tuple(
                replace(edit, step=edit.step or step, input=edit.input or port)
                for edit in fix.edits
            ),
        )
        for fix in fixes
    )


def problem_of(finding: Finding, step: str) -> Problem:
    """Turn what a node says of its own inputs into a problem of the step with that id."""
    return Problem(
        code=finding.code,
        message=finding.message.rstrip("."),
        step=step,
        port=finding.port,
        because=finding.because,
        fixes=placed(finding.fixes, step, finding.port),
        got=finding.got,
        expected=finding.expected,
        severity=finding.severity,
    )


def _hidden_words(count: int) -> str:
    return f"({count} later {'problem follows' if count == 1 else 'problems follow'} from this.)"
