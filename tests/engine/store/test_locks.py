from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import Cancelled
from engine.store import Store
from engine.store.locks import Locks
from tests.engine.store.samples import key_of

HOLD = (
    "import sys, time; from pathlib import Path; from engine.store import Store\n"
    "with Store(Path(sys.argv[1])).lock(sys.argv[2], lambda: False):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)
SHARE = (
    "import hashlib, sys, time; from pathlib import Path\n"
    "from engine.store import Store; from tests.engine.store.samples import key_of, make\n"
    "store, trace = Store(Path(sys.argv[1])), open(sys.argv[2], 'a')\n"
    "for number in range(30):\n"
    "    with store.lock(key_of(number), lambda: False):\n"
    "        if store.record(key_of(number)) is None:\n"
    "            print(number, file=trace, flush=True)\n"
    "            time.sleep(0.003)\n"
    "            make(store, number, b'%d' % number * 400)\n"
    "    assert store.read(store.record(key_of(number)).blobs[0]) == b'%d' % number * 400\n"
)


def never() -> bool:
    return False


@pytest.fixture
def locks(tmp_path: Path) -> Locks:
    return Locks(tmp_path)


def test_four_processes_with_thirty_equal_keys_compute_thirty_times(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = [sys.executable, "-c", SHARE, str(tmp_path / "store"), str(trace)]
    processes = [subprocess.Popen(command) for _ in range(4)]

    assert [process.wait() for process in processes] == [0] * 4
    assert sorted(map(int, trace.read_text().split())) == list(range(30))


def test_threads_of_one_process_take_turns(locks: Locks) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locks.hold(key_of(1), never):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.001)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))

    assert most == [1] * 24


def test_different_keys_do_not_wait_for_each_other(locks: Locks) -> None:
    with locks.hold(key_of(1), never), locks.hold(key_of(2), never):
        assert locks.is_held(key_of(1))
        assert locks.is_held(key_of(2))
        assert not locks.is_held(key_of(3))
    assert not locks.is_held(key_of(1))


def test_who_waits_can_be_asked_to_stop(locks: Locks) -> None:
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    with (
        locks.hold(key_of(1), never),
        pytest.raises(Cancelled),
        locks.hold(key_of(1), stop.is_set),
    ):
        pytest.fail("two hold one lock")


def test_a_killed_holder_gives_way_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path), key_of(1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        store = Store(tmp_path)
        with pytest.raises(Cancelled), store.lock(key_of(1), lambda: True):
            pytest.fail("two hold one lock")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        began = time.perf_counter()
        with store.lock(key_of(1), never):
            pass

        assert time.perf_counter() - began < 0.5


def test_where_nothing_can_be_locked_work_goes_on(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "gone")
    with locks.hold(key_of(1), never):
        assert not locks.is_held(key_of(1))


def test_a_lock_is_free_again_after_an_error(locks: Locks) -> None:
    with pytest.raises(ValueError, match="broken"), locks.hold(key_of(1), never):
        raise ValueError("broken")

    assert not locks.is_held(key_of(1))


def test_what_is_no_key_is_not_held(locks: Locks) -> None:
    assert not locks.is_held("a folder somebody made")
