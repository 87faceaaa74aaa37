"""The server from its first line to its last, and what a new one knows of a killed one."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.server.listening import LeftError, listening
from tests.engine.server.running import TOY_MAIN, Server, serving
from tests.engine.server.test_runs import saying, submit, until_state
from tests.engine.workbench import document, step


def walking(log: str, steps: int) -> dict[str, object]:
    """A run whose step keeps what it has done, and says so line by line."""
    return document(
        walk=step("Walk", a=1, log=log, steps=steps), show=step("Show", number="@walk.int")
    )


def children(pid: int) -> list[int]:
    command = ["ps", "-eo", "pid=,ppid="]  # of the system, wherever it is
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def kill(server: Server) -> None:
    """kill -9: the server has no last word."""
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(20)


def test_a_run_survives_kill_9_and_who_comes_back_sees_the_truth(tmp_path: Path) -> None:
    log = tmp_path / "steps.txt"
    with serving(tmp_path) as server, listening(server) as client:
        done = server.run(saying("before the kill"))
        run = submit(server, walking(str(log), 20))
        waits = submit(server, saying("behind it"))
        client.until(lambda m: m["event"] == "step-progress" and m["done"] >= 3)
        workers = children(server.process.pid)
        kill(server)
        with pytest.raises(LeftError):
            client.until_kind("never")
        place = client.place
    with serving(tmp_path) as server:
        with listening(server, f"events{place}") as back:
            snapshot = back.next()
            back.until_kind("run-ended", waits)
        found = server.api("GET", f"runs/{run}").json
        told = {item["id"]: item["state"] for item in snapshot["runs"]}
        assert server.api("GET", f"runs/{done['id']}").json == done

    assert snapshot["event"] == "snapshot"
    assert (told[done["id"]], told[waits]) == ("done", "queued")
    assert (found["state"], found["attempt"]) == ("done", 2)
    result = tmp_path / "output" / found["artifacts"][0]["name"]
    assert result.read_text() == str(1 + sum(range(20)))
    assert len(log.read_text().split()) <= 21, "it began anew instead of going on"
    assert not [pid for pid in workers if _lives(pid)]


def test_what_kills_the_server_every_time_is_set_aside_and_the_next_run_works(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as server:
        run = submit(server, walking(str(tmp_path / "log"), 1000))
        behind = submit(server, saying("behind"))
        until_state(server, run, "running")
        kill(server)
    for _ in range(2):
        with serving(tmp_path) as server:
            until_state(server, run, "running")
            kill(server)
    with serving(tmp_path) as server:
        assert server.ended(behind)["state"] == "done"
        found = server.api("GET", f"runs/{run}").json

    assert found["state"] == "poisoned"
    assert "died 3 times" in found["message"]


def test_a_server_starts_a_new_epoch_and_keeps_the_history(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        run = server.run(saying("kept"))
        server.api("PATCH", "queue", {"paused": True})
        first = server.api("GET", "health").json["epoch"]
        assert server.stop() == 0
    with serving(tmp_path) as server:
        assert server.api("GET", "health").json["epoch"] != first
        assert server.api("GET", f"runs/{run['id']}").json == run
        assert server.api("GET", "queue").json["paused"] is True


def test_a_second_server_on_one_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with pytest.raises(AssertionError, match="another process serves"), serving(tmp_path):
            pass
        assert server.run(saying("undisturbed"))["state"] == "done"


def test_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        serving(tmp_path) as server,
        pytest.raises(AssertionError, match="cannot be listened on"),
        serving(tmp_path / "other", "--port", str(server.port)),
    ):
        pass


def test_ctrl_c_ends_it_with_no_word_on_its_error_output(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.run(saying("quiet"))
        assert server.stop() == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""


def test_a_queue_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.run(saying("one"))
    (queue,) = tmp_path.rglob("queue.sqlite")
    queue.write_bytes(b"not a database at all" * 500)
    command = [sys.executable, str(TOY_MAIN), "--json", "--no-browser", "--port", "0",
               "--models", "models", "--workflows", "library"]  # fmt: skip
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.terminate()
        process.communicate(timeout=20)

    assert any("damaged" in json.dumps(line) for line in told), told
    assert list(tmp_path.rglob("queue.sqlite.damaged-*"))
    with sqlite3.connect(queue) as db:
        assert db.execute("SELECT count(*) FROM run").fetchone() == (0,)


def _lives(pid: int) -> bool:
    """Tell whether a process still computes a moment later."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True
