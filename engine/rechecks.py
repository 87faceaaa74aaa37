"""The checks of requests that come again: nothing is read twice while its files are the same.

A check follows from the document, the node types and the contents of the files it names. The first
two do not change while a server runs; of the third, every look-up is written down, and looked up
once more before a check is used again: by name and digest, without opening what was opened.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from engine.files import FileError, Files
from engine.ports import File, FileRef

T = TypeVar("T")
_MOST = 32
_LARGEST = 1_000_000  # characters of a request that is remembered


@dataclass(frozen=True)
class WatchedFiles(Files):
    """Files that write down what was looked up.

    Attributes:
        seen: What was asked for and what was found.
    """

    seen: list[tuple[File, Any, FileRef]] = field(default_factory=list)

    def resolve(self, mark: File, written: Any) -> FileRef:
        """Find the file a workflow names, as `Files` does, and write it down."""
        found = super().resolve(mark, written)
        self.seen.append((mark, written, found))
        return found


class Rechecks(Generic[T]):
    """The newest results that found no error, by what was asked; safe to use from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[T, list[tuple[File, Any, FileRef]]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        asked: Mapping[str, Any],
        files: Files,
        make: Callable[[Files], T],
        sound: Callable[[T], bool],
    ) -> T:
        """Return what was made of the same before, or make it.

        Args:
            asked: What it follows from, as JSON.
            files: Where its files are.
            make: Makes it, looking up files in what it is given.
            sound: Tells whether it may be used again; what is missing today may come tomorrow.
        """
        text = json.dumps(asked)
        key = hashlib.sha256(text.encode()).hexdigest()
        with self._lock:
            before = self._known.get(key)
        if before is not None and all(_same(files, *look) for look in before[1]):
            return before[0]
        watched = WatchedFiles(files.roots, files.digest_of)
        made = make(watched)
        if sound(made) and len(text) <= _LARGEST:
            self._remember(key, made, watched)
        return made

    def _remember(self, key: str, made: T, watched: WatchedFiles) -> None:
        with self._lock:
            self._known[key] = (made, watched.seen)
            self._known.move_to_end(key)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)


def _same(files: Files, mark: File, written: Any, found: FileRef) -> bool:
    """Tell whether a name still means the same contents; contents that were fit still are."""
    try:
        return files.resolve(replace(mark, check=None), written) == found
    except FileError:
        return False
