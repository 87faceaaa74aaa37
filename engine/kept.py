"""What a library keeps besides its files: versions that were replaced, drafts that are not saved.

Each name has its own folder or file, named by a digest of it, so that no name can be unfit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.disk import replace_durably

MOST_VERSIONS = 50
MOST_BYTES = 100_000_000
MOST_DRAFTS = 200
_UNFINISHED = ".saving-"
_VERSION = re.compile(r"(\d{9})-([0-9a-f]{64})\.json")


@dataclass(frozen=True)
class Version:
    """Bytes a file once had.

    Attributes:
        number: Counts on; the highest is the newest.
        etag: SHA-256 of the bytes.
        replaced: When they were replaced or deleted, in seconds since 1970.
        bytes: How many.
    """

    number: int
    etag: str
    replaced: float
    bytes: int


@dataclass(frozen=True)
class Draft:
    """Unsaved work: the name it is for, its bytes, when they came in seconds since 1970."""

    name: str
    data: bytes
    modified: float


class Versions:
    """What files had before they were replaced or deleted, newest first, bounded per name.

    Args:
        folder: Where they are.
        most: How many of one name.
        most_bytes: How large those may be together; the newest is kept however large it is.
    """

    def __init__(
        self, folder: Path, most: int = MOST_VERSIONS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = folder
        self._most = most
        self._most_bytes = most_bytes

    def of(self, name: str) -> list[Version]:
        """List the versions of a name, newest first."""
        return [version for version, _ in self._found(name)]

    def read(self, name: str, number: int) -> bytes | None:
        """Return the bytes of a version; None when there is none, or they are damaged."""
        for version, path in self._found(name):
            if version.number == number:
                data = _read(path)
                whole = data is not None and hashlib.sha256(data).hexdigest() == version.etag
                return data if whole else None
        return None

    def add(self, name: str, data: bytes) -> None:
        """Keep bytes that are about to be replaced; those of the newest version are kept once.

        Raises:
            OSError: When they cannot be kept.
        """
        found, etag = self._found(name), hashlib.sha256(data).hexdigest()
        if found and found[0][0].etag == etag:
            return
        number = found[0][0].number + 1 if found else 1
        folder = _place(self._folder, name)
        replace_durably(data, folder / f"{number:09d}-{etag}.json", _UNFINISHED)
        self._forget(name)

    def _forget(self, name: str) -> None:
        room = self._most_bytes
        for index, (version, path) in enumerate(self._found(name)):
            room -= version.bytes
            if index >= self._most or (index and room < 0):
                path.unlink(missing_ok=True)

    def _found(self, name: str) -> list[tuple[Version, Path]]:
        found = []
        with contextlib.suppress(OSError):
            for path in _place(self._folder, name).iterdir():
                if match := _VERSION.fullmatch(path.name):
                    about = path.stat()
                    number, etag = int(match[1]), match[2]
                    version = Version(number, etag, about.st_mtime, about.st_size)
                    found.append((version, path))
        return sorted(found, key=lambda item: -item[0].number)


class Drafts:
    """The newest unsaved work by name, apart from the files it may become.

    Args:
        folder: Where they are.
        most: How many there may be; the oldest go first.
    """

    def __init__(self, folder: Path, most: int = MOST_DRAFTS) -> None:
        self._folder = folder
        self._most = most

    def all(self) -> list[Draft]:
        """List the drafts, newest first."""
        return sorted(self._found(), key=lambda draft: -draft.modified)

    def read(self, name: str) -> Draft | None:
        """Return the draft of a name; None when there is none."""
        return _draft(_place(self._folder, name))

    def write(self, name: str, data: bytes) -> None:
        """Keep a draft in the place of the last one.

        Raises:
            OSError: When it cannot be kept.
        """
        named = json.dumps(name).encode() + b"\n" + data
        replace_durably(named, _place(self._folder, name), _UNFINISHED)
        for draft in self.all()[self._most :]:
            self.drop(draft.name)

    def drop(self, name: str) -> None:
        """Forget the draft of a name, if there is one.

        Raises:
            OSError: When it cannot be removed.
        """
        _place(self._folder, name).unlink(missing_ok=True)

    def _found(self) -> Iterator[Draft]:
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if not path.name.startswith(_UNFINISHED) and (draft := _draft(path)):
                    yield draft


def _place(folder: Path, name: str) -> Path:
    return folder / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _draft(path: Path) -> Draft | None:
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        return Draft(str(json.loads(head)), data, path.stat().st_mtime)
    except (OSError, ValueError):
        return None
