"""Kills runs at random times, again and again, and looks whether anything was lost or damaged."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.store import Store
from tests.engine.shell import MAIN
from tests.engine.workbench import document, step

STEPS = 80
WORKERS = 2


@dataclass
class Figures:
    """What happened.

    Attributes:
        kills: Processes that were killed.
        rounds: How often the workflow was set up with other words.
        completed: Processes that ran to their end before they were killed.
        failed: Processes that ended with an error.
        corrupt: Stored results that do not match their digest after a kill.
        repeated: Finished steps that were computed once more.
        different: Results that differ from those of an undisturbed run.
        leftovers: Temporary files that stayed behind.
        errors: The ends of what failed processes printed.
    """

    kills: int = 0
    rounds: int = 0
    completed: int = 0
    failed: int = 0
    corrupt: int = 0
    repeated: int = 0
    different: int = 0
    leftovers: int = 0
    errors: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Encode for printing."""
        return asdict(self)


def torture(folder: Path, kills: int, seed: int = 0) -> Figures:
    """Kill two processes on one store until `kills` are reached, and say what came of it."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    figures = Figures()
    while figures.kills < kills:
        figures.rounds += 1
        _one_round(folder, figures, dice, kills)
    figures.corrupt += _damaged(Store(folder / "store"))
    figures.leftovers = len(list((folder / "store" / "tmp").iterdir()))
    return figures


def _one_round(folder: Path, figures: Figures, dice: random.Random, kills: int) -> None:
    """Run one workflow, killing, until it completes; then compare with an undisturbed run."""
    written = folder / f"w{figures.rounds}.json"
    trace = folder / f"trace{figures.rounds}"
    written.write_text(json.dumps(_workflow(figures.rounds, trace)))
    while True:
        finished = _cached_steps(folder, written)
        before = _lines(trace)
        running = [_start(folder, written) for _ in range(WORKERS)]
        if figures.kills < kills:
            time.sleep(dice.uniform(0.25, 0.75))
            spared = dice.choice([0, 0, 0, 1])  # mostly both: a survivor finishes the round
            for process in running[spared:]:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    figures.kills += 1
        ends = [_end(process, figures) for process in running]
        figures.repeated += sum(name in finished for name in _lines(trace)[len(before) :])
        figures.corrupt += _damaged(Store(folder / "store"))
        if all(end == 0 for end in ends):
            figures.completed += len(ends)
            break
    figures.different += _saved(folder / "output") != _undisturbed(folder, written)
    _sweep(folder / "output")


def _workflow(number: int, trace: Path) -> dict[str, Any]:
    """A graph of slow steps, each reading two earlier ones, with one result file at the end."""
    steps: dict[str, Any] = {"start": step("Say", text=f"round {number}")}
    names = ["start"]
    for index in range(STEPS):
        sources = [f"@{names[-1]}.words", f"@{names[index // 2]}.words"]
        name = f"s{index}"
        steps[name] = step("Stretch", parts=sources, name=name, trace=str(trace), milliseconds=15)
        names.append(name)
    steps["save"] = step("Save", words=f"@{names[-1]}.words", name=f"round{number}")
    return document(**steps)


def _start(folder: Path, written: Path, store: str = "store") -> subprocess.Popen[str]:
    places = ["--store", store, "--output", "output" if store == "store" else "undisturbed"]
    return subprocess.Popen(
        [sys.executable, str(MAIN), "--workflow", str(written), *places],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _end(process: subprocess.Popen[str], figures: Figures) -> int:
    _, complaint = process.communicate(timeout=120)
    if process.returncode not in (0, -signal.SIGKILL):
        figures.failed += 1
        figures.errors.append(complaint[-500:])
    return process.returncode


def _cached_steps(folder: Path, written: Path) -> set[str]:
    words = ["--workflow", str(written), "--plan", "--json", "--store", "store"]
    done = subprocess.run(
        [sys.executable, str(MAIN), *words], cwd=folder, text=True, capture_output=True, check=True
    )
    plan = json.loads(done.stdout.splitlines()[-1])
    return {entry["step"] for entry in plan["steps"] if entry["state"] in ("cached", "unused")}


def _undisturbed(folder: Path, written: Path) -> set[str]:
    fresh = f"fresh-{written.stem}"
    process = _start(folder, written, fresh)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    found = _saved(folder / "undisturbed")
    _sweep(folder / "undisturbed")
    return found


def _saved(folder: Path) -> set[str]:
    """The contents of all result files, whatever they are called."""
    return {path.read_text() for path in folder.glob("*.txt")}


def _sweep(folder: Path) -> None:
    for path in folder.glob("*.txt"):
        path.unlink()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _damaged(store: Store) -> int:
    """Count contents that are not what their name says, and records that do not check out."""
    folder = store.folder
    contents = [path for path in (folder / "cas").rglob("*") if path.is_file()]
    records = list((folder / "ac").rglob("*.json"))
    bad = sum(store.read(path.name) is None for path in contents)
    return bad + sum(store.record(path.stem) is None for path in records)
