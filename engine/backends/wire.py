"""Lines between a backend and its worker process: one JSON object each.

To the worker: first a `Setup`; then `{"task": n, "body": task}` and `{"cancel": n}`; the end of the
stream asks it to leave. From the worker: `{"ready": true}` or `{"unfit": sentence}`; then
`{"task": n, "report": kind, ...}`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.backends.report import Failed, Finished, Notice, Preview, Progress, Report
from engine.cache import Cache
from engine.contract import Snapshot
from engine.records import Record
from engine.results import Results

LONGEST_LINE = 16_000_000
LARGEST_PREVIEW = 1_000_000
CONNECTION_LOST = 113
"""Exit code of a worker that cannot send any more; no program's usual one."""


@dataclass(frozen=True)
class Setup:
    """What a worker computes with: folders, bytes of memory and store for values, threads."""

    store: str
    output: str
    preview: str
    memory: int
    threads: int
    reading: bool = True
    check_mutation: bool = False
    limit: int | None = None

    @classmethod
    def of(cls, cache: Cache, memory: int, threads: int, *, check_mutation: bool = False) -> Setup:
        """Describe the folders of a cache."""
        roots = {place: str(root.resolve()) for place, root in cache.results.roots.items()}
        return cls(
            store=str(cache.store.folder.resolve()),
            output=roots["output"],
            preview=roots["preview"],
            memory=memory,
            threads=threads,
            reading=cache.reading,
            check_mutation=check_mutation,
            limit=cache.store.limit,
        )

    @property
    def results(self) -> Results:
        """Where files for the user go."""
        return Results({"output": Path(self.output), "preview": Path(self.preview)})


def to_line(message: Mapping[str, Any]) -> bytes:
    """Encode a message; ASCII, so that no text can end its line."""
    return json.dumps(message).encode("ascii") + b"\n"


def from_line(line: bytes) -> dict[str, Any] | None:
    """Decode a whole line; None when it is no message."""
    try:
        message = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def report_to_json(report: Report) -> dict[str, Any] | None:
    """Encode a report; None for a preview too large to be worth its way."""
    match report:
        case Finished():
            record = report.record.to_bytes().decode()
            return {"report": "finished", "record": record, "reused": report.reused}
        case Preview():
            data = report.value.to_bytes()
            if len(data) > LARGEST_PREVIEW:
                return None
            return {"report": "preview", "data": base64.b64encode(data).decode()}
    return {"report": type(report).__name__.lower(), **asdict(report)}


def report_from_json(body: dict[str, Any]) -> Report:
    """Decode a report; nothing of a node is imported or run for that.

    Raises:
        ValueError, TypeError, KeyError: When it is none.
    """
    kind = body.pop("report")
    if kind == "finished":
        record = Record.from_bytes(body["record"].encode())
        if record is None:
            raise ValueError("a record without its checksum")
        return Finished(record, body["reused"])
    if kind == "preview":
        return Preview(Snapshot.from_bytes(base64.b64decode(body["data"])))
    return _PLAIN[kind](**body)


_PLAIN: dict[str, type[Progress | Notice | Failed]] = {
    "progress": Progress,
    "notice": Notice,
    "failed": Failed,
}
