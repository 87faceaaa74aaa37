"""kill -9 at random moments: every accepted run ends once, nothing finished is computed again."""

from dataclasses import asdict
from pathlib import Path

from tests.engine.queue.kills import kill_often

KILLS = 20
"""tests/benchmarks/queue_kills.py does it 200 times."""


def test_no_accepted_run_is_lost_or_ends_twice(tmp_path: Path) -> None:
    figures = asdict(kill_often(tmp_path, KILLS, seed=5))

    assert figures.pop("kills") == KILLS
    accepted, done, poisoned = (figures.pop(name) for name in ("accepted", "done", "poisoned"))
    assert accepted == done + poisoned
    assert figures.pop("resumed")
    assert set(figures.values()) == {0}, figures
