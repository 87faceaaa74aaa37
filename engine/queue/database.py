"""The SQLite file of the queue: opened safely, one writer, what is acknowledged is on the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.queue.tables import NewerError, migrate

_PATIENCE = 5.0  # seconds to wait for another process that writes
_LOOKED_THROUGH = 100_000_000  # bytes of a file that is looked through before it is used: 0.1 s


class QueueError(EngineError):
    """The queue cannot be read or written; the sentence says why."""


class Database:
    """One connection, used by one thread at a time.

    A file that is no database is set aside under another name and a new one is begun; `set_aside`
    says so.

    Args:
        path: The file.

    Raises:
        QueueError: It can be neither opened nor set aside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.set_aside: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._opened()
        except (sqlite3.Error, OSError, NewerError) as error:
            raise QueueError(f"the queue {path} cannot be opened ({error}).") from None

    @contextlib.contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Hold a transaction that is written when the block ends, or not at all.

        Args:
            durable: Wait until it is on the disk, whatever happens then.

        Raises:
            QueueError: It cannot be written: the disk is full, or the file is read-only.
        """
        with self._lock, self._told():
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection to read.

        Raises:
            QueueError: It cannot be read.
        """
        with self._lock, self._told():
            yield self._connection

    def close(self) -> None:
        """Close it; nothing is lost if nobody does."""
        with self._lock:
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.OperationalError:
            raise  # locked, or not ours to open: no reason to begin anew
        except sqlite3.DatabaseError:
            self.set_aside = _set_aside(self._path)
            return _connect(self._path)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise QueueError(f"the queue {self._path} cannot be used ({error}).") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if path.stat().st_size <= _LOOKED_THROUGH:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> Path:
    """Move a damaged file and what belongs to it out of the way; nothing of it is removed."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(f"{aside}{ending}")
    return aside
