"""kill -9 of processes that write to and evict from one store at once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from engine.store import Store
from tests.engine.store.samples import key_of

KILLS = 20
WRITER = (
    "import random, sys; from pathlib import Path\n"
    "from engine.store import Store; from tests.engine.store.samples import key_of, make\n"
    "store = Store(Path(sys.argv[1]))\n"
    "dice = random.Random(int(sys.argv[2]))\n"
    "print('begun', flush=True)\n"
    "while True:\n"
    "    number = dice.randrange(300)\n"
    "    with store.lock(key_of(number), lambda: False):\n"
    "        record = store.record(key_of(number))\n"
    "        data = store.read(record.blobs[0]) if record else None\n"
    "        if data is None:\n"
    "            make(store, number, b'%d' % number * 3000)\n"
    "        elif data != b'%d' % number * 3000:\n"
    "            sys.exit('corrupt')\n"
)
EVICTOR = (
    "import sys; from pathlib import Path; from engine.store import Store\n"
    "store = Store(Path(sys.argv[1]))\n"
    "print('begun', flush=True)\n"
    "while True:\n"
    "    store.upkeep.collect(500_000)\n"
)


def start(script: str, folder: Path, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, str(folder), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def kill(process: subprocess.Popen[bytes]) -> bytes:
    process.kill()
    _, complaint = process.communicate()
    return complaint


def test_twenty_kills_of_writers_and_evictors_leave_nothing_damaged(tmp_path: Path) -> None:
    folder, dice = tmp_path / "store", random.Random(0)  # noqa: S311 - repeatable, not secret
    scripts = [WRITER, WRITER, EVICTOR]
    running = [start(script, folder, seed) for seed, script in enumerate(scripts)]
    complaints = []
    for number in range(KILLS):
        time.sleep(dice.uniform(0.01, 0.1))
        which = dice.randrange(3)
        complaints.append(kill(running[which]))
        running[which] = start(scripts[which], folder, number)
    complaints += [kill(process) for process in running]
    store = Store(folder)
    keys, contents = list(store.actions), [digest for digest, _ in store.contents]

    assert complaints == [b""] * (KILLS + 3)
    assert set(keys) <= {key_of(number) for number in range(300)}
    assert all(map(store.actions.check, keys))
    assert all(map(store.contents.check, contents))
    assert list(store.quarantine) == []
    assert list((folder / "tmp").iterdir()) == []
    assert len(keys) > 10, "they did work"
