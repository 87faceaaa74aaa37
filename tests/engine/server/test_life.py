"""The server as a process: starts at once, is the only one, stops cleanly, forgets nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.engine.server.running import serving
from tests.engine.workbench import document, step

WORDS = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
SLOW = document(
    first=step("Slow", a=1, file="@"),
    wait=step("Wait", a="@first.int", seconds=30.0),
    show=step("Show", number="@wait.int"),
)


def test_the_run_that_computes_waits_for_the_next_start(tmp_path: Path) -> None:
    slow = {**SLOW, "nodes": {**SLOW["nodes"]}}
    slow["nodes"]["first"] = step("Slow", a=1, file=str(tmp_path / "log"))
    with serving(tmp_path) as server:
        run = server.api("POST", "runs", {"workflow": slow}).json["id"]
        other = server.api("POST", "runs", {"workflow": WORDS}).json["id"]
        while not (tmp_path / "log").exists():
            time.sleep(0.01)
        time.sleep(0.4)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 5
    with serving(tmp_path) as server:
        found = [server.api("GET", f"runs/{number}").json["state"] for number in (run, other)]
        server.api("DELETE", f"runs/{run}")
        states = [server.ended(number)["state"] for number in (run, other)]

    assert found in (["running", "queued"], ["queued", "queued"])
    assert states == ["cancelled", "done"]
    assert (tmp_path / "log").read_text() == "1\n"


def test_a_second_signal_ends_it_whatever_goes_on(tmp_path: Path) -> None:
    deaf = document(sleep=step("Sleep", seconds=60.0), log=step("Log", a=1, file="x"),
                    save=step("SaveText", text="x"), s=step("Show", number="@log.int"))  # fmt: skip
    with serving(tmp_path) as server:
        server.api("POST", "runs", {"workflow": deaf})
        time.sleep(0.5)
        server.process.terminate()
        time.sleep(0.1)
        server.process.terminate()

        assert server.process.wait(15) in (0, -15)


def test_a_folder_of_results_may_not_be_one_of_code(tmp_path: Path) -> None:
    for words in (("--output", "input"), ("--output", "models/x"), ("--data", "output/q")):
        with pytest.raises(AssertionError, match="lie in each other"), serving(tmp_path, *words):
            pass
