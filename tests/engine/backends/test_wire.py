"""What crosses between processes comes out as it went in, and garbage comes out as nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.report import Failed, Finished, Notice, Preview, Progress, Report
from engine.backends.task import Task
from engine.backends.wire import from_line, report_from_json, report_to_json, to_line
from engine.node import FileRef, Settings, Snapshot
from engine.records import Artifact, Record, Value
from engine.workflow import Link

NAMES = st.text(min_size=1, max_size=8)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
FIGURES = st.floats(allow_nan=False)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), FIGURES, st.text())
FILES = st.builds(FileRef, NAMES, DIGESTS, NAMES.map(Path))
LINKS = st.builds(Link, NAMES, NAMES)
FACTS = st.dictionaries(NAMES, st.one_of(st.integers(), st.text()), max_size=3)
VALUES = st.builds(Value, NAMES, DIGESTS, st.integers(0), FACTS, st.none() | st.text())
SOURCES = st.one_of(LINKS, st.lists(LINKS, max_size=3).map(tuple))
TASKS = st.builds(
    Task,
    step=NAMES,
    key=DIGESTS,
    op=NAMES,
    version=st.integers(1),
    settings=st.dictionaries(NAMES, SCALARS | FILES, max_size=3),
    links=st.dictionaries(NAMES, SOURCES, max_size=3),
    values=st.dictionaries(LINKS, VALUES, max_size=3),
    output_types=st.dictionaries(NAMES, NAMES, max_size=3),
    described=st.dictionaries(NAMES, SCALARS, max_size=3),
    files=st.dictionaries(DIGESTS, NAMES.map(Path), max_size=2),
    run=st.builds(Settings, NAMES, NAMES, st.none() | st.integers(1, 64)),
    reuse=st.booleans(),
    previews=st.booleans(),
)
RECORDS = st.builds(
    Record,
    key=DIGESTS,
    op=NAMES,
    version=st.integers(1),
    outputs=st.dictionaries(NAMES, VALUES, max_size=3),
    artifacts=st.lists(
        st.builds(Artifact, st.sampled_from(["output", "preview"]), NAMES, DIGESTS), max_size=2
    ).map(tuple),
    kept=st.lists(DIGESTS, max_size=2).map(tuple),
    seconds=st.floats(0, 1e6),
)
REPORTS: st.SearchStrategy[Report] = st.one_of(
    st.builds(Progress, st.integers(0), st.integers(0), st.dictionaries(NAMES, FIGURES)),
    st.builds(Preview, st.builds(Snapshot, st.just("image/png"), st.binary())),
    st.builds(Notice, st.text()),
    st.builds(Finished, RECORDS, st.booleans()),
    st.builds(Failed, st.sampled_from(["refused", "died"]), st.text(), st.text(), st.text()),
)


def sent(message: dict[str, Any]) -> dict[str, Any]:
    line = to_line(message)
    assert line.count(b"\n") == 1
    found = from_line(line)
    assert found is not None
    return found


@given(TASKS)
def test_a_task_crosses_whole(task: Task) -> None:
    found = Task.from_json(sent(task.to_json()))

    assert found == task
    assert [type(value) for value in found.settings.values()] == [
        type(value) for value in task.settings.values()
    ]
    assert {link: (value.facts, value.data) for link, value in found.values.items()} == {
        link: (value.facts, value.data) for link, value in task.values.items()
    }


@given(REPORTS)
def test_a_report_crosses_whole(report: Report) -> None:
    body = report_to_json(report)
    assert body is not None

    assert report_from_json(sent(body)) == report


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_none(data: bytes) -> None:
    found = from_line(data)

    assert found is None or json.loads(data) == found


def test_deeply_nested_garbage_is_none() -> None:
    assert from_line(b"[" * 100_000 + b"\n") is None
    assert from_line(b'{"ready": true}') is None
