"""The options that choose where and how steps compute."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.cli.machine import resolved
from tests.engine.shell import Shell
from tests.engine.workbench import document, step

TOLD = document(it=step("Surroundings"), save=step("SaveText", text="@it.str"))


def told(shell: Shell) -> list[object]:
    (text,) = shell.saved().values()
    found: list[object] = json.loads(text)
    return found


@pytest.mark.parametrize("backend", ["inline", "process"])
def test_several_workers_share_the_cores(shell: Shell, backend: str) -> None:
    shell.write(TOLD)
    cores = len(os.sched_getaffinity(0))
    assert shell.run("--workers", "2", "--backend", backend).returncode == 0

    assert told(shell) == ["cpu", resolved("auto", "cpu"), max(1, cores // 2)]


def test_one_worker_leaves_the_threads_to_the_library(shell: Shell) -> None:
    shell.write(TOLD)
    shell.run()

    assert told(shell) == ["cpu", resolved("auto", "cpu"), None]


@pytest.mark.parametrize("backend", ["inline", "process"])
def test_two_workers_compute_two_steps_at_once(shell: Shell, tmp_path: Path, backend: str) -> None:
    log = str(tmp_path / "log")
    shell.write(document(one=step("Meet", a=1, log=log), two=step("Meet", a=2, log=log)))

    assert shell.run("--workers", "2", "--backend", backend).returncode == 0


@pytest.mark.parametrize("backend", ["inline", "process"])
def test_a_node_that_changes_its_input_is_caught_when_asked(shell: Shell, backend: str) -> None:
    shell.write(document(say=step("Say", text="hi"), it=step("Spoil", words="@say.words")))

    assert shell.run("--backend", backend).returncode == 0
    done = shell.run("--check-mutation", "--no-cache", "--backend", backend)
    assert done.returncode == 1
    assert "Spoil changed the value of its input words" in done.stderr


def test_both_backends_fill_one_store(shell: Shell) -> None:
    shell.write(document(say=step("Say", text="hi"), save=step("Save", words="@say.words")))
    shell.run("--backend", "process")

    assert "0 computed, 2 from the cache" in shell.run("--backend", "inline").stdout


def test_a_backend_there_is_not_is_refused(shell: Shell) -> None:
    shell.write(TOLD)
    done = shell.run("--backend", "moon")

    assert done.returncode == 2
    assert "moon" in done.stderr
    assert "inline" in done.stderr


def test_a_nodes_own_sentence_shows_its_traceback_only_with_debug(shell: Shell) -> None:
    shell.write(document(it=step("Fail", a=7, how="value")))
    quiet, loud = shell.run().stderr, shell.run("--debug").stderr

    assert quiet == "failed   it (Fail): 7 is odd; use 8\n"
    assert "Traceback" in loud
