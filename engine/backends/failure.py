"""What went wrong in a step, in the words and kinds of a report."""

from __future__ import annotations

import traceback

from engine.backends.report import Failed
from engine.errors import EngineError, StepError, VanishedError

_LONGEST = 4000
_LOWER = "use a smaller size or a smaller batch"


def failure(error: BaseException) -> Failed:
    """Put an error in words.

    An error of the engine is a clear sentence and needs no traceback. A ValueError of a node is
    meant as one, and keeps the traceback for --debug. Anything else is a mistake in the node.
    """
    if isinstance(error, VanishedError):
        return Failed("vanished", str(error), detail=error.digest)
    if isinstance(error, EngineError):
        return Failed("refused", _cut(str(error)))
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, ValueError):
        return Failed("refused", _cut(str(error)), trace)
    return Failed("broken", _cut(f"{type(error).__name__}: {error}"), trace)


def out_of_memory(error: MemoryError | StepError) -> Failed:
    """Say what to lower: in the node's own sentence if it has one."""
    own = str(error) if isinstance(error, StepError) else ""
    what = own or f"there is not enough memory; {_LOWER}"
    trace = "".join(traceback.format_exception(error))
    return Failed("memory", _cut(f"{what} (tried twice, with freed memory)"), trace)


def _cut(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 3]}..."
