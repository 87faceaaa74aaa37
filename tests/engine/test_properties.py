"""What holds for any graph, however its steps are interleaved and whichever of them fails."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.events import StepDone
from tests.engine.test_caching import descendants, sums
from tests.engine.workbench import Workbench, document, in_state, step

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shown(written: dict[str, Any]) -> dict[str, Any]:
    """The same graph, with every number saved under its step's name."""
    texts = {f"text {n}": step("Tell", number=f"@{n}.int") for n in written["nodes"]}
    saves = {f"save {n}": step("Save", words=f"@text {n}.words", name=n) for n in written["nodes"]}
    return document(**written["nodes"], **texts, **saves)


@quick
@given(sums(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_parallel_runs_in_any_order_give_what_a_serial_one_gives(
    written: dict[str, Any], workers: int, dice: random.Random
) -> None:
    names = list(written["nodes"])
    dice.shuffle(names)
    shuffled = document(**{name: written["nodes"][name] for name in names})
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        serial, parallel = Workbench(Path(one)), Workbench(Path(other))
        serial.run(shown(written))
        parallel.run(shown(shuffled), workers)

        assert parallel.files() == serial.files()


@quick
@given(sums(), st.data())
def test_whatever_does_not_depend_on_a_failing_step_finishes(
    written: dict[str, Any], data: st.DataObject
) -> None:
    culprit = data.draw(st.sampled_from(sorted(written["nodes"])))
    nodes = {**written["nodes"], culprit: step("Fail", a=1)}
    broken = document(**nodes)
    lost = descendants(broken, culprit)
    with tempfile.TemporaryDirectory() as folder:
        outcome = Workbench(Path(folder)).run(broken, workers=2)

        assert in_state(outcome, "failed") == {culprit}
        assert in_state(outcome, "skipped") == lost - {culprit}
        assert set(outcome.states) == set(nodes)


@quick
@given(sums())
def test_a_run_leaves_nothing_held_in_memory(written: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder), budget=0)
        bench.run(shown(written), workers=2)

        assert bench.memory.used == 0
        assert len(bench.of(StepDone)) == 3 * len(written["nodes"])
