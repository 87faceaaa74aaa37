"""Receipts: what they tell, what they do not, and what of it is in a key."""

import getpass
import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NodeError, WorkflowError
from engine.node import Context, node
from engine.receipt import MAX_BYTES, RUN, WORKFLOW, texts
from engine.received import read_receipt
from engine.workflow import load
from tests.engine.pngs import text_of
from tests.engine.shell import Shell
from tests.engine.workbench import Workbench, document, in_state, step


def drawing(seed: int = 1, name: str = "drawing", **more: Any) -> dict[str, Any]:
    return document(
        dice=step("Roll", seed=seed),
        sum=step("Add", a="@dice.int", b=100),
        draw=step("Draw", shade="@sum.int", name=name),
        **more,
    )


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def pictures(bench: Workbench) -> list[Path]:
    return sorted(bench.output.glob("*.png"))


def test_a_picture_tells_its_workflow_and_its_run(bench: Workbench) -> None:
    written = drawing(seed=5, other=step("Number", value=3))
    bench.run(written)
    (picture,) = pictures(bench)
    told = json.loads(text_of(picture, WORKFLOW))
    run = json.loads(text_of(picture, RUN))

    assert set(told["nodes"]) == {"dice", "sum", "draw"}, "not what has no part in it"
    assert told["nodes"]["dice"] == {"type": "Roll", "version": 1, "inputs": {"seed": 5}}
    assert told["nodes"]["sum"]["inputs"] == {"a": {"link": "dice.int"}, "b": 100}
    assert told["nodes"]["draw"]["inputs"]["copies"] == 1, "defaults are written out"
    assert run["seeds"] == {"dice.seed": 5}
    assert run["saved"] == {"step": "draw", "number": 0}
    assert run["numerics"] == "float32"
    assert set(run["steps"]) == {"dice", "sum", "draw"}
    plan = bench.plan(written)
    assert run["steps"]["sum"]["key"] == plan.known.keys["sum"]
    value = plan.known.records["sum"].outputs["int"]
    assert run["steps"]["sum"]["outputs"] == {"int": ["int", value.digest]}


def test_the_workflow_in_a_picture_is_a_workflow(bench: Workbench) -> None:
    bench.run(drawing(seed=5))
    (picture,) = pictures(bench)
    again = load(picture)

    assert bench.codes(again.document) == []
    assert bench.states(again.document) == dict.fromkeys(("dice", "sum", "draw"), "cached")


def test_equal_runs_give_equal_bytes_wherever_and_from_whatever_cache(tmp_path: Path) -> None:
    one, other = Workbench(tmp_path / "a"), Workbench(tmp_path / "b")
    one.run(drawing(seed=2))
    other.run(drawing(seed=2, name="elsewhere"))
    bytes_of = {path.read_bytes() for path in [*pictures(one)]}
    pictures(one)[0].unlink()
    one.fresh().run(drawing(seed=2))

    assert {path.read_bytes() for path in pictures(one)} == bytes_of
    other.place = "new"
    other.run(drawing(seed=2))
    assert {path.read_bytes() for path in pictures(other)} == bytes_of


def test_a_process_writes_the_same_receipt(tmp_path: Path) -> None:
    found = []
    for backend in ("inline", "process"):
        (tmp_path / backend).mkdir()
        shell = Shell(tmp_path / backend)
        shell.write(drawing())
        assert shell.run("--backend", backend).returncode == 0
        found.append((shell.folder / "output/drawing_00001.png").read_bytes())

    assert found[0] == found[1]


def test_what_has_no_part_in_a_picture_does_not_save_it_again(bench: Workbench) -> None:
    bench.run(drawing(other=step("Number", value=3)))
    changed = drawing(other=step("Number", value=4))
    changed["nodes"]["draw"]["title"] = "Another title"
    changed["layout"] = {"draw": [3, 4]}
    changed["parameters"] = {"seed": "dice.seed"}
    changed["nodes"] = dict(reversed(changed["nodes"].items()))

    assert bench.states(changed)["draw"] == "cached"


