"""Events over WebSockets: what was missed is told again, or how things stand now."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.engine.server.listening import LeftError, Listener, listening
from tests.engine.server.running import API, Server, serving
from tests.engine.server.test_runs import saying, submit, until_state, waiting
from tests.engine.workbench import document, step


def sketching(count: int, pause: float) -> dict[str, object]:
    return document(
        draw=step("Sketch", count=count, pause=pause), frame=step("Frame", sketch="@draw.sketch")
    )


def numbers(listener: Listener) -> list[int]:
    return [message["seq"] for message in listener.heard]


def test_a_new_client_is_told_how_things_stand_and_then_what_happens(server: Server) -> None:
    earlier = server.run(saying("earlier"))
    with listening(server) as client:
        first = client.next()
        run = submit(server, saying("told"))
        ended = client.until_kind("run-ended", run)

    assert first["event"] == "snapshot"
    assert earlier in first["runs"]
    assert first["queue"] == {"paused": False, "queued": 0, "running": 0}
    assert ended["details"] == server.api("GET", f"runs/{run}").json
    assert client.kinds.count("step-done") == 2
    assert numbers(client) == sorted(set(numbers(client)))
    assert {message["epoch"] for message in client.heard} == {first["epoch"]}


def test_what_was_missed_is_told_again_from_the_last_number_seen(server: Server) -> None:
    with listening(server) as before:
        before.next()
        submit(server, saying("before"))
        before.until_kind("run-ended")
    missed = server.run(saying("missed"))["id"]
    with listening(server, f"events{before.place}") as back:
        back.until_kind("run-ended", missed)

    assert "snapshot" not in back.kinds
    assert numbers(back) == list(range(numbers(before)[-1] + 1, numbers(back)[-1] + 1))
    assert "run-started" in back.kinds


@pytest.mark.parametrize("query", ["?since=999999", "?epoch=another&since=1", "?epoch=another"])
def test_who_cannot_go_on_gets_the_truth_as_it_is_now(server: Server, query: str) -> None:
    done = server.run(saying("known"))
    with listening(server, f"events{query}") as client:
        snapshot = client.next()

    assert snapshot["event"] == "snapshot"
    assert done in snapshot["runs"]


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "1" * 16, "%00"])
def test_a_number_that_is_none_is_refused(server: Server, since: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    found = server.ask("GET", f"{API}events?since={since}", headers=upgrade)

    assert (found.status, found.kind) == (422, "wrong-value")


def test_without_an_upgrade_the_address_says_what_it_speaks(server: Server) -> None:
    assert server.api("GET", "events").status == 426


def test_one_run_can_be_followed_alone(server: Server) -> None:
    run = submit(server, waiting(0.3, a=11))
    with listening(server, f"runs/{run}/events") as client:
        client.next()
        other = submit(server, saying("not followed"))
        client.until_kind("run-ended")
        server.ended(other)

    assert {message["run"] for message in client.heard[1:]} == {run}


def test_two_clients_see_the_same(server: Server) -> None:
    with listening(server) as one, listening(server) as other:
        for client in (one, other):
            client.next()
        run = submit(server, saying("shared"))
        for client in (one, other):
            client.until_kind("run-ended", run)

    heard = [[m for m in client.heard if m.get("run") == run] for client in (one, other)]
    assert heard[0] == heard[1]
    assert heard[0]


def test_a_run_that_ends_at_once_is_never_told_as_waiting_after_its_end(server: Server) -> None:
    server.run(saying("cached"))
    with listening(server) as client:
        client.next()
        runs = [server.run(saying("cached"))["id"] for _ in range(20)]
        client.until_kind("run-ended", runs[-1])
        server.api("PATCH", "queue", {"paused": False})
        client.until_kind("queue-changed")

    last = {m["run"]: m["details"]["state"] for m in client.heard if "details" in m}
    assert [last[run] for run in runs] == ["done"] * 20


def test_of_previews_a_slow_client_gets_the_newest(server: Server) -> None:
    with listening(server) as quick:
        quick.next()
        run = submit(server, sketching(200, 0.005))
        first = quick.until_kind("step-preview", run)
        quick.until(lambda m: m["event"] == "step-preview" and m["data"] != first["data"])
        with listening(server, f"runs/{run}/events?since=0") as late:
            found = late.until_kind("step-preview", run)
        quick.until_kind("run-ended", run)

    assert first["mime"] == "image/png"
    assert first["data"].startswith(b"\x89PNG\r\n\x1a\n")
    assert int(found["data"][8:]) > int(first["data"][8:])
    assert late.kinds.count("step-preview") == 1
    with listening(server, f"runs/{run}/events?since=0") as later:
        later.until_kind("run-ended", run)
    assert "step-preview" not in later.kinds


def test_a_page_that_is_loaded_again_amid_a_run_sees_it_to_its_end(server: Server) -> None:
    with listening(server) as page:
        run = submit(server, waiting(0.6, a=12))
        page.until_kind("step-started", run)
    with listening(server) as again:
        snapshot = again.next()
        now = again.until(lambda m: m.get("run") == run)
        again.until_kind("run-ended", run)

    running = next(item for item in snapshot["runs"] if item["id"] == run)
    assert running["state"] == "running"
    assert now["event"] in ("run-changed", "run-started", "step-started")
    assert again.heard[-1]["details"]["state"] == "done"


def test_a_client_that_does_not_read_holds_nobody_up(server: Server) -> None:
    with listening(server) as asleep, listening(server) as awake:
        awake.next()
        runs = [submit(server, saying(f"deaf {number % 3}")) for number in range(100)]
        awake.until_kind("run-ended", runs[-1])
        asleep.until_kind("run-ended", runs[-1])

    ended = [m["run"] for m in asleep.heard if m["event"] == "run-ended"]
    assert set(runs) <= set(ended)


def test_moving_and_holding_are_told_to_everybody(server: Server) -> None:
    with listening(server) as client:
        client.next()
        server.api("PATCH", "queue", {"paused": True})
        client.until(lambda m: m["event"] == "queue-changed" and m["paused"])
        run = submit(server, saying("moved"))
        server.api("PATCH", f"runs/{run}", {"priority": 7})
        server.api("DELETE", f"runs/{run}")
        server.api("PATCH", "queue", {"paused": False})
        client.until(lambda m: m["event"] == "queue-changed" and not m["paused"])

    told = [m["details"] for m in client.heard if m.get("run") == run]
    assert [(item["state"], item["priority"]) for item in told] == [
        ("queued", 0), ("queued", 7), ("cancelled", 7)
    ]  # fmt: skip


def test_who_leaves_amid_a_run_does_not_end_it(server: Server) -> None:
    run = submit(server, waiting(0.3, a=13))
    with listening(server, f"runs/{run}/events") as client:
        client.next()

    assert server.ended(run)["state"] == "done"


def test_clients_that_come_and_go_all_the_time_leave_nothing_behind(server: Server) -> None:
    def come_and_go() -> None:
        for _ in range(20):
            with listening(server) as client:
                client.next()

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with listening(server) as client:
        client.next()
        run = submit(server, saying("after all"))
        client.until_kind("run-ended", run)


def test_a_server_that_stops_says_good_bye(tmp_path: Path) -> None:
    with serving(tmp_path) as server, listening(server) as client:
        client.next()
        submit(server, waiting(30))
        client.until_kind("step-started")
        began = time.monotonic()
        server.process.terminate()
        with pytest.raises(LeftError, match="the server stops"):
            client.until_kind("never")
        assert server.process.wait(20) == 0

    assert time.monotonic() - began < 10


def test_a_run_that_was_cut_short_by_a_stop_goes_on_at_the_next_start(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        run = submit(server, waiting(0.8))
        until_state(server, run, "running")
    with serving(tmp_path) as server:
        assert server.ended(run)["state"] == "done"
