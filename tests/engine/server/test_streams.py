from __future__ import annotations

import json

from tests.engine.server.running import Server
from tests.engine.server.sockets import listening
from tests.engine.workbench import document, step


def words(text: str) -> dict[str, object]:
    return document(say=step("Say", text=text), save=step("Save", words="@say.words"))


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


def test_there_is_no_stream_of_a_run_that_is_not(server: Server) -> None:
    for run in ("999", "x", "0"):
        assert server.api("GET", f"runs/{run}/events").status == 404


def test_no_event_tells_where_files_are(server: Server) -> None:
    with listening(server, "events") as stream:
        stream.next()
        server.run(words("quiet"))
        heard = json.dumps(stream.until("run-ended"))

    assert str(server.folder) not in heard
    assert "words_" in heard
