"""The event loop of asynchronous nodes: one thread, started by the first of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from engine.errors import Cancelled

if TYPE_CHECKING:
    import asyncio


class Loop:
    """Runs coroutines for threads that wait for them."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._lock = threading.Lock()

    def run(
        self, work: Coroutine[Any, Any, Any], cancellable: Callable[[Callable[[], None]], None]
    ) -> Any:
        """Run a coroutine to its end and return its result.

        Args:
            work: The coroutine.
            cancellable: Gets a function that cancels it, to be called from any thread. The end
                comes when the coroutine has cleaned up after itself.

        Raises:
            Cancelled: When it was cancelled.
        """
        ended: Future[Any] = Future()
        with self._lock:
            if self._closed:
                work.close()
                raise Cancelled
            loop = self._loop = self._loop or _started()
            loop.call_soon_threadsafe(_begin, loop, work, ended, cancellable)
        return ended.result()

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        with self._lock:
            self._closed = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None


def _begin(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any],
    ended: Future[Any],
    cancellable: Callable[[Callable[[], None]], None],
) -> None:
    task = loop.create_task(_contained(work))
    task.add_done_callback(lambda done: _copy(done, ended))

    def cancel() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the task has ended
            loop.call_soon_threadsafe(task.cancel)

    cancellable(cancel)


def _started() -> asyncio.AbstractEventLoop:
    started: Future[asyncio.AbstractEventLoop] = Future()
    threading.Thread(target=_serve, args=(started,), name="async-steps", daemon=True).start()
    return started.result()


def _serve(started: Future[asyncio.AbstractEventLoop]) -> None:
    import asyncio  # noqa: PLC0415 - its import costs more than planning most workflows

    loop = asyncio.new_event_loop()
    started.set_result(loop)
    try:
        loop.run_forever()
        while left := asyncio.all_tasks(loop):
            for task in left:
                if not task.cancelling():  # once is enough: it may be tidying up by now
                    task.cancel()
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _contained(work: Coroutine[Any, Any, Any]) -> Any:
    """Keep what would end the whole loop, and every other coroutine with it, to this one."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"{type(error).__name__}: {error}") from error


def _copy(done: asyncio.Task[Any], ended: Future[Any]) -> None:
    if done.cancelled():
        ended.set_exception(Cancelled())
    elif error := done.exception():
        ended.set_exception(error)
    else:
        ended.set_result(done.result())
