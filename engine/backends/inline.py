"""Computes in threads of this process, which share its memory of values and weights."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from engine.backends.backend import Listen
from engine.backends.failure import failure, out_of_memory
from engine.backends.job import CANCELLED, Job, Jobs
from engine.backends.loop import Loop
from engine.backends.report import Ending, Finished, Notice
from engine.backends.task import Task
from engine.cache import Cache
from engine.context import StepContext
from engine.errors import Cancelled, OutOfMemoryError, StepError
from engine.maker import maker_of
from engine.registry import AnyNode, Registry
from engine.step import Means, compute


class InlineBackend:
    """Threads of this process.

    Args:
        registry: The nodes.
        cache: Store, memory and weights of this process.
        threads: How many tasks compute at once; asynchronous ones count as well.
        hold: Outputs are held in memory until released (`Finished.held`); without it they must
            be in the store, as in a worker process whose values nobody else can see.
        check_mutation: Fail a step that changed the value of an input, which costs encoding every
            input again.
    """

    def __init__(
        self,
        registry: Registry,
        cache: Cache,
        threads: int = 1,
        *,
        hold: bool = True,
        check_mutation: bool = False,
    ) -> None:
        self._registry = registry
        self._cache = cache
        self._hold = hold
        self._check_mutation = check_mutation
        self._jobs = Jobs()
        self._loop = Loop()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="step")

    def submit(self, task: Task, report: Listen) -> None:
        """Take a task."""
        job = Job(task, report)
        self._jobs.add(job)
        self._pool.submit(self._work, job)

    def cancel(self, key: str) -> None:
        """Stop the tasks of a key at their next progress, asynchronous ones where they wait."""
        self._jobs.cancel(key)

    def cancel_all(self) -> None:
        """Stop every task likewise."""
        self._jobs.cancel()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is computed any more; False when it takes longer."""
        return self._jobs.wait(seconds)

    def close(self) -> None:
        """Cancel all; a step that never listens keeps its thread, and nobody waits for it."""
        self.cancel_all()
        self._loop.close()
        self._pool.shutdown(wait=False)

    def _work(self, job: Job) -> None:
        try:
            ending = CANCELLED if job.cancelled.is_set() else self._end(job)
        except Cancelled as error:
            ending = CANCELLED if job.cancelled.is_set() else failure(error)
        except BaseException as error:  # noqa: BLE001 - the border to foreign code
            ending = failure(error)
        self._jobs.remove(job)
        job.report(ending)

    def _end(self, job: Job) -> Ending:
        task = job.task
        node = self._registry.get(task.op)
        if node is None or node.version != task.version:
            raise StepError(_unknown(task, node))
        with self._cache.store.lock(task.key, _waiting(job)):
            if task.reuse and (record := self._cache.find(node, task.key).record):
                return Finished(record, reused=True)
            return self._computed(job, node)

    def _computed(self, job: Job, node: AnyNode) -> Ending:
        """Compute; out of memory, once more after freeing all that nobody needs now."""
        by = maker_of(job.task.run, self._registry.software)
        means = Means(self._registry, partial(self._call, job), self._hold, self._check_mutation)
        for _ in range(2):
            context = StepContext(job.task, self._cache, job.report, job.cancelled, by=by)
            try:
                return Finished(compute(job.task, node, context, means), held=self._hold)
            except (MemoryError, OutOfMemoryError) as error:
                ending = out_of_memory(error)
            # Only here is the error gone, and with it what the frames of its traceback hold.
            if context.artifacts:
                break  # a second attempt would save its files twice
            self._free()
        return ending

    def _call(self, job: Job, node: AnyNode, arguments: Mapping[str, Any]) -> Any:
        result = node(**arguments)
        if not inspect.iscoroutine(result):
            return result
        return self._loop.run(result, job.interrupted_by)

    def _free(self) -> None:
        self._cache.memory.clear()
        self._cache.resources.clear()
        gc.collect()


def _waiting(job: Job) -> Callable[[], bool]:
    """Return what the lock asks while somebody else has it; the first time, say so."""
    said = False

    def stop() -> bool:
        nonlocal said
        if not said:
            said = True
            job.report(Notice(f"{job.task.step}: the same step is being computed; waiting for it"))
        return job.cancelled.is_set()

    return stop


def _unknown(task: Task, node: AnyNode | None) -> str:
    here = "does not know it" if node is None else f"has version {node.version}"
    return (
        f"the step needs {task.op} version {task.version}, but the process that computes {here}; "
        "start all processes of one run from one version of the code"
    )
