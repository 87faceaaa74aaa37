from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.server.running import Server, serving
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


PAGE = {
    "index.html": b"<!doctype html><script src='/assets/app.js'></script>",
    "assets/app.js": b"export {}",
    "assets/vendor.css": b":root{}",
    "assets/letters.woff2": b"wOF2",
    "build.json": b"{}",
    "README.md": b"not of the page",
    "assets/run.py": b"not of the page",
}


def with_page(folder: Path) -> Path:
    for name, content in PAGE.items():
        (folder / "page" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "page" / name).write_bytes(content)
    (folder / "secret.js").write_text("outside")
    (folder / "page" / "link.js").symlink_to(folder / "secret.js")
    return folder


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(with_page(tmp_path_factory.mktemp("paged"))) as running:
        yield running


def test_without_a_build_the_page_says_how_to_get_one(server: Server) -> None:
    answer = server.ask("GET", "/")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "build &lt;it&gt;" in answer.body.decode()
    assert "http://" not in answer.body.decode()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/vendor.css", "text/css; charset=utf-8"),
        ("/assets/letters.woff2", "font/woff2"),
        ("/build.json", "application/json"),
    ],
)
def test_a_file_of_the_page_comes_as_what_it_is(paged: Server, path: str, kind: str) -> None:
    answer = paged.ask("GET", path)

    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.body == PAGE[path[1:] or "index.html"]


def test_a_file_is_sent_once_and_then_asked_about(paged: Server) -> None:
    told = paged.ask("GET", "/assets/app.js")
    again = paged.ask("GET", "/assets/app.js", None, {"If-None-Match": told.headers["ETag"]})

    assert told.headers["Cache-Control"] == "no-cache"
    assert (again.status, again.body) == (304, b"")


def test_another_build_has_another_tag(paged: Server, tmp_path: Path) -> None:
    with_page(tmp_path)
    (tmp_path / "page" / "assets" / "vendor.css").write_bytes(b"body{}")
    with serving(tmp_path) as other:
        assert other.ask("GET", "/").headers["ETag"] != paged.ask("GET", "/").headers["ETag"]


@pytest.mark.parametrize("path", ["/workflows/mine", "/runs/12/picture", "/settings/"])
def test_a_place_inside_the_page_is_the_page(paged: Server, path: str) -> None:
    found = paged.ask("GET", path)

    assert (found.status, found.body) == (200, PAGE["index.html"])


@pytest.mark.parametrize(
    "path",
    [
        "/link.js", "/README.md", "/assets/run.py", "/assets/", "/secret.js", "/../secret.js",
        "/%2e%2e/secret.js", "/assets/..%2f..%2fsecret.js", "/assets/%5c..%5csecret.js",
        "//secret.js", "/page/index.html", "/toy_main.py", "/etc/passwd%00.js",
    ],
)  # fmt: skip
def test_nothing_but_the_page_is_served(paged: Server, path: str) -> None:
    answer = paged.ask("GET", path)

    assert b"outside" not in answer.body
    assert answer.status == 404 or answer.body == PAGE["index.html"]


def test_what_is_no_interface_below_api_is_not_the_page(paged: Server) -> None:
    for path in ("/api", "/api/", "/api/v1", "/api/v2/nodes"):
        assert paged.ask("GET", path).status == 404


def test_a_link_elsewhere_may_lead_to_a_place_but_not_read_it(paged: Server) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    read = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}

    assert paged.ask("GET", "/workflows/mine", None, followed).status == 200
    assert paged.ask("GET", "/workflows/mine", None, read).status == 403
    assert paged.ask("GET", "/api/v1/health", None, followed).status == 403


def test_a_page_without_sources_cannot_be_developed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no sources"), serving(tmp_path, "--dev"):
        pass


def test_a_page_is_developed_on_this_machine_only(tmp_path: Path) -> None:
    words = ("--dev", "--listen", "0.0.0.0", "--token-file", "token")
    with pytest.raises(AssertionError, match="this machine only"), serving(tmp_path, *words):
        pass
