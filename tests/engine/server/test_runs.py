"""Runs over HTTP: handed in, looked at, cancelled, moved, held."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.server.running import Server
from tests.engine.workbench import document, step

NO_RUN = ("999999", "0", "-1", "01", "x", "1" * 400, "%00", "1.5", "None")


def saying(text: str) -> dict[str, Any]:
    return document(say=step("Say", text=text), save=step("Save", words="@say.words"))


def waiting(seconds: float, a: int = 1) -> dict[str, Any]:
    return document(wait=step("Wait", a=a, seconds=seconds), show=step("Show", number="@wait.int"))


def submit(server: Server, written: Any, **more: Any) -> str:
    taken = server.api("POST", "runs", {"workflow": written, **more})
    assert taken.status == 202, taken.body
    return str(taken.json["id"])


def state(server: Server, run: str) -> str:
    return str(server.api("GET", f"runs/{run}").json["state"])


def until_state(server: Server, run: str, wanted: str) -> None:
    end = time.monotonic() + 20
    while state(server, run) != wanted:
        assert time.monotonic() < end, state(server, run)
        time.sleep(0.01)


@pytest.fixture
def held(server: Server) -> Iterator[Server]:
    """A server whose queue is held during the test."""
    server.api("PATCH", "queue", {"paused": True})
    yield server
    server.api("PATCH", "queue", {"paused": False})


def test_a_run_is_accepted_at_an_address_where_its_result_appears(server: Server) -> None:
    taken = server.api("POST", "runs", {"workflow": saying("one"), "name": "mine"})
    found = server.ended(taken.json["id"])

    assert taken.headers["Location"] == f"/api/v1/runs/{found['id']}"
    assert (found["state"], found["name"], found["attempt"]) == ("done", "mine", 1)
    assert found["counts"] == {"computed": 2}
    assert found["created"] <= found["started"] <= found["finished"]
    assert (server.folder / "output" / found["artifacts"][0]["name"]).is_file()


def test_an_unchanged_run_computes_nothing_and_names_the_same_file(server: Server) -> None:
    first, second = server.run(saying("twice")), server.run(saying("twice"))

    assert set(second["counts"]) == {"cached"}
    assert [a["name"] for a in second["artifacts"]] == [a["name"] for a in first["artifacts"]]
    assert second["id"] != first["id"]


def test_values_can_be_set_for_one_run(server: Server) -> None:
    found = server.run(saying("plain"), set={"say.text": "set"})

    text = (server.folder / "output" / found["artifacts"][0]["name"]).read_text()
    assert text == "alto: set"


def test_a_workflow_with_errors_fails_and_lists_them_all(server: Server) -> None:
    found = server.run(document(a=step("Nothing"), b=step("Add", a="x"), save=step("Save")))

    assert found["state"] == "failed"
    assert {problem["step"] for problem in found["problems"]} == {"a", "b", "save"}


def test_a_step_that_fails_says_what_to_do_and_the_next_run_works(server: Server) -> None:
    failed = server.run(document(bad=step("Fail", a=3), show=step("Show", number="@bad.int")))

    assert failed["state"] == "failed"
    assert "give another number" in failed["message"]
    assert server.run(saying("after"))["state"] == "done"


def test_a_step_that_kills_its_process_fails_and_the_server_goes_on(server: Server) -> None:
    dying = document(die=step("Die", a=1, unless="none"), show=step("Show", number="@die.int"))

    assert server.run(dying)["state"] == "failed"
    assert server.run(saying("still here"))["state"] == "done"


def test_the_same_key_asks_for_the_same_run_and_another_request_conflicts(server: Server) -> None:
    def ask(text: str, key: str) -> Any:
        return server.api("POST", "runs", {"workflow": saying(text)}, Idempotency_Key=key)

    first, again, new = ask("k", "key-1"), ask("k", "key-1"), ask("k", "key-2")
    server.ended(first.json["id"])
    much_later, other = ask("k", "key-1"), ask("another", "key-1")

    assert first.json["id"] == again.json["id"] == much_later.json["id"] != new.json["id"]
    assert much_later.json["state"] == "done"
    assert (other.status, other.kind) == (409, "conflict")


@pytest.mark.parametrize("key", ["", "a" * 201, "with space", "caf\xe9"])
def test_a_key_that_is_none_is_refused(server: Server, key: str) -> None:
    found = server.api("POST", "runs", {"workflow": saying("k")}, Idempotency_Key=key)

    assert found.status == 422


def test_a_waiting_run_is_cancelled_at_once_and_never_begins(held: Server) -> None:
    run = submit(held, saying("never"))

    assert held.api("DELETE", f"runs/{run}").json["state"] == "cancelled"
    held.api("PATCH", "queue", {"paused": False})
    held.run(saying("another"))
    assert held.api("GET", f"runs/{run}").json["attempt"] == 0


def test_a_running_run_stops_soon_after_it_is_cancelled(server: Server) -> None:
    run = submit(server, waiting(30, a=2))
    until_state(server, run, "running")
    began = time.monotonic()
    server.api("DELETE", f"runs/{run}")

    assert server.ended(run)["state"] == "cancelled"
    assert time.monotonic() - began < 5
    assert server.run(saying("next"))["state"] == "done"


def test_cancelling_what_has_ended_changes_nothing(server: Server) -> None:
    run = server.run(saying("ended"))

    assert server.api("DELETE", f"runs/{run['id']}").json == run


def test_runs_go_by_priority_then_in_the_order_they_came(held: Server) -> None:
    runs = [submit(held, saying(f"order {n}"), priority=p) for n, p in enumerate((0, 0, 5, 5))]
    moved = held.api("PATCH", f"runs/{runs[1]}", {"priority": 9})
    held.api("PATCH", "queue", {"paused": False})
    began = {run: held.ended(run)["started"] for run in runs}

    assert moved.json["priority"] == 9
    assert sorted(runs, key=began.__getitem__) == [runs[1], runs[2], runs[3], runs[0]]


def test_a_waiting_run_is_put_before_another(held: Server) -> None:
    runs = [submit(held, saying(f"place {n}")) for n in range(3)]
    moved = held.api("PATCH", f"runs/{runs[2]}", {"before": runs[0]})
    held.api("PATCH", "queue", {"paused": False})
    began = {run: held.ended(run)["started"] for run in runs}

    assert moved.status == 200
    assert sorted(runs, key=began.__getitem__) == [runs[2], runs[0], runs[1]]


def test_a_plan_says_what_changed_since_the_last_run(server: Server) -> None:
    body = {"workflow": saying("some words"), "name": "explained"}
    server.ended(server.api("POST", "runs", body).json["id"])
    planned = server.api("POST", "plan", {**body, "workflow": saying("others")}).json
    reasons = {step["step"]: step["reason"] for step in planned["steps"]}

    assert reasons["say"] == 'text was "some words", is "others"'


def test_only_what_waits_is_moved(server: Server) -> None:
    run = server.run(saying("done with"))["id"]
    found = server.api("PATCH", f"runs/{run}", {"priority": 1})

    assert (found.status, found.kind) == (409, "conflict")


def test_a_held_queue_begins_nothing_until_it_is_let_go(held: Server) -> None:
    run = submit(held, saying("held"))
    time.sleep(0.1)

    assert state(held, run) == "queued"
    assert held.api("GET", "queue").json == {"paused": True, "queued": 1, "running": 0}
    held.api("PATCH", "queue", {"paused": False})
    assert held.ended(run)["state"] == "done"


@pytest.mark.parametrize("run", NO_RUN)
def test_what_is_no_run_is_not_found(server: Server, run: str) -> None:
    found = [
        server.api("GET", f"runs/{run}"),
        server.api("DELETE", f"runs/{run}"),
        server.api("PATCH", f"runs/{run}", {"priority": 1}),
        server.api("GET", f"runs/{run}/events"),
        server.api("GET", f"artifacts/{run}-0"),
    ]

    assert [answer.status for answer in found] == [404] * 5
    assert {answer.headers["Content-Type"] for answer in found} == {"application/problem+json"}
    assert {answer.kind for answer in found} == {"not-found"}


def test_the_list_is_read_in_pages_newest_first(held: Server) -> None:
    runs = [submit(held, saying("page")) for _ in range(5)]
    pages, query = [], "limit=2"
    for _ in range(3):
        page = held.api("GET", f"runs?{query}").json
        pages.append([run["id"] for run in page["runs"]])
        query = f"limit=2&before={page['next']}"

    assert pages[0] + pages[1] + pages[2][:1] == runs[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=1e3", "limit="])
def test_a_page_of_no_size_is_refused(server: Server, query: str) -> None:
    assert server.api("GET", f"runs?{query}").status == 422


@pytest.mark.parametrize(
    "body",
    [{}, [], {"workflow": []}, {"workflow": {}, "priority": 1001}, {"workflow": {}, "more": 1},
     {"workflow": {}, "set": {"a": [1]}}, {"workflow": {}, "name": ""},
     {"workflow": {}, "set": {"a=b": 1}}],
)  # fmt: skip
def test_a_request_that_is_not_as_described_is_refused(server: Server, body: Any) -> None:
    def newest() -> list[str]:
        return [run["id"] for run in server.api("GET", "runs?limit=1").json["runs"]]

    before = newest()
    found = server.api("POST", "runs", body)

    assert found.status in (400, 422)
    assert newest() == before


def test_a_run_tells_what_was_asked_for(server: Server) -> None:
    run = server.run(saying("again"), name="mine", set={"say.text": "a=b"})

    found = server.api("GET", f"runs/{run['id']}/workflow").json

    assert found == {"workflow": saying("again"), "name": "mine", "set": {"say.text": "a=b"}}


def test_a_run_that_has_ended_tells_its_story(server: Server) -> None:
    run = server.run(saying("a story"))

    events = server.api("GET", f"runs/{run['id']}/story").json["events"]

    assert events[0]["event"] == "run-started"
    assert {event["step"] for event in events if event["event"] == "step-done"} == {"say", "save"}


@pytest.mark.parametrize("run", NO_RUN)
@pytest.mark.parametrize("part", ["workflow", "story"])
def test_a_run_that_is_none_has_neither(server: Server, run: str, part: str) -> None:
    assert server.api("GET", f"runs/{run}/{part}").status == 404
