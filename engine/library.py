"""Workflow files in a folder: kept as bytes, written whole, never overwritten unseen.

The library stores what it is given, byte for byte; whether that is a workflow is for others to
say. A file is named by its path below the folder without `.json`: `inpaint`, or `shapes/inpaint`.
Its ETag is the SHA-256 of its bytes. Replaced and deleted bytes go to `Versions`, unsaved work of
an editor to `Drafts`: both in a hidden folder beside the library, which no name can reach.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.containment import inside
from engine.disk import remove_stale, replace_durably, settle_folder
from engine.errors import EngineError, reason
from engine.kept import Draft, Drafts, Versions
from engine.stem import is_stem
from engine.workflow import MAX_BYTES

_SUFFIX, _SCHEMA = ".json", ".schema"
_UNFINISHED = ".saving-"
_NO_WAITING = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | os.O_RDONLY


class LibraryError(EngineError):
    """The library cannot do what is asked."""


class BadNameError(LibraryError):
    """A text cannot name a workflow file."""


class MissingError(LibraryError):
    """There is no workflow of this name."""


class TooLargeError(LibraryError):
    """A file is larger than a workflow can be."""


class ConflictError(LibraryError):
    """The file is not the one the caller saw last.

    Attributes:
        expected: ETag the caller saw; None when it saw no file.
        found: ETag of what is there; None when there is nothing.
    """

    def __init__(self, name: str, expected: str | None, found: str | None) -> None:
        super().__init__(
            f'"{name}" was changed elsewhere: expected {_seen(expected)}, found {_seen(found)};'
            " keep yours, keep theirs, or save yours under another name."
        )
        self.expected = expected
        self.found = found


@dataclass(frozen=True)
class Stored:
    """The bytes of a file, and the ETag that stands for them."""

    data: bytes
    etag: str


@dataclass(frozen=True)
class Listed:
    """A file of the library.

    Attributes:
        name: Its name, to read it by.
        bytes: Its size.
        modified: When it was last written, in seconds since 1970.
    """

    name: str
    bytes: int
    modified: float


class Library:
    """Workflow files below one folder.

    One object per folder and process: it puts its own writers in order. What another program
    writes at the very moment of a replacement may be lost, but only to `versions`.

    Args:
        folder: Where the files are; it may be a link. Made by the first write.
        beside: Where versions and drafts are; by default a hidden folder beside it.
    """

    def __init__(self, folder: Path, beside: Path | None = None) -> None:
        self.folder = folder
        kept = beside or folder.absolute().parent / f".{folder.name}.kept"
        self.versions = Versions(kept / "versions")
        self._drafts = Drafts(kept / "drafts")
        self._lock = threading.Lock()

    def all(self) -> list[Listed]:
        """List the files by name; what has no usable name or leads out of the folder is not."""
        return sorted(self._listed(), key=lambda item: item.name)

    def read(self, name: str) -> Stored:
        """Read a file.

        Raises:
            BadNameError, MissingError, TooLargeError: When there is nothing to be read.
            LibraryError: When the disk fails.
        """
        stored = self._stored(self._place(name))
        if stored is None:
            raise MissingError(f'there is no workflow "{name}"; GET workflows lists them.')
        return stored

    def write(self, name: str, data: bytes, expected: str | None) -> str:
        """Write a file whole, keep what it replaces, and return its new ETag.

        Args:
            name: Its name.
            data: Its bytes, whatever they are.
            expected: ETag of the file the caller saw last; None if it saw none.

        Raises:
            ConflictError: When another file is there, or none is.
            BadNameError, TooLargeError: When it cannot be a file of the library.
            LibraryError: When the disk fails; the old file is whole then.
        """
        refuse_large(data)
        place = self._place(name)
        etag = etag_of(data)
        with self._lock:
            before = self._expected(name, place, expected)
            if before is not None and before.etag == etag:
                return etag
            try:
                self._replace(name, place, before, data)
            except OSError as error:
                raise LibraryError(f'"{name}" cannot be written ({reason(error)}).') from None
        return etag

    def delete(self, name: str, expected: str | None) -> None:
        """Delete a file; its bytes stay among its versions.

        Raises:
            ConflictError: When it is not the file the caller saw.
            MissingError, BadNameError, LibraryError: As for `read`.
        """
        place = self._place(name)
        with self._lock:
            before = self._expected(name, place, expected)
            if before is None:
                raise MissingError(f'there is no workflow "{name}"; nothing was deleted.')
            try:
                self.versions.add(name, before.data)
                place.unlink()
                settle_folder(place.parent)
            except OSError as error:
                raise LibraryError(f'"{name}" cannot be deleted ({reason(error)}).') from None

    def save_draft(self, name: str, data: bytes) -> None:
        """Keep unsaved work, in the place of the last one of that name; the file stays as it is.

        Raises:
            BadNameError, TooLargeError, LibraryError: As for `write`.
        """
        refuse_large(data)
        self._place(name)
        try:
            with self._lock:
                self._drafts.write(name, data)
        except OSError as error:
            raise LibraryError(f"the draft cannot be written ({reason(error)}).") from None

    def drafts(self) -> list[Draft]:
        """List all unsaved work, newest first."""
        return self._drafts.all()

    def draft(self, name: str) -> Draft | None:
        """Return the unsaved work of a name; None when there is none."""
        return self._drafts.read(name)

    def drop_draft(self, name: str) -> None:
        """Forget the unsaved work of a name, if there is any.

        Raises:
            LibraryError: When the disk fails.
        """
        try:
            with self._lock:
                self._drafts.drop(name)
        except OSError as error:
            raise LibraryError(f"the draft cannot be removed ({reason(error)}).") from None

    def _replace(self, name: str, place: Path, before: Stored | None, data: bytes) -> None:
        if before is not None:
            self.versions.add(name, before.data)
        replace_durably(data, place, _UNFINISHED)
        for path in place.parent.glob(f"{_UNFINISHED}*"):  # of processes that were killed
            remove_stale(path)

    def _expected(self, name: str, place: Path, expected: str | None) -> Stored | None:
        before = self._stored(place)
        found = before.etag if before else None
        if found != expected:
            raise ConflictError(name, expected, found)
        return before

    def _place(self, name: str) -> Path:
        if not is_stem(name) or name.endswith(_SCHEMA):
            message = f"{ascii(name)[:80]} cannot name a workflow; use letters, digits, - and _."
            raise BadNameError(message)
        try:
            path = inside(self.folder, name + _SUFFIX)
        except (ValueError, OSError, RuntimeError):
            message = f'"{name}" leads out of the library; choose another name.'
            raise BadNameError(message) from None
        return path

    def _stored(self, place: Path) -> Stored | None:
        try:
            data = _bytes_of(place)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            message = f'"{place.name}" cannot be read ({reason(error)}).'
            raise LibraryError(message) from None
        refuse_large(data)
        return Stored(data, etag_of(data))

    def _listed(self) -> Iterator[Listed]:
        patterns = (f"*{_SUFFIX}", f"*/*{_SUFFIX}")
        for path in (found for pattern in patterns for found in self.folder.glob(pattern)):
            name = path.relative_to(self.folder).as_posix().removesuffix(_SUFFIX)
            try:
                about = self._place(name).stat()
            except (BadNameError, OSError):
                continue
            if stat.S_ISREG(about.st_mode) and about.st_size <= MAX_BYTES:
                yield Listed(name, about.st_size, about.st_mtime)


def etag_of(data: bytes) -> str:
    """Return the ETag of bytes: their SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def refuse_large(data: bytes) -> None:
    """Refuse what no workflow file can be.

    Raises:
        TooLargeError: When it is larger.
    """
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"the file is larger than {MAX_BYTES // 1_000_000} MB.")


def _bytes_of(path: Path) -> bytes:
    """Read a plain file, at most one byte more than is allowed; a pipe would never end."""
    handle = os.open(path, _NO_WAITING)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileNotFoundError(path)
        return file.read(MAX_BYTES + 1)


def _seen(etag: str | None) -> str:
    return f"{etag[:12]}..." if etag else "no file"
