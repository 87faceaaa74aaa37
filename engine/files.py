"""Files named in a workflow: found below declared roots only, identified by their digest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from engine.containment import OutsideError, inside
from engine.errors import reason
from engine.ports import SHA256_FORM, File, FileRef, Root
from engine.problems import Edit, Fix
from engine.verdict import did_you_mean, nearest, shown

_MOST_LOOKED_AT = 5000  # a root may be somebody's home folder
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHA256 = re.compile(SHA256_FORM)


class FileError(ValueError):
    """A named file cannot be used; the sentence says why."""

    def __init__(self, code: str, message: str, *fixes: Fix) -> None:
        super().__init__(message)
        self.code = code
        self.fixes = fixes


@dataclass(frozen=True)
class Files:
    """The folders files may come from, by root, and how to identify their contents."""

    roots: Mapping[Root, Sequence[Path]]
    digest_of: Callable[[Path], str]
    _accepted: set[tuple[Callable[[Path], None], str]] = field(
        default_factory=set, repr=False, compare=False
    )

    def resolve(self, mark: File, written: Any) -> FileRef:
        """Find the file a workflow names: by name, or by digest when the name fails.

        Args:
            mark: What the port takes.
            written: `"folder/name.png"`, or `{"name": ..., "sha256": ...}`.

        Raises:
            FileError: When no file fits.
        """
        name, wanted = _read(written)
        _refuse_escape(name)
        _refuse_suffix(mark, name)
        path = self._by_name(mark, name)
        found = self._identified(path, name) if path else None
        if wanted and (found is None or found.sha256 != wanted):
            found = self._by_digest(mark, name, wanted) or self._refuse(mark, name, wanted, found)
        if found is None:
            found = self._refuse(mark, name, None, None)
        if mark.check and (mark.check, found.sha256) not in self._accepted:
            _accepted(mark.check, found)  # what is in a file follows from its digest: asked once
            self._accepted.add((mark.check, found.sha256))
        return replace(found, beside=self._beside(mark, found)) if mark.beside else found

    def _beside(self, mark: File, found: FileRef) -> tuple[FileRef, ...]:
        """Identify the files that belong to one; none may lead out of its folder."""
        names = sorted(mark.beside(found.path)) if mark.beside else []
        return tuple(self._identified(_inside(found.path.parent, name), name) for name in names)

    def _by_name(self, mark: File, name: str) -> Path | None:
        try:
            places = [_inside(root, name) for root in self.roots[mark.root]]
            if folder := next((path for path in places if path.is_dir()), None):
                message = f'"{name}" is a folder ({folder})'
                raise FileError("file-unreadable", message, Fix("name a file in it"))
            return next((path for path in places if path.is_file()), None)
        except (OSError, RuntimeError) as error:  # RuntimeError: links that go in circles
            message = f"{shown(name)} cannot be looked up ({reason(error)})"
            raise FileError("file-unreadable", message, Fix("use another name")) from None

    def _by_digest(self, mark: File, name: str, wanted: str) -> FileRef | None:
        for path in self._candidates(mark):
            found = self._identified(path, name)
            if found.sha256 == wanted:
                return found
        return None

    def _identified(self, path: Path, name: str) -> FileRef:
        try:
            return FileRef(name, self.digest_of(path), path)
        except OSError as error:
            message = f'"{name}" cannot be read ({reason(error)})'
            raise FileError("file-unreadable", message, Fix("make it readable")) from None

    def _candidates(self, mark: File) -> Iterator[Path]:
        """Every file of the right kind below the roots; links that lead out are left alone."""
        for root in self.roots[mark.root]:
            for path in islice(root.rglob("*"), _MOST_LOOKED_AT) if root.is_dir() else ():
                inside = path.resolve().is_relative_to(root.resolve())
                if mark.takes(path.name) and inside and path.is_file():
                    yield path.resolve()

    def _refuse(self, mark: File, name: str, wanted: str | None, found: FileRef | None) -> FileRef:
        folders = " or ".join(str(root) for root in self.roots[mark.root])
        if wanted and found:
            raise FileError(
                "file-changed",
                f'"{name}" is another file: expected sha256 {wanted[:12]}..., '
                f"got {found.sha256[:12]}...",
                Fix("restore the file"),
                Fix("remove sha256 from the workflow to use this one", (_write(name),)),
            )
        known = [
            path.relative_to(root.resolve()).as_posix()
            for root in self.roots[mark.root]
            for path in self._candidates(mark)
            if path.is_relative_to(root.resolve())
        ]
        hint = did_you_mean(name, list(dict.fromkeys(known)))
        place = Fix(f"put it into {folders}" if folders else "name a folder")
        if near := nearest(name, known):
            use = Fix(f'use "{near}"', (_write(near),))
            raise FileError("file-missing", f'"{name}" was not found', use, place)
        raise FileError("file-missing", f'"{name}" was not found ({hint})', place)


def _write(name: str) -> Edit:
    """Name another file in the very input that is refused."""
    return Edit(step="", input="", value=name)


def _read(written: Any) -> tuple[str, str | None]:
    if isinstance(written, str) and written:
        return written, None
    if isinstance(written, dict) and set(written) <= {"name", "sha256"}:
        name, wanted = written.get("name"), written.get("sha256")
        good_digest = wanted is None or (isinstance(wanted, str) and _SHA256.fullmatch(wanted))
        if isinstance(name, str) and name and good_digest:
            return name, wanted
    message = f'expected a file name or {{"name", "sha256"}}, got {shown(written)}'
    raise FileError("wrong-value", message, Fix('write it like "photo.png"'))


def _refuse_escape(name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    absolute = name.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", name)
    if absolute or ".." in parts or _CONTROL.search(name):
        raise FileError(
            "file-outside",
            f"{shown(name)} is not a name inside the allowed folders",
            Fix("give a relative name without .."),
        )


def _inside(root: Path, name: str) -> Path:
    try:
        return inside(root, name)
    except OutsideError as error:
        move = Fix(f"move the file into {root}")
        raise FileError("file-outside", str(error), move) from None


def _refuse_suffix(mark: File, name: str) -> None:
    if not mark.takes(name):
        kinds = ", ".join(mark.suffixes)
        message = f'"{name}" is not one of {kinds}'
        raise FileError("file-kind", message, Fix(mark.remedy(name) or "name such a file"))


def _accepted(check: Callable[[Path], None], found: FileRef) -> None:
    try:
        check(found.path)
    except (ValueError, OSError) as error:
        raise FileError("file-unfit", f'"{found.name}": {error}') from None
