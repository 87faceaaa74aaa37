"""A context backed by folders, so that nodes can be run without the engine."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from engine.node import Cancelled, Settings, Storable

T = TypeVar("T")


@dataclass
class ListChain:
    """A chain that keeps every checkpoint in a dictionary shared by all chains of a context."""

    kept: dict[str, bytes]
    links: list[str]
    resuming: bool

    def resume(self) -> tuple[int, bytes] | None:
        if not self.resuming:
            return None
        found = [index for index, link in enumerate(self.links) if link in self.kept]
        return (found[-1] + 1, self.kept[self.links[found[-1]]]) if found else None

    def checkpoint(self, done: int, data: Callable[[], bytes]) -> None:
        self.kept[self.links[done - 1]] = data()


@dataclass
class FolderContext:
    """What a step sees, below one folder; remembers what was reported, previewed and saved.

    Args:
        folder: Holds `scratch`, `store` (files by digest), `output` and `preview`.
        inputs: File inputs of the run, by digest.
        stop_after: Cancel at the report after this many; None never cancels.
        settings: Device and numerics.
        resuming: Go on from checkpoints; what a step depends on is not in their names here.
    """

    folder: Path
    inputs: Mapping[str, Path] = field(default_factory=dict)
    stop_after: int | None = None
    settings: Settings = field(default_factory=Settings)
    progressed: list[tuple[int, int]] = field(default_factory=list)
    figures: list[dict[str, float]] = field(default_factory=list)
    previews: list[Storable] = field(default_factory=list)
    loaded: dict[str, Any] = field(default_factory=dict)
    checkpoints: dict[str, bytes] = field(default_factory=dict)
    resuming: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    def progress(self, done: int, total: int, **figures: float) -> None:
        if len(self.progressed) == self.stop_after:
            raise Cancelled
        self.progressed.append((done, total))
        self.figures.append(figures)

    def preview(self, value: Storable | Callable[[], Storable]) -> None:
        self.previews.append(value() if callable(value) else value)

    def resource(self, key: str, load: Callable[[], T]) -> T:
        if key not in self.loaded:
            self.loaded[key] = load()
        value: T = self.loaded[key]
        return value

    def blob(self, sha256: str) -> Path:
        return self.inputs.get(sha256, self.folder / "store" / sha256)

    def keep(self, path: Path) -> str:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        store = self.folder / "store"
        store.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, store / digest)
        return digest

    def scratch(self) -> Path:
        folder = self.folder / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def chain(self, start: Mapping[str, Any], links: Sequence[Any], without: str) -> ListChain:
        names = [repr((without, dict(start), links[: done + 1])) for done in range(len(links))]
        return ListChain(self.checkpoints, names, self.resuming)

    def receipt(self) -> Mapping[str, str]:
        return self.notes

    def save(
        self,
        stem: str,
        suffix: str,
        data: bytes,
        numbered: bool = True,
        temporary: bool = False,
    ) -> Path:
        folder = self.folder / ("preview" if temporary else "output")
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob(f"{stem}_*{suffix}"))) + 1
        path = folder / (f"{stem}_{number:05d}{suffix}" if numbered else f"{stem}{suffix}")
        path.write_bytes(data)
        return path

    def again(self) -> FolderContext:
        """Return what a new process sees of the same folder."""
        return FolderContext(self.folder, self.inputs, settings=self.settings)
