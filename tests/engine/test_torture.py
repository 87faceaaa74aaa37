"""kill -9 with real processes; the long form is tests/benchmarks/kills.py."""

from __future__ import annotations

from pathlib import Path

from tests.engine.torture import torture


def test_twenty_kills_lose_no_finished_step_and_damage_nothing(tmp_path: Path) -> None:
    figures = torture(tmp_path, kills=20)

    assert figures.kills >= 20
    assert not figures.errors
    assert (figures.corrupt, figures.repeated, figures.different) == (0, 0, 0)
