"""A process that works on a queue until nothing waits; it is killed at random moments.

python -m tests.engine.queue.working_process FOLDER RUNS
"""

import sys
from pathlib import Path
from typing import Any

from engine.backends.inline import InlineBackend
from engine.files import Files
from engine.queue.queue import RunQueue
from engine.queue.rows import ENDED, RunRequest
from engine.runner import Runner, Workshop
from tests.engine.workbench import DEFAULTS, REGISTRY, Workbench, document, step


def written(folder: Path, number: int) -> dict[str, Any]:
    """A run whose steps leave a line each time they compute."""
    log = str(folder / "log.txt")
    return document(
        n=step("Number", value=number),
        a=step("Slow", a="@n.int", file=log),
        b=step("Add", a="@a.int", b=1000),
        c=step("Slow", a="@b.int", file=log),
        show=step("Show", number="@c.int"),
    )


def main(folder: Path, runs: int) -> None:
    """Ask for all runs, under keys, so that none is asked for twice; work until all have ended."""
    bench = Workbench(folder)
    queue = RunQueue(folder / "queue.db")
    cache = bench.cache()
    backend = InlineBackend(REGISTRY, cache, 4)
    files = Files({"inputs": [folder], "models": []}, bench.store.digest_of)
    shop = Workshop(REGISTRY, files, cache, backend, bench.output, DEFAULTS)
    runner = Runner(queue, shop, lambda number, event: None)
    for number in range(runs):
        row = queue.add(RunRequest(written(folder, number), idempotency=str(number)))
        sys.stdout.write(f"accepted {row.id}\n")
        sys.stdout.flush()
    runner.start()
    seen = 0
    while any(row.state not in ENDED for row in queue.list(limit=1000)):
        seen = queue.wait(seen, 1)
    runner.stop()
    backend.close()
    queue.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
