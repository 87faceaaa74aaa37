"""Attacks from a browser against a server on the owner's own machine.

| A01-A09 | tested here, by name |
| A10 | one owner, one credential: tested is that no header makes somebody else of a client |
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.server.openapi import describe
from engine.server.routes import ROUTES
from tests.engine.server.running import (
    API,
    Server,
    request_text,
    serving,
    status_of,
)
from tests.engine.workbench import document, step

WORKFLOW = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
CHANGING = [
    (route.method, route.path.replace("{id}", "1").replace("{name:.+}", "a"))
    for route in ROUTES
    if route.method not in ("GET", "HEAD")
]
SOCKETS = [route.path.replace("{id}", "1") for route in ROUTES if route.socket]
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
TOKEN = "t0ken-of-the-owner-0123456789abcdef"


def state_of(server: Server) -> str:
    """Everything a request could have changed."""
    told = [server.api("GET", path).json for path in ("runs", "queue", "workflows", "drafts")]
    files = sorted(path.name for path in (server.folder / "input").glob("*"))
    return json.dumps([told, files])


@pytest.mark.parametrize(("method", "path"), CHANGING)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a01_a_form_of_another_site_changes_nothing(
    server: Server, method: str, path: str, kind: str
) -> None:
    before = state_of(server)
    body = json.dumps({"workflow": WORKFLOW}).encode()
    headers = {"Origin": "http://attacker.example", "Content-Type": kind}
    answer = server.ask(method, path, body, headers)

    assert (answer.status, answer.kind) == (403, "foreign-origin")
    assert state_of(server) == before


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a01_json_in_the_clothes_of_a_form_is_not_read(server: Server, kind: str) -> None:
    body = json.dumps({"workflow": WORKFLOW}).encode()

    assert server.ask("POST", f"{API}runs", body, {"Content-Type": kind}).status == 415


def origins(host: str) -> list[str]:
    port = host.rpartition(":")[2]
    return [
        "null",
        "",
        f"http://user@{host}",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        f"HTTP://{host}",
        f"https://{host}",
        f"http://127.0.0.1.:{port}",
        f"http://{host}/",
        f"http://localhost:{port}",
        f"http://{host} http://attacker.example",
    ]


def test_a02_only_the_own_origin_to_the_letter_may_change_something(server: Server) -> None:
    statuses = {
        origin: server.api("PATCH", "queue", {"paused": False}, Origin=origin).status
        for origin in origins(server.host)
    }

    assert set(statuses.values()) == {403}, statuses
    own = server.api("PATCH", "queue", {"paused": False}, Origin=f"http://{server.host}")
    assert own.status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Same-Origin", "x"])
def test_a02_the_site_a_browser_names_counts_without_an_origin(server: Server, site: str) -> None:
    refused = server.api("PATCH", "queue", {"paused": False}, Sec_Fetch_Site=site)

    assert (refused.status, refused.kind) == (403, "foreign-origin")


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:{port}",
        "127.0.0.1.:{port}",
        "localhost.:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "2130706433:{port}",
        "127.1:{port}",
        "0x7f000001:{port}",
        "user@127.0.0.1:{port}",
        "",
    ],
)
def test_a03_a_name_that_is_not_ours_is_refused(server: Server, host: str) -> None:
    host = host.replace("{port}", str(server.port))
    lines = ["Origin: http://" + host, "Connection: close"]
    found = server.raw(request_text("GET", f"{API}runs", f"Host: {host}", *lines, host=None))

    assert status_of(found) == 403, found


def test_a03_two_names_no_name_or_a_whole_address_are_refused(server: Server) -> None:
    own = server.host
    asked = [
        request_text("GET", f"{API}runs", f"Host: {own}", "Connection: close", host=own),
        request_text("GET", f"{API}runs", "Host: attacker.example", host=own),
        request_text("GET", f"{API}runs", "Connection: close", host=None),
        request_text("GET", f"http://attacker.example{API}runs", "Connection: close", host=own),
        request_text("GET", f"http://{own}{API}runs", "Connection: close", host="a.example"),
    ]

    assert {status_of(server.raw(request)) for request in asked} <= {400, 403}


@pytest.mark.parametrize("path", SOCKETS)
def test_a04_a_foreign_socket_is_refused_before_it_is_one(server: Server, path: str) -> None:
    for line in ("Origin: http://attacker.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
        found = server.raw(request_text("GET", path, *UPGRADE, line, host=server.host))
        assert status_of(found) == 403, line


def test_a04_nobody_takes_the_place_of_another_stream(server: Server) -> None:
    """There is no id of a client to claim: the same query makes a further stream."""
    request = request_text("GET", f"{API}events?clientId=1", *UPGRADE, host=server.host)

    assert [status_of(server.raw(request, patience=0.3)) for _ in range(2)] == [101, 101]


def test_a05_other_origins_are_granted_nothing(server: Server) -> None:
    for path in (f"{API}runs", f"{API}health", "/"):
        headers = {"Access-Control-Request-Method": "POST", "Origin": "http://a.example"}
        for method in ("OPTIONS", "GET"):
            answer = server.ask(method, path, None, headers)
            assert answer.status == 403
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert server.ask("OPTIONS", f"{API}runs").status == 405


def test_a06_reading_every_address_changes_nothing(server: Server) -> None:
    server.run(WORKFLOW)
    paths = [path for path, methods in describe(ROUTES)["paths"].items() if "get" in methods]
    before = state_of(server)
    for path in paths:
        filled = path.replace("{id}", "1").replace("{name}", "a").replace("{number}", "1")
        for method in ("GET", "HEAD"):
            server.ask(method, filled)

    assert state_of(server) == before


def test_a07_no_page_may_frame_an_answer(server: Server) -> None:
    for path in ("/", "/page.js", f"{API}health", f"{API}runs/0", "/nothing"):
        answer = server.ask("GET", path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["//a.example/", "/\\a.example", "/?ticket=x&next=http://a.example"]
)
def test_a08_nothing_redirects_to_where_a_request_says(server: Server, path: str) -> None:
    answer = server.ask("GET", path)

    assert answer.headers.get("Location", "/") == "/"
    assert answer.status in (303, 404)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("locked")
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    with serving(folder, "--token-file", "token") as running:
        yield running


def test_a09_without_the_token_the_interface_is_shut(locked: Server) -> None:
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Cookie": f"latentgraph-{locked.port}=x"},
                  {"Authorization": f"Basic {TOKEN}"}, {"X-Token": TOKEN}):  # fmt: skip
        assert locked.ask("GET", f"{API}health", None, wrong).status == 401
        assert status_of(locked.raw(request_text(
            "GET", f"{API}events", *UPGRADE, *(f"{a}: {b}" for a, b in wrong.items()),
            host=locked.host))) == 401  # fmt: skip
    assert locked.api("GET", f"health?token={TOKEN}").status == 401
    assert locked.api("GET", "health", Authorization=f"Bearer {TOKEN}").status == 200


def test_a09_the_ticket_opens_once_and_is_swapped_for_a_cookie(locked: Server) -> None:
    path = locked.url.partition(locked.host)[2]
    assert locked.ask("HEAD", path).headers.get("Set-Cookie") is None
    first, second = locked.ask("GET", path), locked.ask("GET", path)
    cookie = first.headers["Set-Cookie"]

    assert (first.status, first.headers["Location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Set-Cookie" not in second.headers
    assert TOKEN not in cookie
    assert locked.api("GET", "health", Cookie=cookie.partition(";")[0]).status == 200


def test_a09_the_token_itself_can_be_swapped_for_the_cookie(locked: Server) -> None:
    assert locked.api("POST", "session", {"token": "x" * 40}).status == 401
    answer = locked.api("POST", "session", {"token": TOKEN})

    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def test_a09_the_token_is_nowhere_to_be_read(locked: Server) -> None:
    with_token = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("health", "runs", "queue", "models", "openapi.json", "nothing"):
        assert TOKEN.encode() not in locked.ask("GET", API + path, None, with_token).body


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_a09_others_are_not_let_in_without_a_token(tmp_path: Path, listen: str) -> None:
    with (
        pytest.raises(AssertionError, match="add --token-file"),
        serving(tmp_path, "--listen", listen),
    ):
        pass


@pytest.mark.parametrize(
    ("token", "mode"), [("short", 0o600), (TOKEN, 0o644), ("x y " * 20, 0o600)]
)
def test_a09_a_weak_or_open_token_is_refused(tmp_path: Path, token: str, mode: int) -> None:
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(mode)
    with (
        pytest.raises(AssertionError, match="token-file"),
        serving(tmp_path, "--token-file", "token"),
    ):
        pass


def test_a10_no_header_makes_somebody_else_of_a_client(locked: Server) -> None:
    for name in ("X-Forwarded-For", "X-Real-IP", "X-User", "Comfy-User", "Forwarded"):
        answer = locked.ask("GET", f"{API}runs", None, {name: "owner"})
        assert answer.status == 401
