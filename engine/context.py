"""What a running step sees of the engine: the implementation of `engine.node.Context`."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any, TypeVar

from engine.backends.report import Notice, Preview, Progress, Report
from engine.backends.task import Task
from engine.cache import Cache
from engine.chain import StepChain, chain_keys
from engine.errors import Cancelled, OutputError, StepError, VanishedError, reason
from engine.node import Settings, Snapshot
from engine.ports import SHA256_FORM
from engine.receipt import MAX_BYTES, texts
from engine.records import Artifact

T = TypeVar("T")

_PROGRESS_SECONDS = 0.1
_PREVIEW_SECONDS = 0.2
_PREVIEW_PART = 10  # one tenth of the time at most
_SHA256 = re.compile(SHA256_FORM)


@dataclass
class StepContext:
    """The context of one step; collects what the step saved and kept.

    `by` says who computes it (`maker.maker_of`).
    """

    task: Task
    cache: Cache
    report: Callable[[Report], None]
    cancelled: Flag = field(default_factory=Flag)
    artifacts: list[Artifact] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    scratched: bool = False
    chains: list[StepChain] = field(default_factory=list)
    by: Mapping[str, Any] = field(default_factory=dict)
    _reported: float = 0.0
    _next_preview: float = 0.0

    @property
    def settings(self) -> Settings:
        """Device, numerics and threads of this run."""
        return self.task.run

    def progress(self, done: int, total: int, **figures: float) -> None:
        """Report progress, at most ten times a second; raises Cancelled when asked to stop."""
        self._stop_if_cancelled()
        now = time.monotonic()
        if done < total and now - self._reported < _PROGRESS_SECONDS:
            return
        self._reported = now
        self.report(Progress(done, total, figures))

    def preview(self, value: Snapshot | Callable[[], Snapshot]) -> None:
        """Offer a picture of something unfinished to whoever watches.

        One is made at most five times a second, and takes a tenth of the time at most.

        Raises:
            StepError: It is no `Snapshot`, which is all that may reach other processes.
        """
        self._stop_if_cancelled()
        if not self.task.previews:
            return
        if callable(value):
            began = time.monotonic()
            if began < self._next_preview:
                return
            value = value()
            cost = time.monotonic() - began
            self._next_preview = began + max(_PREVIEW_SECONDS, _PREVIEW_PART * cost)
        if not isinstance(value, Snapshot):
            raise StepError(f"a preview is a {type(value).__name__}, expected a Snapshot")
        self.report(Preview(value))

    def resource(self, key: str, load: Callable[[], T]) -> T:
        """Return what `load` made for `key`, from this process's weight cache."""
        return self.cache.resources.get(key, load)

    def blob(self, sha256: str) -> Path:
        """Locate a file input of this run or a file kept in the store."""
        if sha256 in self.task.files:
            return self.unchanged(self.task.files[sha256], sha256)
        path = self.cache.store.path(sha256) if _SHA256.fullmatch(sha256) else None
        if path is None:
            raise VanishedError(
                f"the file with sha256 {sha256[:12]}... is not in the store any more; "
                "run again to make it anew",
                sha256,
            )
        return path

    def unchanged(self, path: Path, sha256: str) -> Path:
        """Return the path of a file input that is still what the check saw.

        Keys are made of the digest taken then; what is computed from another content must not be
        kept under it.

        Raises:
            StepError: When the file was changed or removed since.
        """
        try:
            same = self.cache.store.digest_of(path) == sha256
        except OSError:
            same = False
        if not same:
            raise StepError(f"{path} was changed or removed while the workflow ran; run again")
        return path

    def keep(self, path: Path) -> str:
        """Put a file this step made into the store."""
        digest = self._storing(lambda: self.cache.store.keep(path))
        self.kept.append(digest)
        return digest

    def scratch(self) -> Path:
        """Folder of this step's key that survives a kill."""
        self.scratched = True
        return self._storing(lambda: self.cache.store.scratch(self.task.key))

    def chain(self, start: Mapping[str, Any], links: Sequence[Any], without: str) -> StepChain:
        """Open the chain of this step's checkpoints."""
        keys = chain_keys(self.task.described, without, start, links)
        node = (self.task.op, self.task.version)
        self.chains.append(StepChain(self.cache.store, node, keys, self.cache.reading))
        return self.chains[-1]

    def flush(self) -> None:
        """Keep the newest state of an unfinished step: the next run goes on from there.

        Nothing is raised: what ended the step is the fault to tell.
        """
        for chain in self.chains:
            with contextlib.suppress(Exception):
                chain.flush()

    def receipt(self) -> Mapping[str, str]:
        """Tell how the file that is saved next came about."""
        if self.task.receipt is None:
            return {}
        found = texts(self.task.receipt, len(self.artifacts), self.by)
        if not found:
            size = f"{MAX_BYTES // 1_000_000} MB"
            step = self.task.step
            self.report(Notice(f"{step}: the receipt is larger than {size} and is left out"))
        return found

    def save(
        self,
        stem: str,
        suffix: str,
        data: bytes,
        numbered: bool = True,
        temporary: bool = False,
    ) -> Path:
        """Write a result file for the user."""
        self._stop_if_cancelled()
        place = self.cache.results
        artifact = place.save("preview" if temporary else "output", stem, suffix, data, numbered)
        self.artifacts.append(artifact)
        return place.path(artifact)

    def _storing(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            folder = self.cache.store.folder
            message = f"the store {folder} cannot be written ({reason(error)})"
            raise OutputError(message) from error

    def _stop_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled
