from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.server.running import PNG, Server
from tests.engine.workbench import document, step

WORDS = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
BROKEN = document(say=step("Say", tone="lou"), save=step("Save", words="@sai.words"))


def test_a_run_goes_from_its_request_to_its_files(server: Server) -> None:
    taken = server.api("POST", "runs", {"workflow": WORDS, "name": "words.json"})
    ended = server.ended(taken.json["id"])
    (artifact,) = ended["artifacts"]
    file = server.ask("GET", artifact["href"])

    assert taken.status == 202
    assert taken.headers["Location"] == f"/api/v1/runs/{ended['id']}"
    assert (ended["state"], ended["name"]) == ("done", "words.json")
    assert file.body == b"alto: hi"
    assert artifact["name"] in file.headers["Content-Disposition"]


def test_the_same_again_computes_nothing(server: Server) -> None:
    server.run(WORDS)

    assert server.run(WORDS)["counts"] == {"cached": 2}


def test_values_are_set_as_on_the_command_line(server: Server) -> None:
    values = {"say.text": "set = here", "say.twice": True}
    ended = server.run(WORDS, set=values)

    assert server.ask("GET", ended["artifacts"][0]["href"]).body == b"alto: set = hereset = here"


def test_a_workflow_that_is_wrong_fails_with_every_problem(server: Server) -> None:
    ended = server.run(BROKEN)
    checked = server.api("POST", "check", {"workflow": BROKEN}).json

    assert ended["state"] == "failed"
    for problem in checked["problems"]:
        assert problem in ended["problems"]
    assert {problem["step"] for problem in ended["problems"]} == {"say", "save"}
    assert not checked["ok"]


def test_a_plan_says_what_would_run_and_why(server: Server) -> None:
    fresh = document(say=step("Say", text="planned"), save=step("Save", words="@say.words"))
    before = server.api("POST", "plan", {"workflow": fresh}).json
    server.run(fresh)
    after = server.api("POST", "plan", {"workflow": fresh}).json
    wrong = server.api("POST", "plan", {"workflow": BROKEN}).json

    assert [item["state"] for item in before["steps"]] == ["run", "may run"]
    assert [item["state"] for item in after["steps"]] == ["cached", "cached"]
    assert all(item["reason"] for item in before["steps"])
    assert (wrong["ok"], wrong["steps"]) == (False, [])


@pytest.mark.parametrize(
    ("how", "said"), [("clear", "cannot work with 1"), ("long", "never"), ("broken", "KeyError")]
)
def test_a_step_that_fails_says_so_in_its_run(server: Server, how: str, said: str) -> None:
    written = document(fail=step("Fail", a=1, how=how), show=step("Show", number="@fail.int"))
    ended = server.run(written)

    assert ended["state"] == "failed"
    assert list(ended["failures"]) == ["fail"]
    assert said in ended["message"]
    assert len(ended["message"]) < 3000


def test_a_worker_that_dies_takes_only_its_run_along(server: Server) -> None:
    ended = server.run(document(c=step("Crash", how="kill"), show=step("Show", number="@c.int")))

    assert ended["state"] == "failed"
    assert server.run(WORDS)["state"] == "done"


def test_the_same_key_asks_for_the_same_run(server: Server) -> None:
    first = server.api("POST", "runs", {"workflow": WORDS}, Idempotency_Key="k-1")
    again = server.api("POST", "runs", {"workflow": WORDS}, Idempotency_Key="k-1")
    other = server.api("POST", "runs", {"workflow": BROKEN}, Idempotency_Key="k-1")

    assert again.json["id"] == first.json["id"]
    assert (other.status, other.kind) == (409, "conflict")
    assert server.api("POST", "runs", {"workflow": WORDS}, Idempotency_Key="x y").status == 422


@pytest.mark.parametrize("run", ["999999", "0", "x", "1e3", "-1", "1" * 40])
def test_an_unknown_run_is_never_done(server: Server, run: str) -> None:
    asked = [
        server.api("GET", f"runs/{run}"),
        server.api("DELETE", f"runs/{run}"),
        server.api("PATCH", f"runs/{run}", {"priority": 1}),
        server.api("GET", f"artifacts/{run}-0"),
    ]

    assert {(answer.status, answer.kind) for answer in asked} == {(404, "not-found")}


def test_runs_that_wait_are_held_moved_cancelled_and_let_go(server: Server) -> None:
    assert server.api("PATCH", "queue", {"paused": True}).json["paused"]
    ids = [server.api("POST", "runs", {"workflow": WORDS}).json["id"] for _ in range(3)]
    moved = server.api("PATCH", f"runs/{ids[2]}", {"priority": 5}).json
    cancelled = server.api("DELETE", f"runs/{ids[0]}").json
    waiting = server.api("GET", "queue").json
    server.api("PATCH", "queue", {"paused": False})
    ended = [server.ended(run) for run in ids]

    assert moved["priority"] == 5
    assert cancelled["state"] == "cancelled"
    assert waiting == {"paused": True, "queued": 2, "running": 0}
    assert [run["state"] for run in ended] == ["cancelled", "done", "done"]
    assert ended[2]["started"] < ended[1]["started"]
    assert server.api("PATCH", f"runs/{ids[1]}", {"priority": 1}).status == 409
    assert server.api("DELETE", f"runs/{ids[1]}").json["state"] == "done"


def test_a_run_that_computes_is_cancelled(server: Server) -> None:
    slow = document(wait=step("Wait", a=1, seconds=30.0), show=step("Show", number="@wait.int"))
    run = server.api("POST", "runs", {"workflow": slow}).json["id"]
    while server.api("GET", f"runs/{run}").json["state"] == "queued":
        pass
    server.api("DELETE", f"runs/{run}")

    assert server.ended(run)["state"] == "cancelled"


def test_runs_are_listed_newest_first_by_the_page(server: Server) -> None:
    ids = [server.run(WORDS)["id"] for _ in range(4)]
    first = server.api("GET", "runs?limit=3").json
    second = server.api("GET", f"runs?limit=3&before={first['next']}").json

    assert [run["id"] for run in first["runs"]] == ids[:0:-1]
    assert second["runs"][0]["id"] == ids[0]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"workflow": []}, {"workflow": WORDS, "unknown": 1},
        {"workflow": WORDS, "priority": "1"},
        {"workflow": WORDS, "priority": 10**9}, {"workflow": WORDS, "name": ""},
        {"workflow": WORDS, "set": {"a=b": 1}}, {"workflow": WORDS, "set": {"a": []}},
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_refused_by_the_place(server: Server, body: object) -> None:
    answer = server.api("POST", "runs", body)

    assert (answer.status, answer.kind) == (422, "wrong-value")
    assert "openapi.json" in answer.json["detail"]


def test_nodes_and_schema_are_told_once(server: Server) -> None:
    for path in ("nodes", "schema", "openapi.json"):
        told = server.api("GET", path)
        again = server.api("GET", path, If_None_Match=told.headers["ETag"])
        assert (told.status, again.status, again.body) == (200, 304, b"")
    assert "Say" in [node["title"] for node in server.api("GET", "nodes").json["nodes"]]


def test_an_upload_can_be_named_in_a_workflow(server: Server) -> None:
    kind = {"Content-Type": "image/png"}
    first = server.ask("POST", "/api/v1/inputs?name=point.png", PNG, kind).json
    again = server.ask("POST", "/api/v1/inputs?name=point.png", PNG, kind).json
    other = server.ask("POST", "/api/v1/inputs?name=point.png", PNG + b"\x00", kind).json

    assert first == again
    assert (server.folder / "input" / first["name"]).read_bytes() == PNG
    assert (first["name"], first["bytes"]) == ("point.png", len(PNG))
    assert other["name"] != "point.png"
    assert (server.folder / "input" / other["name"]).read_bytes() == PNG + b"\x00"
    assert not list((server.folder / "input").glob(".*"))


def test_models_are_listed_as_nodes_name_them(server: Server) -> None:
    (server.folder / "models" / "sub").mkdir(exist_ok=True)
    (server.folder / "models" / "sub" / "note.txt").write_text("no model")

    assert server.api("GET", "models").json == {"models": []}


def test_the_page_and_its_parts_are_there(server: Server) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/page.js", "text/javascript"),
        ("/page.css", "text/css"),
    ):
        answer = server.ask("GET", path)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(kind)
    assert server.ask("GET", "/index.html").status == 404


def test_files_of_the_page_name_only_what_is_there(server: Server) -> None:
    page = server.ask("GET", "/").body.decode()
    folder = Path(__file__).parents[3] / "engine" / "server" / "static"

    assert {path.name for path in folder.iterdir()} == {"index.html", "page.js", "page.css"}
    assert "http://" not in page
    assert "https://" not in page
