"""What only a process of its own can stand."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.process import ProcessBackend
from engine.backends.report import Failed, Preview, Progress
from engine.backends.wire import Setup
from tests.engine.backends.probe import PATIENCE, WORKER, Probe, once, process
from tests.engine.shell import Shell
from tests.engine.workbench import Workbench, document, step


@pytest.fixture
def probe(bench: Workbench) -> Iterator[Probe]:
    with contextlib.closing(process(bench)) as backend:
        yield Probe(bench, backend)


@contextlib.contextmanager
def alone(bench: Workbench) -> Iterator[Probe]:
    """A probe whose worker computes one step at a time."""
    with contextlib.closing(process(bench, threads=1)) as backend:
        yield Probe(bench, backend)


def children() -> set[int]:
    """Processes that this one has started and not buried."""
    found = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return {int(line.split()[0]) for line in found.stdout.splitlines() if "python" in line}


def wait_for_line(process: subprocess.Popen[str], word: str) -> None:
    """Read what a process prints up to a line with a word in it."""
    assert process.stdout
    while word not in (line := process.stdout.readline()):
        assert line, f"it ended without printing {word}"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("segfault", "crashed (SIGSEGV) in native code that this step called; run again"),
        ("exit", "ended itself with exit code 7; a node must not do that"),
        (
            "kill",
            "was killed (SIGKILL), as a system does that has run out of memory; use a smaller",
        ),
        ("garbage", "sent something that is no report ('hello there\\n'); a node must leave"),
        ("close", "closed its connection; a node must leave files alone"),
    ],
)
def test_a_worker_that_dies_fails_its_step_and_the_queue_goes_on(
    bench: Workbench, how: str, said: str
) -> None:
    with alone(bench) as probe:
        dying = probe.it("Crash", how=how)
        queued = [probe.it("Number", value=value) for value in range(3)]

        failed = dying.failed()
        assert failed.kind == "died"
        assert failed.message.removeprefix("the worker process ").startswith(said)
        assert [probe.value(heard) for heard in queued] == [0, 1, 2]


def test_a_worker_killed_from_outside_fails_its_step_and_the_next_one_runs(probe: Probe) -> None:
    before = children()
    heard = probe.it("Wait", a=1, seconds=60)
    heard.wait_for(Progress)
    (worker,) = children() - before
    os.kill(worker, signal.SIGTERM)

    assert heard.failed().message == (
        "the worker process was ended from outside (SIGTERM); run again"
    )
    assert probe.value(probe.it("Number", value=2)) == 2
    assert worker not in children()


def test_of_steps_that_ran_together_only_the_one_to_blame_fails(
    probe: Probe, tmp_path: Path
) -> None:
    log = str(tmp_path / "log")
    victims = [probe.it("MeetOrWait", a=a, log=log, seconds=0.2) for a in (1, 2)]
    culprit = probe.it("CrashTogether", log=log)

    assert culprit.failed().kind == "died"
    assert [probe.value(heard) for heard in victims] == [1, 2]


def test_a_step_goes_on_in_its_scratch_folder_after_its_worker_was_killed(probe: Probe) -> None:
    assert probe.it("Train", steps=5, stop_at=3, how="kill").failed().kind == "died"
    (weights,) = (probe.bench.store.folder / "scratch").rglob("weights.bin")
    begun = weights.stat().st_ino
    assert weights.read_bytes() == bytes([0, 1, 2])
    record = probe.it("Train", steps=5).finished().record

    assert (probe.bench.store.path(record.kept[0]) or weights).read_bytes() == bytes(range(5))
    assert begun


@pytest.mark.parametrize("how", ["print", "write", "close", "much"])
def test_standard_output_belongs_to_the_nodes(
    probe: Probe, capfd: pytest.CaptureFixture[str], how: str
) -> None:
    assert probe.value(probe.it("Chat", how=how), "str") == how
    assert probe.value(probe.it("Number", value=3)) == 3
    captured = capfd.readouterr()
    assert captured.out == ""
    assert len(captured.err) == {"print": 34, "write": 9, "close": 0, "much": 4_200_000}[how]


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_step_that_does_not_listen_costs_its_worker_and_nothing_else(
    probe: Probe, stubborn: bool
) -> None:
    heard = probe.it("Deaf", stubborn=stubborn)
    other = probe.it("Wait", a=2, seconds=1.3)
    heard.wait_for(Progress)
    began = time.monotonic()
    probe.backend.cancel(heard.task.key)

    assert heard.failed().kind == "cancelled"
    assert 0.4 < time.monotonic() - began < 5
    assert probe.value(other) == 2


def test_memory_that_the_system_refuses_is_out_of_memory(probe: Probe) -> None:
    failed = probe.it("Gorge").failed()

    assert failed.kind == "memory"
    assert probe.value(probe.it("Number", value=2)) == 2


def test_what_a_dead_worker_leaves_behind_is_ended_with_it(probe: Probe) -> None:
    began = time.monotonic()

    assert probe.it("Orphan").failed().kind == "died"
    assert time.monotonic() - began < PATIENCE / 2


def test_of_many_previews_the_newest_arrives_and_large_ones_stay(probe: Probe) -> None:
    many = probe.it("Draft", drafts=3000)
    many.finished()
    large = probe.it("Draft", drafts=1, length=1_000_001)
    large.finished()

    assert many.of(Preview)[-1].value.data == b"2999......"
    assert len(many.of(Preview)) < 3000
    assert large.of(Preview) == []


def test_a_store_that_cannot_be_written_is_refused_with_what_to_do(probe: Probe) -> None:
    contents = probe.bench.store.folder / "cas"
    probe.it("Number", value=1).finished()
    for path in contents.rglob("*"):
        if path.is_file():
            path.unlink()
    for path in contents.iterdir():
        path.rmdir()
    contents.rmdir()
    contents.write_text("in the way")
    failed = probe.submit(once("Head", text="x" * 3000, size=2000)).failed()

    assert failed.kind == "refused"
    assert "hands its results over there; make room, name another with --store, or run with" in (
        failed.message
    )


def test_a_worker_that_cannot_start_fails_each_step_and_hangs_none(bench: Workbench) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such thing')"]
    setup = Setup.of(bench.cache(), 1_000_000, 2)
    with contextlib.closing(ProcessBackend(command, setup, 0.5)) as backend:
        heard = [Probe(bench, backend).it("Number", value=value) for value in range(3)]
        kinds = [one.failed().kind for one in heard]

    assert kinds == ["died"] * 3


def test_a_command_that_does_not_exist_is_told(bench: Workbench) -> None:
    setup = Setup.of(bench.cache(), 1_000_000, 2)
    backend = ProcessBackend(["/no/such/program"], setup, 0.5)
    with contextlib.closing(backend):
        failed = Probe(bench, backend).it("Number", value=1).failed()

    assert failed == Failed(
        "died", "the worker process could not start (No such file or directory: /no/such/program)"
    )


def test_a_setup_it_cannot_use_is_told_in_the_workers_words(bench: Workbench) -> None:
    (bench.folder / "file").write_text("in the way")
    setup = Setup(str(bench.folder / "file"), "o", "p", 1_000_000, 1)
    with contextlib.closing(ProcessBackend(WORKER, setup, 0.5)) as backend:
        failed = Probe(bench, backend).it("Number", value=1).failed()

    assert failed.kind == "died"
    assert "could not start (the store" in failed.message
    assert "cannot be used" in failed.message


def test_no_worker_outlives_its_backend(bench: Workbench) -> None:
    before = children()
    with contextlib.closing(process(bench)) as backend:
        Probe(bench, backend).it("Number", value=1).finished()
        assert len(children() - before) == 1

    assert children() == before


def test_the_worker_ends_when_its_parent_is_killed(shell: Shell) -> None:
    shell.write(document(w=step("Wait", a=1, seconds=60)))
    parent = shell.start("--backend", "process", "--json")
    wait_for_line(parent, "step-progress")
    worker = int(
        subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(parent.pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    parent.kill()
    parent.communicate()
    end = time.monotonic() + 10
    while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
        time.sleep(0.02)

    assert not Path(f"/proc/{worker}").exists()


def test_a_run_survives_the_crash_of_one_branch(shell: Shell) -> None:
    shell.write(
        document(
            bad=step("Crash", how="segfault"),
            lost=step("Show", number="@bad.int"),
            good=step("Number", value=5),
            show=step("Show", number="@good.int"),
        )
    )
    done = shell.run("--backend", "process")

    assert done.returncode == 1
    assert "skipped  lost (Show), because bad failed" in done.stdout
    assert "failed   bad (Crash): the worker process crashed (SIGSEGV)" in done.stderr
    assert shell.saved() == {"number_00001.txt": "5"}


def test_ctrl_c_ends_a_run_even_when_a_step_never_listens(shell: Shell) -> None:
    shell.write(document(deaf=step("Deaf")))
    process = shell.start("--backend", "process", "--json")
    wait_for_line(process, "step-progress")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert '"status": "cancelled"' in out
    assert err == ""
