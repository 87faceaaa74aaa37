"""What Ctrl-C does while something runs."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from engine.executor import Run


@contextlib.contextmanager
def cancelled_by_signals(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C, or a request to terminate, cancel a run; the next acts as always.

    A handler rather than KeyboardInterrupt, which may strike between any two lines of the run.
    """
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in found.items() if handler != signal.SIG_IGN}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def cancel(*_: object) -> None:
        restore()
        run.cancel()

    for number in before:
        signal.signal(number, cancel)
    try:
        yield
    finally:
        restore()
