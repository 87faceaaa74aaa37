"""Leases end with their holder, not with a clock; two that take runs never take the same."""

import subprocess
import sys
import threading
from pathlib import Path

from engine.queue.holders import Holders
from engine.queue.queue import RunQueue
from engine.queue.rows import Ending, RunRequest

ROOT = Path(__file__).parents[3]
DOCUMENT = {"format": "latentgraph/1", "nodes": {}}

TAKE_ONE = """
import os, signal, sys
from pathlib import Path
from engine.queue.queue import RunQueue
claim = RunQueue(Path(sys.argv[1])).claim()
print(claim.id, flush=True)
sys.stdin.read()
"""


def test_a_holder_is_there_until_it_ends(tmp_path: Path) -> None:
    ours, theirs = Holders(tmp_path), Holders(tmp_path)
    assert not ours.is_gone(theirs.name)
    theirs.close()
    assert ours.is_gone(theirs.name)
    assert ours.is_gone("7-0123456789abcdef")
    assert ours.is_gone("../../etc/passwd")
    assert [path.name for path in tmp_path.iterdir()] == [ours.name]
    ours.close()


def test_a_run_stays_with_a_living_process_and_leaves_a_killed_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    queue = RunQueue(path)
    row = queue.add(RunRequest(DOCUMENT))
    words = [sys.executable, "-c", TAKE_ONE, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == f"{row.id}\n"
        assert queue.claim() is None
        RunQueue(path).close()  # one more that only looks
        held = queue.get(row.id)
        assert held is not None
        assert held.state == "running"
        process.kill()
    claim = queue.claim()
    assert claim is not None
    assert (claim.id, claim.attempt) == (row.id, 2)
    queue.close()


def test_two_who_take_runs_never_take_the_same(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    first = RunQueue(path)
    numbers = [first.add(RunRequest(DOCUMENT)).id for _ in range(60)]
    taken: list[int] = []

    def work(queue: RunQueue) -> None:
        while claim := queue.claim():
            taken.append(claim.id)
            assert queue.finish(claim, Ending("done"))
        queue.close()

    threads = [threading.Thread(target=work, args=(queue,)) for queue in (first, RunQueue(path))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == numbers
