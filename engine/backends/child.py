"""One worker process as its parent sees it: lines in, lines out, and how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import IO, Any

from engine.backends.wire import CONNECTION_LOST, LONGEST_LINE, from_line, to_line

_NATIVE = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT")
_NOT_YOURS = "a node must leave files alone that it has not opened"


class Child:
    """A running worker process.

    Args:
        command: Starts it.
        hear: Takes each message; returns False for one that makes no sense.
        gone: Told, last and once, how the process ended.
        grace: Seconds between asking it to end and the next, less polite way.
    """

    def __init__(
        self,
        command: Sequence[str],
        hear: Callable[[dict[str, Any]], bool],
        gone: Callable[[str], None],
        grace: float,
    ) -> None:
        self._hear = hear
        self._gone = gone
        self._grace = grace
        self._is_gone = threading.Event()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._process = subprocess.Popen(  # noqa: S603 - the command is our own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        )
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (
                ("worker-in", self._send),
                ("worker-out", self._receive),
                ("worker-end", self._watch),
            )
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message, without waiting for the process to read it."""
        self._outbox.put(to_line(message))

    def leave(self) -> None:
        """Ask it to end by ending its input; insist when it does not."""
        self._outbox.put(None)
        self._later(self.end)

    def end(self) -> None:
        """End it by SIGTERM, after the grace by SIGKILL."""
        self._process.terminate()
        self._later(self._process.kill)

    def join(self) -> None:
        """Wait until it is gone."""
        for thread in self._threads:
            thread.join()

    def _later(self, act: Callable[[], None]) -> None:
        def wait() -> None:
            if not self._is_gone.wait(self._grace):
                act()

        threading.Thread(target=wait, name="worker-grace", daemon=True).start()

    def _send(self) -> None:
        pipe = _present(self._process.stdin)
        with contextlib.suppress(OSError):  # it has died, and the reading thread says so
            while line := self._outbox.get():
                pipe.write(line)
                pipe.flush()
        with contextlib.suppress(OSError):
            pipe.close()

    def _receive(self) -> None:
        pipe = _present(self._process.stdout)
        nonsense = b""
        while line := pipe.readline(LONGEST_LINE):
            message = from_line(line)
            if message is None or not self._hear(message):
                nonsense = line
                self._process.kill()
                break
        pipe.close()
        self._outbox.put(None)
        how = _nonsense(nonsense) if nonsense else self._end_of_process()
        self._process.wait()
        self._is_gone.set()
        self._gone(how)

    def _watch(self) -> None:
        """End what the process leaves behind: a child of its own could keep our pipe open."""
        if hasattr(os, "waitid"):
            with contextlib.suppress(OSError):
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
                os.killpg(self._process.pid, signal.SIGKILL)

    def _end_of_process(self) -> str:
        """Say how it ended; it says nothing any more, so it has no business to live on."""
        try:
            return how_it_ended(self._process.wait(self._grace))
        except subprocess.TimeoutExpired:
            self._process.kill()
            return how_it_ended(CONNECTION_LOST)


def how_it_ended(code: int) -> str:
    """Say how a process ended that was not asked to, and what to do."""
    if code == CONNECTION_LOST:
        return f"the worker process closed its connection; {_NOT_YOURS}"
    if code >= 0:
        return (
            f"the worker process ended itself with exit code {code}; a node must not do that: "
            "it should raise an error instead"
        )
    name = signal.Signals(-code).name
    if name == "SIGKILL":
        return (
            "the worker process was killed (SIGKILL), as a system does that has run out of "
            "memory; use a smaller size or a smaller batch, or free memory, and run again"
        )
    if name in _NATIVE:
        return (
            f"the worker process crashed ({name}) in native code that this step called; "
            "run again, and if it repeats, update the library or use another device"
        )
    return f"the worker process was ended from outside ({name}); run again"


def _nonsense(line: bytes) -> str:
    shown = ascii(line[:60].decode("ascii", "replace"))
    return f"the worker process sent something that is no report ({shown}); {_NOT_YOURS}"


def _present(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - asked for in Popen
    return pipe
