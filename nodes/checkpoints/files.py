"""The files a model is in: the chosen one, and those that belong to it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ModelFiles:
    """Where a model is.

    Attributes:
        path: The chosen file.
        beside: Places of the files that belong to it, by name; None looks beside it on disk.
    """

    path: Path
    beside: Mapping[str, Path] | None = None

    @classmethod
    def of(cls, model: Path | ModelFiles) -> ModelFiles:
        """A path stands for itself and what lies beside it."""
        return model if isinstance(model, ModelFiles) else cls(model)

    @property
    def name(self) -> str:
        """What people call it: the file, or the folder of a model in several files."""
        return self.path.parent.name if self.path.suffix == ".json" else self.path.name

    def has(self, name: str) -> bool:
        """Whether one of the files is there."""
        return self.place(name).is_file() if self.beside is None else name in self.beside

    def place(self, name: str) -> Path:
        """The place of one of the files; the empty name is the chosen one."""
        if not name:
            return self.path
        return self.path.parent / name if self.beside is None else self.beside[name]
