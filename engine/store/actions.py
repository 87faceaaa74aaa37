"""Action records by key: what was computed, from what, and what came out."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from engine.disk import publish
from engine.records import Record

_SUFFIX = ".json"


class Actions:
    """The folder `ac/`.

    Args:
        folder: Where the records are.
        scratch: Where temporary files go.
        quarantine: Where damaged ones go.
    """

    def __init__(self, folder: Path, scratch: Path, quarantine: Path) -> None:
        self._folder = folder
        self._prefix = f"{folder}/"  # joining texts is several times faster than joining paths
        self._scratch = scratch
        self._quarantine = quarantine

    def get(self, key: str) -> Record | None:
        """Return the record of a key, if it is there and sound."""
        try:
            with open(f"{self._prefix}{key[:2]}/{key}{_SUFFIX}", "rb") as file:
                data = file.read()
        except OSError:
            return None
        record = Record.from_bytes(data)
        if record is not None and record.key == key:
            return record
        if not Record.is_older(data):  # else the next result takes its place
            with contextlib.suppress(OSError):
                self.place(key).replace(self._quarantine / self.place(key).name)
        return None

    def put(self, record: Record) -> None:
        """Publish a record; the first one stays unless it is damaged or says something else."""
        place, data = self.place(record.key), record.to_bytes()
        if publish(data, place, self._scratch):
            return
        there = self.get(record.key)
        if there is None or not there.says_the_same(record):
            publish(data, place, self._scratch, replace=True)

    def place(self, key: str) -> Path:
        """Where a record is, or would be."""
        return Path(f"{self._prefix}{key[:2]}/{key}{_SUFFIX}")

    def remove(self, key: str) -> None:
        """Forget a record."""
        with contextlib.suppress(OSError):
            self.place(key).unlink()

    def __iter__(self) -> Iterator[str]:
        """Every key there is a file for."""
        for folder in sorted(self._folder.glob("??")):
            with contextlib.suppress(OSError), os.scandir(folder) as found:
                yield from sorted(e.name.removesuffix(_SUFFIX) for e in found)

    def beginning_with(self, prefix: str) -> list[str]:
        """Return the keys that begin with some digits, at least two."""
        folder = self._folder / prefix[:2]
        return sorted(path.stem for path in folder.glob(f"{prefix}*{_SUFFIX}"))
