"""Floods, slow clients, secrets.

| A36-A42, A44 | tested here |
| A40, A41 | pictures: tests of receipts; here what the interface says |
| A43 | every dependency is bounded, tested here; which build of torch fits differs by device, so a
        lock of hashes would only fit the machine that wrote it; the page's is package-lock.json |
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.server.limits import Limits
from engine.server.routes import ROUTES
from tests.engine.server.running import API, PNG, Server, request_text, serving, status_of
from tests.engine.workbench import document, step

WORKFLOW = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
TOKEN = "canary-token-91f2c4d8e6a7b3c5d1"
LIMITS = Limits()


def test_a43_every_dependency_has_a_largest_version_that_was_tried() -> None:
    import tomllib

    from tests.engine.server.running import ROOT

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    assert wanted
    assert [one for one in wanted if "<" not in one or ">=" not in one] == []


def test_a36_there_is_no_route_that_takes_an_address_to_fetch() -> None:
    import ast

    from tests.engine.server.running import ROOT

    clients = ("ClientSession", "urlopen", "create_connection", "http.client", "requests")
    for path in (ROOT / "engine").glob("**/*.py"):
        names = {getattr(item, "id", getattr(item, "attr", "")) for item in ast.walk(
            ast.parse(path.read_text()))}  # fmt: skip
        assert not names & set(clients), path


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "gzip, identity", "x"])
def test_a37_nothing_compressed_is_taken(server: Server, coding: str) -> None:
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}

    assert server.ask("POST", f"{API}check", b"\x1f\x8b" * 50, headers).status == 415


def test_a37_headers_are_counted_and_measured(server: Server) -> None:
    many = [f"X-{number}: 1" for number in range(100)]
    flood = [f"X-{number}: 1" for number in range(10_000)]
    long = [f"X: {'a' * 100_000}"]
    found = [
        status_of(server.raw(request_text("GET", f"{API}health", *lines, host=server.host)))
        for lines in (many, flood, long)
    ]

    assert found[0] == 431
    assert set(found[1:]) <= {400, 431, 0}


def test_a37_a_body_that_is_announced_too_large_is_not_waited_for(server: Server) -> None:
    lines = ("Content-Type: application/json", f"Content-Length: {10**15}", "Connection: close")
    began = time.monotonic()

    assert (
        status_of(server.raw(request_text("POST", f"{API}runs", *lines, host=server.host))) == 413
    )
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "chunks",
    [
        b"1\r\na\r\n" * 20_000,
        b"ffffffffffffffffff\r\n",
        b"1;" + b"x" * 100_000,
        b"-1\r\n",
        b"zz\r\n",
    ],
)
def test_a37_chunks_that_are_none_or_too_many_end_the_request(
    server: Server, chunks: bytes
) -> None:
    head = request_text("POST", f"{API}check", "Content-Type: application/json",
                        "Transfer-Encoding: chunked", host=server.host)  # fmt: skip

    assert status_of(server.raw(head + chunks + b"0\r\n\r\n", patience=2.0)) in (0, 400, 413)
    assert server.api("GET", "health").status == 200


@pytest.mark.parametrize("boundary", ["x", "x" * 5000, ""])
def test_a37_parts_are_not_taken_at_all(server: Server, boundary: str) -> None:
    body = f"--{boundary}\r\n\r\n\r\n".encode() * 10_000
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    assert server.ask("POST", f"{API}runs", body, headers).status == 415
    assert server.ask("POST", f"{API}inputs?name=a", body, headers).status == 415


def test_a37_half_a_frame_and_endless_talk_hold_nobody_up(server: Server) -> None:
    upgrade = request_text(
        "GET", f"{API}events", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        host=server.host,
    )  # fmt: skip
    frames = [b"\x81", b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", b"\xff\xff" * 100,
              b"\x81\x81aaaa\x00" * 5000]  # fmt: skip
    for frame in frames:
        server.raw(upgrade + frame, patience=0.3)

    assert server.api("GET", "health").status == 200


def test_a37_idle_connections_beyond_the_limit_are_closed_and_others_go_on(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(LIMITS.connections + 100):
            connection = socket.create_connection(("127.0.0.1", server.port))
            stack.enter_context(connection)
        time.sleep(0.2)
    time.sleep(0.2)

    assert server.api("GET", "health").status == 200


def test_a38_a_flooded_queue_says_so_and_keeps_what_it_took(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.api("PATCH", "queue", {"paused": True})
        statuses = []
        for number in range(2_010):
            key = str(number)
            statuses.append(server.api("POST", "runs", {"workflow": WORKFLOW},
                                       Idempotency_Key=key).status)  # fmt: skip
        assert statuses == [202] * 2_000 + [429] * 10
        assert server.api("GET", "queue").json["queued"] == 2_000


def test_a39_health_answers_while_much_is_taken_in(server: Server) -> None:
    slow: list[float] = []
    done = threading.Event()

    def upload() -> None:
        data = PNG + b"\x00" * 50_000_000
        server.ask("POST", f"{API}inputs?name=large", data, {"Content-Type": "image/png"})
        done.set()

    sending = threading.Thread(target=upload)
    sending.start()
    while not done.is_set():
        began = time.perf_counter()
        server.api("GET", "health")
        slow.append(time.perf_counter() - began)
    sending.join()

    assert sorted(slow)[len(slow) // 2] < 0.25


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("canary-folder-5d1e")
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    with serving(folder, "--token-file", "token") as running:
        running.headers["Authorization"] = f"Bearer {TOKEN}"
        yield running


def test_a40_a41_no_answer_tells_the_token_the_folder_or_the_user(canary: Server) -> None:
    failing = document(
        read=step("ReadFile", file="none.txt"), save=step("Save", words="@read.words")
    )
    canary.run(WORKFLOW)
    canary.run(failing)
    canary.api("POST", "check", {"workflow": failing})
    told = b""
    for route in ROUTES:
        if route.method == "GET" and "asset" not in route.path:
            path = route.path.replace("{id}", "2").replace("{name:.+}", "a")
            answer = canary.ask("GET", path)
            told += answer.body + json.dumps(dict(answer.headers)).encode()
    told += canary.api("POST", "check", {"workflow": failing}).body
    told += canary.api("POST", "plan", {"workflow": WORKFLOW}).body

    assert b"none.txt" in told
    for secret in (TOKEN, "canary-folder-5d1e", str(Path.home()) + "/", socket.gethostname()):
        assert secret.encode() not in told, secret


def test_a42_no_route_installs_updates_or_executes() -> None:
    words = ("install", "update", "exec", "shell", "plugin", "extension", "restart")
    for route in ROUTES:
        assert not [word for word in words if word in route.path.lower()]


def test_a44_saving_checking_and_planning_run_nothing(server: Server) -> None:
    written = document(say=step("Say", text="not to be run"), s=step("Save", words="@say.words"))
    before = sorted(server.folder.glob("output/*"))
    server.api("PUT", "workflows/opened", written, If_None_Match="*")
    server.api("GET", "workflows/opened")
    server.api("PUT", "drafts/opened", written)
    server.api("POST", "check", {"workflow": written})
    planned = server.api("POST", "plan", {"workflow": written}).json

    assert [item["state"] for item in planned["steps"]] == ["run", "may run"]
    assert sorted(server.folder.glob("output/*")) == before
