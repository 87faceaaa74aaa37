"""Action records by key: what was computed, from what, and what came out."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from engine.disk import publish
from engine.records import Record
from engine.store.digests import is_settled, marks
from engine.store.quarantine import Quarantine

_SUFFIX = ".json"
_MOST_READ = 4096
"""Records that are held as they were read; a few MB."""


class Actions:
    """The folder `ac/`.

    Args:
        folder: Where the records are.
        scratch: Where temporary files go.
        quarantine: Where damaged ones go.
    """

    def __init__(self, folder: Path, scratch: Path, quarantine: Quarantine) -> None:
        self._folder = folder
        self._prefix = f"{folder}/"  # joining texts is several times faster than joining paths
        self._scratch = scratch
        self._quarantine = quarantine
        self._read: dict[str, tuple[tuple[int, ...], Record]] = {}

    def get(self, key: str) -> Record | None:
        """Return the record of a key, if it is there and sound.

        One that was read before is not read again while the system says that its file is the same.
        """
        try:
            stat = os.stat(self._name(key))
        except OSError:
            return None
        read = self._read.get(key)
        if read is not None and read[0] == marks(stat):
            return read[1]
        record = self._sound(key)
        if record is not None and is_settled(stat):
            if len(self._read) >= _MOST_READ:
                self._read.clear()
            self._read[key] = marks(stat), record
        return record

    def _sound(self, key: str) -> Record | None:
        data = self._bytes(key)
        if data is None:
            return None
        record = Record.from_bytes(data)
        if record is not None and record.key == key:
            return record
        if not Record.is_older(data):  # else the next result takes its place
            self._quarantine.take(self.place(key), "its checksum is wrong")
        return None

    def put(self, record: Record) -> bool:
        """Publish a record; the first one stays unless it is damaged or says something else.

        Returns:
            False when there was one that names other results: the step is not deterministic, or
            one of the two was computed wrongly.
        """
        place, data = self._place(record.key), record.to_bytes()
        if publish(data, place, self._scratch):
            return True
        there = self.get(record.key)
        if there is not None and there.says_the_same(record):
            return True
        publish(data, place, self._scratch, replace=True)
        return there is None or there.outputs == record.outputs

    def check(self, key: str) -> bool:
        """Tell whether a record is sound, gone, or of an earlier version; else move it aside."""
        data = self._bytes(key)
        return data is None or Record.is_older(data) or self.get(key) is not None

    def place(self, key: str) -> Path:
        """Where a record is, or would be."""
        return Path(self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._prefix}{key[:2]}/{key}{_SUFFIX}"

    def remove(self, key: str) -> None:
        """Forget a record."""
        with contextlib.suppress(OSError):
            self.place(key).unlink()

    def __iter__(self) -> Iterator[str]:
        """Every key there is a file for."""
        for folder in sorted(self._folder.glob("??")):
            with contextlib.suppress(OSError), os.scandir(folder) as found:
                yield from sorted(e.name.removesuffix(_SUFFIX) for e in found)

    def beginning_with(self, digits: str) -> list[str]:
        """Return the keys that begin with some digits, at least two."""
        folder = self._folder / digits[:2]
        return sorted(path.stem for path in folder.glob(f"{digits}*{_SUFFIX}"))

    def _bytes(self, key: str) -> bytes | None:
        try:
            with open(self._name(key), "rb") as file:
                return file.read()
        except OSError:
            return None

    def _name(self, key: str) -> str:
        return f"{self._prefix}{key[:2]}/{key}{_SUFFIX}"
