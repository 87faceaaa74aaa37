"""The memory of a run: weights once, the largest step over all that was kept before it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine import outlook as module
from engine.cli.show import show_plan
from engine.node import Estimate, Inference, Settings
from engine.outlook import Outlook, outlook
from engine.plan import Plan
from tests.engine.workbench import Workbench, document, step

HERE = Settings()


def told(given: Inference, run: Settings) -> Estimate | None:
    """A toy takes what its numbers say; in fast numerics half of it."""
    part = 2 if run.numerics == "fast" else 1
    value = given.settings["value"]
    return None if value is None else Estimate(value // part, {"tools": 100 // part})


def planned(bench: Workbench, written: dict[str, Any], estimate: Any = told) -> Plan:
    """A plan in which every Number says what memory it takes."""
    plan = bench.plan(written)
    entries = {}
    for name, entry in plan.entries.items():
        node = entry.step.node
        if node.name == "Number":
            known = Inference({"value": entry.step.settings["value"]}, {})
            found = replace(entry.step, node=replace(node, estimate=estimate), known=known)
            entry = replace(entry, step=found)  # noqa: PLW2901 - the same entry, asked
        entries[name] = entry
    return replace(plan, entries=entries)


def two_numbers() -> dict[str, Any]:
    return document(small=step("Number", value=10), large=step("Number", value=500))


def test_what_steps_keep_in_common_counts_once(bench: Workbench) -> None:
    found = outlook(planned(bench, two_numbers()), HERE)

    assert found.steps == {"small": 110, "large": 600}
    assert found.peak == 600


def test_what_was_kept_by_a_step_is_there_while_the_next_one_runs(bench: Workbench) -> None:
    def own(given: Inference, run: Settings) -> Estimate:
        return Estimate(1, {str(given.settings["value"]): given.settings["value"]})

    assert outlook(planned(bench, two_numbers(), own), HERE).peak == 10 + 500 + 1


def test_how_a_run_computes_is_told_to_the_nodes(bench: Workbench) -> None:
    plan = planned(bench, two_numbers())

    assert outlook(plan, Settings(numerics="fast")).peak == 300


def test_what_is_cached_takes_nothing(bench: Workbench) -> None:
    written = document(small=step("Number", value=10))
    bench.run(written)
    found = outlook(planned(bench.fresh(), written), HERE)

    assert (found.steps, found.peak, found.unknown) == ({}, 0, ())


@pytest.mark.parametrize("answer", [lambda given, run: None, lambda given, run: 1 / 0])
def test_who_cannot_tell_is_named_and_does_not_count(bench: Workbench, answer: Any) -> None:
    found = outlook(planned(bench, two_numbers(), answer), HERE)

    assert found.unknown == ("small", "large")
    assert found.peak == 0


def test_of_another_device_this_machine_does_not_tell_the_memory(bench: Workbench) -> None:
    plan = planned(bench, two_numbers())

    assert (outlook(plan, HERE).machine or 0) > 100_000_000
    assert outlook(plan, Settings(device="cuda")).machine is None


class Lines:
    """A console that remembers what it was told."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.lines: list[Any] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def data(self, body: dict[str, Any]) -> None:
        self.lines.append(json.loads(json.dumps(body)))


def shown(plan: Plan, memory: Outlook, as_json: bool = False) -> list[Any]:
    console = Lines(as_json)
    show_plan(console, plan, memory)  # type: ignore[arg-type]
    return console.lines


def test_the_plan_tells_each_step_and_the_most_beside_the_machine(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "machine_bytes", lambda: 700)
    plan = planned(bench, two_numbers())
    memory = outlook(plan, HERE)
    lines = shown(plan, memory)

    assert lines[1].endswith("; about 600 bytes of memory")
    assert lines[-1] == (
        "at most about 600 bytes of memory at one time, of the 700 bytes of this machine"
    )
    more = replace(memory, peak=800, unknown=("idle",))
    assert shown(plan, more)[-1] == (
        "at most about 800 bytes of memory at one time, without idle,"
        " more than the 700 bytes of this machine"
    )
    (body,) = shown(plan, memory, as_json=True)
    assert body["memory"] == {"peak": 600, "machine": 700, "unknown": []}
    assert [entry["memory"] for entry in body["steps"]] == [110, 600]
