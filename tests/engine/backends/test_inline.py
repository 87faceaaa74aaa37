"""What only the threads of this process do: share its memory, and watch for spoiled values."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from engine.backends.report import Failed, Progress
from tests.engine.backends.probe import Probe, inline
from tests.engine.workbench import Workbench, document, step

SPOILING = document(say=step("Say", text="hi"), it=step("Spoil", words="@say.words"))


def test_a_node_that_changes_its_input_is_named_with_its_port(bench: Workbench) -> None:
    with contextlib.closing(inline(bench, check_mutation=True)) as backend:
        failed = Probe(bench, backend).submit(SPOILING).failed()

    assert failed == Failed(
        "refused",
        "Spoil changed the value of its input words, which other steps read too; the node must "
        "work on a copy",
    )


def test_looking_for_changes_is_off_unless_asked_for(bench: Workbench) -> None:
    with contextlib.closing(inline(bench)) as backend:
        Probe(bench, backend).submit(SPOILING).finished()


@pytest.mark.parametrize("hold", [True, False])
def test_outputs_are_held_for_their_readers_unless_nobody_here_reads_them(
    bench: Workbench, hold: bool
) -> None:
    with contextlib.closing(inline(bench, hold=hold)) as backend:
        probe = Probe(bench, backend)
        finished = probe.it("Say", text="hi").finished()
        again = probe.it("Say", text="hi").finished()

    assert (finished.held, again.held) == (hold, False)


def test_values_come_from_memory_when_the_store_has_lost_them(bench: Workbench) -> None:
    written = document(
        text=step("Head", text="x" * 2000, size=1500), it=step("Head", text="@text.str", size=1)
    )
    with contextlib.closing(inline(bench)) as backend:
        probe = Probe(bench, backend)
        graph = bench.graph(written)
        probe.learn(graph.steps["text"], probe.submit(written, "text").finished())
        for path in bench.contents():
            path.unlink()

        assert probe.value(probe.submit(written), "str") == "x"


def test_closing_does_not_wait_for_a_step_that_never_listens(bench: Workbench) -> None:
    backend = inline(bench)
    probe = Probe(bench, backend)
    heard = probe.it("Deaf", seconds=0.5)
    heard.wait_for(Progress)
    backend.close()

    assert [report for report in heard.reports if isinstance(report, Failed)] == []
    heard.finished()


def test_the_loop_of_asynchronous_nodes_ends_with_its_backend(
    bench: Workbench, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    backend = inline(bench)
    heard = Probe(bench, backend).it("Patient", a=1, log=str(log), seconds=60)
    heard.wait_for(Progress)
    (loop,) = (thread for thread in threading.enumerate() if thread.name == "async-steps")
    backend.close()
    loop.join(10)

    assert heard.failed().kind == "cancelled"
    assert log.read_text() == "stopped"
    assert not loop.is_alive()
