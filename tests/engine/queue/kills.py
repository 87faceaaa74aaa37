"""Kills a process that works on a queue at random moments, and looks what became of its runs."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.queue.queue import RunQueue
from engine.queue.rows import ENDED, RunRow
from tests.engine.queue.working_process import STEPS

ROOT = Path(__file__).parents[3]
_PART = 30  # runs asked for in one folder; more make a new one
_EARLY = 0.25  # part of the kills that come while the process is still beginning
_PER_RUN = 1  # kills for each run: most are killed at once or never


@dataclass
class Figures:
    """What happened; all but the first five must stay 0.

    Attributes:
        kills: Processes that were killed.
        accepted: Runs that were promised.
        done: Of these, how many ended well.
        resumed: How many of them had been in hand when their process was killed.
        poisoned: How many were set aside because their process died with them too often.
        lost: Promised and not there, or not ended.
        doubled: There more often than asked for, or ended twice.
        repeated: Finished steps that were begun again.
        damaged: Result files that are missing, half-written or of another run.
        untold: Runs that ended well without telling so whole.
    """

    kills: int = 0
    accepted: int = 0
    done: int = 0
    resumed: int = 0
    poisoned: int = 0
    lost: int = 0
    doubled: int = 0
    repeated: int = 0
    damaged: int = 0
    untold: int = 0


@dataclass
class _Promises:
    """What killed processes had said."""

    accepted: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)
    states: dict[int, tuple[str, float | None]] = field(default_factory=dict)


def kill_often(folder: Path, kills: int, seed: int = 0) -> Figures:
    """Kill until `kills` are reached, let the last process finish, and say what came of it."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    figures = Figures()
    for number in range(-(-kills // (_PART * _PER_RUN))):
        part = folder / str(number)
        part.mkdir()
        wanted = min(kills - figures.kills, _PART * _PER_RUN)
        _work(part, max(4, wanted // _PER_RUN), wanted, dice, figures)
    return figures


def _work(folder: Path, runs: int, kills: int, dice: random.Random, figures: Figures) -> None:
    said = _Promises()
    while True:
        words = ["-m", "tests.engine.queue.working_process", str(folder), str(runs)]
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        last = not kills
        assert process.stdout
        printed = "" if last or dice.random() < _EARLY else process.stdout.readline()
        if not last:
            time.sleep(dice.random() * 0.6)
            process.kill()
            kills -= 1
            figures.kills += 1
        with process:
            printed += process.stdout.read()
        _hear(printed, said, figures)
        rows, stories = _history(folder)
        _compare(rows, said, figures)
        if last:
            assert process.returncode == 0
            break
    _look(folder, runs, rows, stories, said, figures)


def _hear(printed: str, said: _Promises, figures: Figures) -> None:
    for kind, rest in re.findall(r"(\w+) (.*)\n", printed):
        if kind == "accepted":
            said.accepted.add(rest)
        elif kind == "finished":
            said.finished.add(rest)
        elif kind == "begun":
            figures.repeated += rest in said.finished
        elif kind == "ended":
            said.ended[rest] += 1


def _history(folder: Path) -> tuple[dict[int, RunRow], dict[int, list[dict[str, Any]]]]:
    queue = RunQueue(folder / "queue.db")
    try:
        rows = {row.id: row for row in queue.list(limit=1000)}
        return rows, {number: queue.story(number) for number in rows}
    finally:
        queue.close()


def _compare(rows: dict[int, RunRow], said: _Promises, figures: Figures) -> None:
    """Hold what is there now against what was there before and what was said."""
    figures.lost += sum(int(number) not in rows for number in said.accepted)
    for number, row in rows.items():
        if row.state in ENDED:
            now = row.state, row.finished
            figures.doubled += said.states.setdefault(number, now) != now
    figures.lost += sum(number not in rows for number in said.states)


def _look(
    folder: Path,
    runs: int,
    rows: dict[int, RunRow],
    stories: dict[int, list[dict[str, Any]]],
    said: _Promises,
    figures: Figures,
) -> None:
    figures.accepted += len(said.accepted)
    figures.doubled += len(rows) - runs + sum(times > 1 for times in said.ended.values())
    saved = {path.name: path.read_text() for path in (folder / "output").glob("*.txt")}
    figures.damaged += len(saved) - len(set(saved.values()))
    for place, number in enumerate(sorted(rows)):
        row = rows[number]
        figures.done += row.state == "done"
        figures.resumed += row.state == "done" and row.attempt > 1
        figures.poisoned += row.state == "poisoned"
        figures.lost += row.state not in ("done", "poisoned")
        if row.state == "done" and row.ending:
            files = [saved.get(file) for file in row.ending.files]
            figures.damaged += files != [str(place)]
            told = [event["event"] for event in stories[number]]
            whole = told[-1:] == ["run-done"] and sum(row.ending.counts.values()) == STEPS
            figures.untold += not whole
