"""Every error the engine raises, each carrying one clear sentence for the user."""

from __future__ import annotations


def reason(error: Exception) -> str:
    """Return the system's words for an error, without its number and path."""
    return getattr(error, "strerror", None) or str(error)


class EngineError(Exception):
    """Base of the faults below; `str()` is the sentence shown to the user."""


class NodeError(EngineError):
    """A node declaration is wrong; raised while its module is imported."""


class StepError(EngineError):
    """A step cannot do its work; nodes raise it with what was wrong and what to do."""


class OutOfMemoryError(StepError):
    """A step ran out of memory; the engine frees what it can and tries once more."""


class VanishedError(StepError):
    """A stored value that a step must read is gone, or damaged.

    Attributes:
        digest: The sha256 of the content.
    """

    def __init__(self, message: str, digest: str) -> None:
        super().__init__(message)
        self.digest = digest


class WorkflowError(EngineError):
    """A workflow document cannot be read at all (bad JSON, wrong format, too large)."""


class StoreError(EngineError):
    """The store folder cannot be used."""


class OutputError(EngineError):
    """A result cannot be written to where the user asked."""


class Cancelled(BaseException):
    """The run was cancelled; a BaseException, so that no node swallows it by accident."""
