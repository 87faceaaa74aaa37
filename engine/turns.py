"""Changes to one state from many threads, one at a time, made by whichever thread brings them.

A thread that brings news goes on with what follows from it, where handing it to another thread and
waiting for that to wake would cost more than a small step of work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from queue import Empty, SimpleQueue

Change = Callable[[], None]
_LOOK_UP = 0.1  # seconds


class _Sign(Enum):
    OVER = auto()
    INTERRUPTED = auto()


class Turns:
    """Who may change the state now.

    Args:
        go_on: Called after changes were made, in the same turn; returns whether all is over.
    """

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._go_on = go_on
        self._changes: SimpleQueue[Change] = SimpleQueue()
        self._taken = threading.Lock()
        self._signs: SimpleQueue[_Sign | BaseException] = SimpleQueue()

    def bring(self, change: Change) -> None:
        """Make a change, or leave it to the thread whose turn it is."""
        self._changes.put(change)
        while not self._changes.empty() and self._taken.acquire(blocking=False):
            try:
                self._take_turn()
            finally:
                self._taken.release()

    def interrupt(self) -> None:
        """Wake who waits; takes no lock, so that a signal handler may call it."""
        self._signs.put(_Sign.INTERRUPTED)

    def wait(self, interrupted: Callable[[], None]) -> None:
        """Wait until all is over, calling `interrupted` for each interrupt.

        Raises:
            BaseException: What a change raised, in whichever thread that was.
        """
        while (sign := self._sign()) is not _Sign.OVER:
            if isinstance(sign, BaseException):
                raise sign
            interrupted()

    def _sign(self) -> _Sign | BaseException:
        """The next sign; looks up now and then.

        A signal that comes just before a thread begins to wait does not wake it, and its handler
        would not be called before the next sign.
        """
        while True:
            with suppress(Empty):
                return self._signs.get(timeout=_LOOK_UP)

    def _take_turn(self) -> None:
        try:
            while not self._changes.empty():  # only the one whose turn it is takes any
                self._changes.get()()
            if self._go_on():
                self._signs.put(_Sign.OVER)
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits, not to this thread
            self._signs.put(error)
