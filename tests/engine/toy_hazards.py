"""Toy nodes that try what a backend must stand: they crash, hang, print, starve and spoil."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

from engine.node import Context, OutOfMemoryError, Snapshot, StepError, Unkeyed, node
from tests.engine.toy_nodes import Words


@node("Patient", version=1, category="toys")
async def patient(a: int, ctx: Context, log: str = "", seconds: float = 0.0) -> int:
    """Wait without using a thread, and say in a file when it is told to stop.

    Args:
        a: Passed on.
        log: Path of the file.
        seconds: How long.
    """
    ctx.progress(0, 2)
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        await asyncio.sleep(0.05)  # tidying up takes a while
        Path(log).write_text("stopped")
        raise
    return a


@node("AsyncExit", version=1, category="toys")
async def async_exit() -> int:
    """Try to end the process from the event loop."""
    await asyncio.sleep(0)
    sys.exit(3)


@node("Exit", version=1, category="toys")
def leave() -> int:
    """Try to end the process the polite way."""
    sys.exit(3)


@node("Draft", version=1, category="toys")
def draft(ctx: Context, drafts: int = 1, length: int = 10) -> Words:
    """Show unfinished words.

    Args:
        drafts: How many.
        length: Characters of each.
    """
    for number in range(drafts):
        ctx.preview(Snapshot("text/plain", f"{number}".ljust(length, ".").encode()))
    return Words("done")


@node("Blurt", version=1, category="toys")
def blurt(ctx: Context) -> Words:
    """Show unfinished words as they are, which no other process could read."""
    ctx.preview(Words("raw"))  # type: ignore[arg-type]
    return Words("done")


@node("Starve", version=1, category="toys")
def starve(log: str, times: int = 1, how: Literal["plain", "told", "real"] = "plain") -> int:
    """Run out of memory so many times, and leave a line in a file each time.

    Args:
        log: Path of the file.
        times: How often before it works.
        how: With Python's own error, with a sentence, or by wanting what no machine has.
    """
    path = Path(log)
    tried = len(path.read_text()) if path.exists() else 0
    path.write_text("." * (tried + 1))
    if tried >= times:
        return tried
    if how == "told":
        raise OutOfMemoryError("512 x 512 is too large for this toy; use 256 x 256")
    if how == "real":
        bytearray(10**15)
    raise MemoryError


@node("Gorge", version=1, category="toys")
def gorge(ctx: Context) -> int:
    """Limit the memory of this process, then want more. For processes of their own only."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, hard))
    ctx.progress(1, 2)
    return len(bytearray(1_000_000_000))


@node("Crash", version=1, category="toys")
def crash(
    how: Literal["segfault", "exit", "kill", "close", "garbage"], ctx: Context, log: str = ""
) -> int:
    """End the process in one of the bad ways.

    Args:
        how: Which.
        log: Path of a file that gets a line.
    """
    if log:
        with Path(log).open("a") as lines:
            lines.write("crash\n")
    ctx.progress(0, 1)
    if how == "segfault":
        ctypes.string_at(0)
    elif how == "exit":
        os._exit(7)
    elif how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "garbage":
        for handle in range(3, 64):
            _scribble(handle)
    os.closerange(3, 64)
    time.sleep(60)
    return 0


def _scribble(handle: int) -> None:
    try:
        if os.readlink(f"/proc/self/fd/{handle}").startswith("pipe:"):
            os.write(handle, b"hello there\n")
    except OSError:
        pass


@node("CrashTogether", version=1, category="toys", limit="io")
def crash_together(log: str) -> int:
    """Crash once the file has the lines of two steps that run beside it.

    Args:
        log: Path of the file.
    """
    path = Path(log)
    end = time.monotonic() + 10
    while not path.exists() or len(path.read_text().splitlines()) < 2:
        if time.monotonic() > end:
            raise StepError("nobody came")
        time.sleep(0.005)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@node("Chat", version=1, category="toys")
def chat(how: Literal["print", "write", "close", "much"] = "print") -> str:
    """Use standard output as if it were free.

    Args:
        how: Print to it, write to it, close it, or write megabytes.
    """
    if how == "print":
        print('{"task": 1, "report": "finished"}', flush=True)  # noqa: T201 - that is the point
    elif how == "write":
        os.write(1, b"not json\n")
    elif how == "close":
        os.close(1)
    else:
        sys.stdout.write("lots of words\n" * 300_000)
        sys.stdout.flush()
    return how


@node("Deaf", version=1, category="toys")
def deaf(ctx: Context, stubborn: bool = False, seconds: float = 60.0) -> int:
    """Hang without ever listening.

    Args:
        stubborn: Not even to a request to terminate.
        seconds: How long.
    """
    if stubborn:
        ctypes.CDLL(None).signal(int(signal.SIGTERM), 1)  # 1 is SIG_IGN; Python would refuse here
    ctx.progress(0, 1)
    time.sleep(seconds)
    return 0


@node("Orphan", version=1, category="toys")
def orphan(ctx: Context) -> int:
    """Leave a child process behind that keeps every pipe open, then crash."""
    ctx.progress(0, 1)
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@node("Spoil", version=1, category="toys")
def spoil(words: Words, ctx: Context, others: list[Words] | None = None) -> int:
    """Change the value of an input, which no node may.

    Args:
        words: Changed.
        others: Left alone.
    """
    object.__setattr__(words, "text", words.text + "!")
    return len(words.text)


@node("Meet", version=1, category="toys")
def meet(a: int, log: Annotated[str, Unkeyed()], others: Annotated[int, Unkeyed()] = 2) -> int:
    """Leave a line in a file, and wait until as many others have.

    Args:
        a: Passed on.
        log: Path of the file.
        others: How many lines to wait for.
    """
    path = Path(log)
    with path.open("a") as lines:
        lines.write(f"{a}\n")
    end = time.monotonic() + 10
    while len(path.read_text().splitlines()) < others:
        if time.monotonic() > end:
            raise StepError("nobody came")
        time.sleep(0.005)
    return a


@node("MeetOrWait", version=1, category="toys")
def meet_or_wait(a: int, log: str, ctx: Context, seconds: float = 0.1) -> int:
    """Leave a line in a file, and take a moment.

    Args:
        a: Passed on.
        log: Path of the file.
        seconds: How long.
    """
    with Path(log).open("a") as lines:
        lines.write(f"{a}\n")
    time.sleep(seconds)
    return a


@node("MeetLater", version=1, category="toys")
async def meet_later(a: int, log: Annotated[str, Unkeyed()]) -> int:
    """Meet one other on the event loop.

    Args:
        a: Passed on.
        log: Path of the file they leave a line in.
    """
    path = Path(log)
    with path.open("a") as lines:
        lines.write(f"{a}\n")
    async with asyncio.timeout(10):
        while len(path.read_text().splitlines()) < 2:
            await asyncio.sleep(0.005)
    return a
