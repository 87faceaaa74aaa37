"""A receipt held against what there is now: who computes, what every step gives, what is told."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import WorkflowError
from engine.receipt import RUN, WORKFLOW
from engine.received import Received, numerics_of, read_receipt
from engine.records import Record, Value
from engine.verification import between_runs, first, on_paper, order, outdated
from tests.engine.pngs import edited, text_of
from tests.engine.shell import Shell
from tests.engine.workbench import Workbench, document, raised, step

WRITTEN = document(
    draw=step("Draw", shade="@sum.int"),
    sum=step("Add", a="@dice.int", b=100),
    dice=step("Roll", seed=3),
)
NUMERICS = ("float32", "other")


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    bench = Workbench(tmp_path)
    bench.run(WRITTEN)
    return bench


@pytest.fixture
def picture(bench: Workbench) -> Path:
    (path,) = bench.output.glob("*.png")
    return path


def records(bench: Workbench) -> Mapping[str, Record]:
    return bench.plan(WRITTEN).known.records


def compared(received: Received, found: Mapping[str, Record]) -> tuple[str, str] | None:
    steps = order(received.workflow)
    difference = first(between_runs(steps, received, found, set()), steps)
    return (difference.step, difference.cause) if difference else None


def test_steps_are_compared_in_the_order_they_depend_on_one_another(picture: Path) -> None:
    assert order(read_receipt(picture).workflow) == ["dice", "sum", "draw"]


def test_a_run_that_gives_the_same_has_no_difference(bench: Workbench, picture: Path) -> None:
    received = read_receipt(picture)

    assert list(on_paper(bench.graph(WRITTEN), received, NUMERICS)) == []
    assert compared(received, records(bench)) is None


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({}, "numbers"),
        ({"device": "cuda"}, "device"),
        ({"threads": 77}, "threads"),
        ({"machine": "abacus"}, "machine"),
        ({"latentgraph": "99.0"}, "software"),
        ({"software": {"torch": "99.0"}}, "software"),
        ({"software": {"torch": "99.0"}, "device": "cuda"}, "device"),
    ],
)
def test_other_numbers_are_put_down_to_who_computed_them(
    bench: Workbench, picture: Path, change: dict[str, Any], cause: str
) -> None:
    found = dict(records(bench))
    other = Value("int", "0" * 64, 1)
    by = {**found["sum"].by, **change}
    found["sum"] = replace(found["sum"], outputs={"int": other}, by=by)

    assert compared(read_receipt(picture), found) == ("sum", cause)


def test_the_earliest_of_several_differences_counts(bench: Workbench, picture: Path) -> None:
    other = Value("int", "0" * 64, 1)
    found = {
        name: replace(record, outputs=dict.fromkeys(record.outputs, other))
        for name, record in records(bench).items()
    }
    assert compared(read_receipt(picture), found) == ("dice", "numbers")


def test_a_step_without_a_result_is_a_difference(bench: Workbench, picture: Path) -> None:
    found = dict(records(bench))
    del found["sum"]

    assert compared(read_receipt(picture), found) == ("sum", "failed")


def test_a_node_that_was_raised_since_is_named(picture: Path) -> None:
    (found,) = outdated(read_receipt(picture), raised("Add"))

    assert (found.step, found.cause) == ("sum", "node version")
    assert "version 1 made it, here it is version 2" in found.message


def test_numerics_that_did_not_make_it_are_named(bench: Workbench, picture: Path) -> None:
    received = replace(read_receipt(picture), numerics="other")
    found = next(on_paper(bench.graph(WRITTEN), received, NUMERICS))

    assert (found.step, found.cause) == ("dice", "numerics")
    assert "float32 made it" in found.message


def test_the_command_line_says_identical_or_what_differs(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write(WRITTEN)
    shell.run("--numerics", "reference")
    good = shell.type("--verify", "output/drawing_00001.png")
    edited(tmp_path / "output/drawing_00001.png", WORKFLOW, lambda text: text.replace("100", "101"))
    bad = shell.type("--verify", "output/drawing_00001.png", "--backend", "process")
    told = shell.type("--verify", "output/drawing_00001.png", "--json")

    assert good.returncode == 0, good.stderr
    assert good.stdout.splitlines()[-1].startswith("identical: output/drawing_00001.png, all 3")
    assert bad.returncode == told.returncode == 1
    assert bad.stdout.startswith("differs: sum: settings: ")
    last = json.loads(told.stdout.splitlines()[-1])
    assert (last["event"], last["identical"], last["step"]) == ("verified", False, "sum")


def test_a_step_that_runs_every_time_is_said_to(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write(document(clock=step("Clock"), text=step("Stamp", time="@clock.float"),
                         draw=step("Draw", shade="@text.int")))  # fmt: skip
    assert shell.run().returncode == 0
    done = shell.type("--verify", "output/drawing_00001.png")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("differs: clock: volatile: ")


def test_verifying_leaves_nothing_behind_and_reads_no_store(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    log = str(tmp_path / "log")
    shell.write(document(log=step("Log", a=3, file=log), draw=step("Draw", shade="@log.int")))
    shell.run()
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    assert shell.type("--verify", "output/drawing_00001.png").returncode == 0

    after = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    assert before == after
    assert Path(log).read_text() == "3\n3\n"


@pytest.mark.parametrize("words", [("--workflow", "w.json"), ("--plan",), ("--set", "a.b=1")])
def test_verifying_takes_everything_from_the_picture(tmp_path: Path, words: tuple[str]) -> None:
    done = Shell(tmp_path).type("--verify", "a.png", *words)

    assert done.returncode == 2
    assert "takes its workflow from the picture" in done.stderr


def test_numerics_are_those_of_the_picture_unless_asked_for(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write(WRITTEN)
    shell.run("--numerics", "fast")
    picture = tmp_path / "output/drawing_00001.png"
    shell.type("--workflow", "output/drawing_00001.png", "--output", "again")
    shell.type("--workflow", "output/drawing_00001.png", "--output", "other",
               "--numerics", "reference")  # fmt: skip

    assert numerics_of(picture) == "fast"
    assert numerics_of(tmp_path / "again/drawing_00001.png") == "fast"
    assert numerics_of(tmp_path / "other/drawing_00001.png") == "reference"


ODD: tuple[Any, ...] = (None, True, -1, 3, 1.5, "", "x", [], {}, [1], {"a": 1}, "0" * 64, 10**30)


def damaged(value: Any, luck: random.Random) -> Any:
    """Put something odd in one place of a JSON value."""
    if isinstance(value, dict | list) and value and luck.random() < 0.85:
        place = luck.choice(list(value) if isinstance(value, dict) else range(len(value)))
        other = value.copy()
        if isinstance(value, dict) and luck.random() < 0.1:
            del other[place]
        else:
            other[place] = damaged(value[place], luck)
        return other
    return luck.choice(ODD)


@pytest.mark.parametrize("part", [RUN, WORKFLOW])
def test_no_damage_of_a_receipt_gives_anything_but_a_sentence(
    bench: Workbench, picture: Path, part: str
) -> None:
    sound = json.loads(text_of(picture, part))
    luck = random.Random(11)  # noqa: S311 - any damage will do
    for _ in range(400):
        text = json.dumps(damaged(sound, luck))
        edited(picture, part, lambda _, text=text: text)  # type: ignore[misc]
        try:
            received = read_receipt(picture)
        except WorkflowError:
            continue
        checked = bench.check(received.workflow.document)
        if checked.graph is not None:
            steps = order(received.workflow)
            first(on_paper(checked.graph, received, NUMERICS), steps)
            first(between_runs(steps, received, records(bench), set()), steps)
