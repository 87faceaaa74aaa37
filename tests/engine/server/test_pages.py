from __future__ import annotations

from pathlib import Path

from tests.engine.server.running import Server
from tests.engine.workbench import document, step

BROKEN = document(say=step("Say", tone="lou"), save=step("Save", words="@sai.words"))


def test_a_plan_says_what_would_run_and_why(server: Server) -> None:
    fresh = document(say=step("Say", text="planned"), save=step("Save", words="@say.words"))
    before = server.api("POST", "plan", {"workflow": fresh}).json
    server.run(fresh)
    after = server.api("POST", "plan", {"workflow": fresh}).json
    wrong = server.api("POST", "plan", {"workflow": BROKEN}).json

    assert [item["state"] for item in before["steps"]] == ["run", "may run"]
    assert [item["state"] for item in after["steps"]] == ["cached", "cached"]
    assert all(item["reason"] for item in before["steps"])
    assert before["memory"]["machine"] > 0
    assert [item["memory"] for item in before["steps"]] == [None, None]  # these take little
    assert (wrong["ok"], wrong["steps"], wrong["memory"]) == (False, [], None)


def test_nodes_and_schema_are_told_once(server: Server) -> None:
    for path in ("nodes", "schema", "openapi.json"):
        told = server.api("GET", path)
        again = server.api("GET", path, If_None_Match=told.headers["ETag"])
        assert (told.status, again.status, again.body) == (200, 304, b"")
    assert "Say" in [node["title"] for node in server.api("GET", "nodes").json["nodes"]]


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
