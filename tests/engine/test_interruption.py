"""Runs that are interrupted, killed, or share their store with others."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from engine.store import Store
from tests.engine.shell import MAIN, Shell
from tests.engine.workbench import document, step


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_in_one_line_and_keeps_what_is_finished(
    shell: Shell, asked: signal.Signals
) -> None:
    written = document(roll=step("Roll"), wait=step("Wait", a="@roll.int", seconds=60))
    shell.write(written)
    process = shell.start()
    assert process.stdout
    while "running  wait" not in process.stdout.readline():
        pass
    process.send_signal(asked)
    out, err = process.communicate(timeout=10)

    assert process.returncode == 130
    assert out.startswith("interrupted (run again to go on from what is cached) after")
    assert (len(out.splitlines()), err) == (1, "")
    assert "cached   roll" in shell.run("--plan").stdout


def test_a_second_ctrl_c_ends_a_step_that_does_not_listen(shell: Shell) -> None:
    shell.write(document(sleep=step("Sleep", seconds=60)))
    process = shell.start()
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.3)  # now it sleeps
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)

    assert process.returncode == 130


def test_after_kill_9_only_the_rest_is_computed(shell: Shell) -> None:
    log = shell.folder / "log"
    shell.write(
        document(
            one=step("Log", a=1, file=str(log)),
            two=step("Log", a="@one.int", file=str(log)),
            die=step("Die", a="@two.int", unless=str(shell.folder / "alive")),
            three=step("Log", a="@die.int", file=str(log)),
            show=step("Show", number="@three.int"),
        )
    )
    killed = shell.run()
    (shell.folder / "alive").touch()
    resumed = shell.run()

    assert killed.returncode == -signal.SIGKILL
    assert resumed.returncode == 0
    assert "3 computed, 2 from the cache" in resumed.stdout
    assert log.read_text() == "1\n2\n3\n"
    assert shell.saved() == {"number_00001.txt": "4"}


def test_a_kill_at_any_moment_leaves_a_sound_store(shell: Shell) -> None:
    chain = {f"s{i}": step("Add", a=f"@s{i - 1}.int", b=1) for i in range(1, 300)}
    shell.write(document(s0=step("Number"), **chain, show=step("Show", number="@s299.int")))
    for delay in (0.35, 0.45, 0.6):
        process = shell.start()
        time.sleep(delay)
        process.kill()
        process.communicate()
    done = shell.run()

    assert done.returncode == 0
    assert list(shell.saved().values()) == ["299"]
    store = Store(shell.folder / ".latentgraph")
    assert all(
        store.path(path.name) for path in (store.folder / "cas").rglob("*") if path.is_file()
    )
    assert list((store.folder / "quarantine").iterdir()) == []


def test_two_processes_share_one_store(shell: Shell) -> None:
    chain = {f"s{i}": step("Add", a=f"@s{i - 1}.int", b=1) for i in range(1, 100)}
    shell.write(document(s0=step("Number"), **chain))
    processes = [shell.start() for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outputs
    assert "0 computed, 100 from the cache" in shell.run().stdout


def test_a_second_ctrl_c_gives_the_terminal_its_cursor_back(shell: Shell) -> None:
    shell.write(document(sleep=step("Sleep", seconds=60)))
    ours, theirs = pty.openpty()
    command = [sys.executable, str(MAIN), "--workflow", "w.json"]
    process = subprocess.Popen(command, cwd=shell.folder, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"sleep" not in seen:
        seen += os.read(ours, 4096)
    time.sleep(0.3)  # until its function is really entered; before, it ends at the first signal
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):  # the other end is closed
        while more := os.read(ours, 4096):
            seen += more
    os.close(ours)

    assert process.wait(timeout=10) == 130
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
    assert b"Traceback" not in seen
    assert b"interrupted" not in seen  # the run has not ended, as its step never did
