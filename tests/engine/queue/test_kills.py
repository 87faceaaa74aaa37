"""kill -9 at random moments: every accepted run ends once, nothing finished is computed again."""

import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine.queue.queue import MOST_ATTEMPTS, RunQueue

ROOT = Path(__file__).parents[3]
RUNS, KILLS = 6, 8


def started(folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.engine.queue.working_process", str(folder), str(RUNS)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_no_accepted_run_is_lost_or_ends_twice(tmp_path: Path) -> None:
    dice, kills = random.Random(5), 0  # noqa: S311 - repeatable, not secret
    ended: dict[int, tuple[str, float | None]] = {}
    accepted: set[int] = set()
    while True:
        process = started(tmp_path)
        if kills < KILLS:
            time.sleep(0.4 + dice.random() * 0.5)
            process.send_signal(signal.SIGKILL)
            kills += 1
        printed, _ = process.communicate(timeout=60)
        accepted |= {int(found) for found in re.findall(r"accepted (\d+)\n", printed)}
        queue = RunQueue(tmp_path / "queue.db")
        rows = {row.id: row for row in queue.list(limit=1000)}
        queue.close()
        for number, row in rows.items():
            if row.state in ("done", "failed", "poisoned"):
                assert ended.setdefault(number, (row.state, row.finished)) == (
                    row.state,
                    row.finished,
                ), "it ended twice"
        assert accepted <= rows.keys(), "an accepted run is gone"
        if process.returncode == 0:
            break
    assert len(rows) == RUNS, "no run was asked for twice"
    assert {state for state, _ in ended.values()} <= {"done", "poisoned"}
    assert all(row.state == "done" or row.attempt >= MOST_ATTEMPTS for row in rows.values())
    saved = sorted(path.read_text() for path in (tmp_path / "output").glob("*.txt"))
    assert all(text for text in saved), "a half-written file"
    lines = (tmp_path / "log.txt").read_text().split()
    assert len(lines) <= len(set(lines)) + kills, "finished steps were computed again"
