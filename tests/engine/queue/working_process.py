"""A process that takes runs in and works on them as the server does, until it is killed.

python -m tests.engine.queue.working_process FOLDER RUNS

Prints what it has promised: `accepted RUN`, `begun RUN STEP`, `finished RUN STEP`, `ended RUN`.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from engine.backends.process import ProcessBackend
from engine.backends.wire import Setup
from engine.events import Event, StepDone, StepStarted
from engine.files import Files
from engine.queue.queue import RunQueue
from engine.queue.rows import ENDED, RunRequest
from engine.runner import Runner
from engine.workshop import Workshop
from tests.engine.shell import MAIN
from tests.engine.workbench import DEFAULTS, REGISTRY, Workbench, document, step

STEPS = 6


def written(number: int) -> dict[str, Any]:
    """A run that is like no other, and shows its own number."""
    waits = {
        f"w{i}": step("Wait", a=f"@{f'w{i - 1}' if i else 'n'}.int", seconds=0.015)
        for i in range(STEPS - 2)
    }
    return document(
        n=step("Number", value=number), **waits, show=step("Show", number=f"@w{STEPS - 3}.int")
    )


def say(*words: object) -> None:
    """Print whole lines only, whichever thread prints."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def hear(number: int, event: Event) -> None:
    """Print what begins to compute and what has been computed."""
    if isinstance(event, StepStarted):
        say("begun", number, event.step)
    elif isinstance(event, StepDone):
        say("finished", number, event.step)


def main(folder: Path, runs: int) -> None:
    """Ask for all runs under keys, so that none is asked for twice; work until all have ended."""
    bench = Workbench(folder)
    queue = RunQueue(folder / "queue.db")
    cache = bench.cache()
    setup = Setup.of(cache, bench.budget, 4, check_mutation=False)
    backend = ProcessBackend([sys.executable, str(MAIN), "--worker"], setup)
    files = Files({"inputs": [folder], "models": []}, bench.store.digest_of)
    shop = Workshop(REGISTRY, files, cache, backend, DEFAULTS)

    def changed(number: int) -> None:
        row = queue.get(number)
        if row and row.state in ENDED:
            say("ended", number)

    runner = Runner(queue, shop, hear, changed)
    runner.start()
    for number in range(runs):
        say("accepted", queue.add(RunRequest(written(number), idempotency=str(number))).id)
        time.sleep(0.02)
    seen = 0
    while any(row.state not in ENDED for row in queue.list(limit=1000)):
        seen = queue.wait(seen, 1)
    runner.stop()
    backend.close()
    queue.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
