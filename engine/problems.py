"""One thing wrong with a workflow: where, what, why, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


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
