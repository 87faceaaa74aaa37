"""The folders that result files go to: names stay inside, nothing finished is overwritten."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.containment import OutsideError, inside
from engine.disk import file_sha256, move, remove_stale
from engine.errors import OutputError, StepError, reason
from engine.records import Artifact, Place
from engine.stem import STEM_FORM, is_stem

_UNFINISHED = ".saving-"  # how the names of files begin that are being written
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,16}){1,2}")


@dataclass(frozen=True)
class Results:
    """Where `ctx.save` writes: the output folder and the store's preview folder.

    `receipts` says whether saved files tell how they were made.
    """

    roots: Mapping[Place, Path]
    receipts: bool = True

    def save(self, place: Place, stem: str, suffix: str, data: bytes, numbered: bool) -> Artifact:
        """Write a file whole and return what to remember of it.

        Raises:
            StepError: When the name is no safe path below the folder.
            OutputError: When the folder cannot be written.
        """
        root = self.roots[place]
        target = self._target(root, stem, suffix)
        try:
            path = _write(target, suffix, data, numbered)
        except OSError as error:
            raise OutputError(
                f"{target.parent} cannot be written ({reason(error)});"
                " choose another folder with --output"
            ) from None
        file = path.relative_to(root.resolve()).as_posix()
        return Artifact(place, file, hashlib.sha256(data).hexdigest())

    @property
    def target(self) -> str:
        """The output folder, part of the key of steps that write there."""
        return str(self.roots["output"].resolve())

    def path(self, artifact: Artifact) -> Path:
        """Where an artifact is, or would be."""
        return self.roots[artifact.place].resolve() / artifact.file

    def intact(self, artifact: Artifact, digest_of: Callable[[Path], str] = file_sha256) -> bool:
        """Tell whether the file is there with the recorded content."""
        try:
            return digest_of(self.path(artifact)) == artifact.sha256
        except OSError:
            return False

    def _target(self, root: Path, stem: str, suffix: str) -> Path:
        if not is_stem(stem):
            raise StepError(f'"{stem}" cannot name a result file; {STEM_FORM}')
        if not _SUFFIX.fullmatch(suffix):
            raise StepError(f'"{suffix}" is no file suffix; use one like ".png"')
        try:
            inside(root, stem)
        except OutsideError:
            message = f'"{stem}" leads out of the output folder; choose another name'
            raise StepError(message) from None
        return root.resolve() / stem


def _write(target: Path, suffix: str, data: bytes, numbered: bool) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=_UNFINISHED)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        if not numbered:
            final = target.with_name(target.name + suffix)
            move(temporary, final, replace=True)
            return final
        number = _last_number(target, suffix) + 1
        while not move(temporary, final := target.with_name(f"{target.name}_{number:05d}{suffix}")):
            number += 1
        return final
    finally:
        temporary.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished, and only that: it is the user's folder."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        remove_stale(path)


def _last_number(target: Path, suffix: str) -> int:
    pattern = re.compile(re.escape(target.name) + r"_(\d{5,9})" + re.escape(suffix))
    found = (pattern.fullmatch(path.name) for path in target.parent.iterdir())
    return max((int(match[1]) for match in found if match), default=0)