def test_a_step_by_another_name_does_not_save_again(bench: Workbench) -> None:
    bench.run(drawing())
    renamed = json.loads(json.dumps(drawing()).replace("sum", "total"))

    assert bench.states(renamed)["draw"] == "cached"


def test_another_way_to_the_same_pixels_is_saved_with_its_own_receipt(bench: Workbench) -> None:
    bench.run(document(sum=step("Add", a=1, b=5), draw=step("Draw", shade="@sum.int")))
    other = document(sum=step("Add", a=2, b=4), draw=step("Draw", shade="@sum.int"))
    outcome = bench.run(other)

    assert in_state(outcome, "computed") == {"sum", "draw"}
    told = [json.loads(text_of(path, WORKFLOW))["nodes"]["sum"] for path in pictures(bench)]
    assert [step["inputs"] for step in told] == [{"a": 1, "b": 5}, {"a": 2, "b": 4}]


def test_a_step_that_runs_every_time_does_not_save_the_same_every_time(bench: Workbench) -> None:
    log = str(bench.folder / "log")
    written = document(hour=step("Hour", log=log), draw=step("Draw", shade="@hour.int"))
    bench.run(written)

    assert in_state(bench.run(written), "cached") == {"draw"}


def test_each_picture_of_a_count_tells_its_own_seed(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write(drawing(seed=4))
    assert shell.run("--count", "3").returncode == 0
    found = sorted((tmp_path / "output").glob("*.png"))

    told = [json.loads(text_of(path, WORKFLOW))["nodes"]["dice"]["inputs"] for path in found]
    assert told == [{"seed": 4}, {"seed": 5}, {"seed": 6}]


def test_each_picture_of_a_batch_tells_its_number(bench: Workbench) -> None:
    written = document(draw=step("Draw", shade=3, copies=3))
    bench.run(written)

    numbers = [read_receipt(path).saved for path in pictures(bench)]
    assert numbers == [("draw", 0), ("draw", 1), ("draw", 2)]


def test_a_stripped_picture_tells_nothing_and_has_a_key_of_its_own(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write(drawing())
    for words in ((), ("--strip-metadata",), (), ("--strip-metadata",)):
        assert shell.run(*words).returncode == 0
    full, stripped = sorted((tmp_path / "output").glob("*.png"))

    assert read_receipt(full).saved == ("draw", 0)
    assert b"latentgraph" not in stripped.read_bytes()
    with pytest.raises(WorkflowError, match="carries no workflow"):
        load(stripped)


def test_no_receipt_tells_a_path_a_name_or_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "canary-environment")
    monkeypatch.setenv("USER", "canary-user")
    shell = Shell(tmp_path / "canary-folder")
    shell.folder.mkdir()
    (shell.folder / "note.txt").write_text("canary-content")
    shell.write(
        document(
            read=step("ReadFile", file="note.txt"),
            count=step("Weigh", words="@read.words"),
            draw=step("Draw", shade="@count.int"),
        )
    )
    words = ("--store", "canary-store", "--output", "canary-output", "--debug")
    done = shell.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    (picture,) = (shell.folder / "canary-output").glob("*.png")
    data = picture.read_bytes().decode("latin-1")

    assert "note.txt" in data
    assert "canary" not in data
    for secret in (
        str(tmp_path),
        str(Path.home()),
        platform.node(),
        getpass.getuser(),
        os.getcwd(),
    ):
        told = f"{text_of(picture, WORKFLOW)}{text_of(picture, RUN)}"
        assert secret not in told or len(secret) < 5


def test_a_receipt_needs_something_to_save_with() -> None:
    with pytest.raises(NodeError, match="effect=True"):

        @node("Odd", version=1, category="toys", receipt=True)
        def odd(ctx: Context) -> int:
            """Nothing."""
            return 1


def test_a_receipt_too_large_for_a_picture_is_left_out() -> None:
    run = {"saved": {"step": "a"}, "steps": {"a": {}}, "made_by": {}}
    small, large = {"nodes": ""}, {"nodes": "x" * MAX_BYTES}

    assert set(texts({"workflow": small, "run": run}, 0, {})) == {WORKFLOW, RUN}
    assert texts({"workflow": large, "run": run}, 0, {}) == {}
