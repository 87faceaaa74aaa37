from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.workbench import Workbench, document, step


def written(number: int = 2, name: str = "words") -> dict[str, Any]:
    return document(
        say=step("Say", text="hi"),
        long=step("Stretch", parts=["@say.words"], name="a", trace="/dev/null", milliseconds=0),
        join=step("Join", parts=["@long.words"] * number),
        save=step("Save", words="@join.words", name=name),
        idle=step("Number", value=7),
    )


def reasons(bench: Workbench, document: dict[str, Any]) -> dict[str, str]:
    return {name: entry.reason for name, entry in bench.plan(document).entries.items()}


def test_before_the_first_run_everything_the_targets_need_runs_or_may_run(
    bench: Workbench,
) -> None:
    assert bench.states(written()) == {
        "say": "run",
        "long": "may run",
        "join": "may run",
        "save": "may run",
        "idle": "unused",
    }


def test_after_a_run_everything_is_cached(bench: Workbench) -> None:
    bench.run(written())

    assert set(bench.fresh().states(written()).values()) == {"cached", "unused"}


def test_only_what_reads_a_lost_content_makes_it_run_again(bench: Workbench) -> None:
    bench.run(written())
    for path in bench.contents():
        path.unlink()
    again = bench.fresh()

    assert again.states(written())["long"] == "cached"
    assert again.states(written(number=3))["long"] == "run"
    assert "gone from the store" in reasons(again, written(number=3))["long"]
    assert again.states(written(number=3))["say"] == "cached"


def test_a_saved_file_that_is_lost_makes_its_step_run_again_and_no_other(
    bench: Workbench,
) -> None:
    bench.run(written())
    (saved,) = bench.output.iterdir()
    saved.unlink()
    states = bench.states(written())

    assert [name for name, state in states.items() if state == "run"] == ["save"]
    assert reasons(bench, written())["save"] == f"{saved} is missing or was changed"


def test_a_plan_reads_no_value(bench: Workbench, tmp_path: Path) -> None:
    bench.run(written())
    again = bench.fresh()
    for path in bench.contents():
        path.write_bytes(b"damaged, but nobody looks")

    assert set(again.states(written()).values()) == {"cached", "unused"}


def test_the_plan_adds_up_what_is_expected_to_run(bench: Workbench) -> None:
    plan = bench.plan(written())

    assert plan.seconds == 0.0
    assert plan.count("may run") == 3
