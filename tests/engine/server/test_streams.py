from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.server.running import PNG, Server, serving
from tests.engine.server.sockets import listening
from tests.engine.workbench import document, step


def words(text: str) -> dict[str, object]:
    return document(say=step("Say", text=text), save=step("Save", words="@say.words"))


def test_a_stream_begins_with_how_things_stand(server: Server) -> None:
    ended = server.run(words("before"))
    with listening(server, "events") as stream:
        snapshot = stream.next()

    assert isinstance(snapshot, dict)
    assert snapshot["event"] == "snapshot"
    assert snapshot["epoch"] == server.api("GET", "health").json["epoch"]
    assert ended in snapshot["runs"]
    assert snapshot["queue"] == {"paused": False, "queued": 0, "running": 0}


def test_every_client_hears_every_event_of_every_run_in_order(server: Server) -> None:
    with listening(server, "events") as one, listening(server, "events") as other:
        one.next(), other.next()
        run = server.run(words("for all"))["id"]
        heard = [stream.until("run-ended", run) for stream in (one, other)]

    assert heard[0] == heard[1]
    numbers = [event["seq"] for event in heard[0]]
    assert numbers == sorted(set(numbers))
    kinds = [event["event"] for event in heard[0]]
    assert kinds[0] == "run-changed"
    assert [kind for kind in kinds if kind.startswith("step")] == [
        "step-started", "step-done", "step-started", "step-done",
    ]  # fmt: skip


def test_who_comes_back_hears_what_was_missed_and_nothing_twice(server: Server) -> None:
    with listening(server, "events") as stream:
        snapshot = stream.next()
        first = stream.until("run-ended") if server.run(words("one")) else []
    missed = server.run(words("two"))["id"]
    last = first[-1]
    with listening(server, f"events?epoch={last['epoch']}&since={last['seq']}") as stream:
        replayed = stream.until("run-ended", missed)

    assert isinstance(snapshot, dict)
    assert [event["seq"] for event in replayed] == list(
        range(last["seq"] + 1, last["seq"] + 1 + len(replayed))
    )
    assert {event["run"] for event in replayed} == {missed}


@pytest.mark.parametrize("query", ["epoch=another&since=1", "since=999999", ""])
def test_who_cannot_be_told_what_was_missed_gets_a_snapshot(server: Server, query: str) -> None:
    with listening(server, f"events?{query}") as stream:
        event = stream.next()

    assert isinstance(event, dict)
    assert event["event"] == "snapshot"


def test_the_stream_of_a_run_tells_of_no_other(server: Server) -> None:
    mine = server.run(words("mine"))["id"]
    server.run(words("not mine"))
    with listening(server, f"runs/{mine}/events?since=0") as stream:
        heard = stream.until("run-ended")

    assert {event["run"] for event in heard} == {mine}
    assert heard[-1]["details"]["state"] == "done"


def test_there_is_no_stream_of_a_run_that_is_not(server: Server) -> None:
    for run in ("999", "x", "0"):
        assert server.api("GET", f"runs/{run}/events").status == 404


def test_what_is_no_socket_is_told_so(server: Server) -> None:
    answer = server.api("GET", "events")

    assert (answer.status, answer.kind) == (426, "no-socket")


def test_no_event_tells_where_files_are(server: Server) -> None:
    with listening(server, "events") as stream:
        stream.next()
        server.run(words("quiet"))
        heard = json.dumps(stream.until("run-ended"))

    assert str(server.folder) not in heard
    assert "words_" in heard


def test_a_preview_is_sent_as_the_picture_it_is(server: Server) -> None:
    drawn = document(a=step("Sketch", data=PNG.hex()), save=step("SaveText", text="@a.str"))
    with listening(server, "events") as stream:
        stream.next()
        run = server.run(drawn)["id"]
        server.run(words("after"))
        frames = [frame for frame in stream.all_until("run-ended", run) if isinstance(frame, bytes)]

    assert frames
    length = int.from_bytes(frames[-1][:4], "big")
    header = json.loads(frames[-1][4 : 4 + length])
    assert (header["run"], header["step"], header["mime"]) == (run, "a", "image/png")
    assert frames[-1][4 + length :] == PNG


def test_a_preview_that_is_no_picture_goes_nowhere(server: Server) -> None:
    page = b"<script>alert(1)</script>".hex()
    drawn = document(a=step("Sketch", data=page), save=step("SaveText", text="@a.str"))
    with listening(server, "events") as stream:
        stream.next()
        run = server.run(drawn)["id"]
        heard = stream.all_until("run-ended", run)

    assert not [frame for frame in heard if isinstance(frame, bytes)]


def test_a_stream_of_a_run_of_an_earlier_start_ends_too(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        run = server.run(words("earlier"))["id"]
    with serving(tmp_path) as server, listening(server, f"runs/{run}/events?since=0") as stream:
        heard = stream.until("run-ended", run)

    assert [event["event"] for event in heard] == ["snapshot", "run-ended"]
    assert heard[-1]["details"]["state"] == "done"


def test_clients_are_told_that_the_server_stops(tmp_path: Path) -> None:
    with serving(tmp_path) as server, listening(server, "events") as stream:
        stream.next()
        assert server.stop() == 0
        with pytest.raises(ConnectionError, match="the server stops"):
            stream.next()
