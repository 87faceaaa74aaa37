"""Whatever is sent, the server says what is wrong with it and goes on."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from tests.engine.server.fuzz import Strange, strange, wide
from tests.engine.server.running import Server, request_text, serving, status_of
from tests.engine.server.test_runs import saying


def test_three_hundred_strange_requests_are_answered_and_work_goes_on(server: Server) -> None:
    """Every answer is held to openapi.json, so none of them is a 5xx."""
    statuses = Counter(strange(number).send(server) for number in range(300))
    found = server.run(saying("after all that"), priority=1000)

    assert found["state"] == "done"
    assert server.process.poll() is None
    assert {200, 202, 400, 415, 422} <= set(statuses), statuses
    assert set(statuses) <= {0, 200, 202, 400, 413, 415, 422}, statuses


def test_ninety_thousand_steps_are_answered(server: Server) -> None:
    body = wide(random.Random(1))  # noqa: S311

    assert Strange("check", body, "application/json").send(server) == 200
    assert server.api("GET", "health").status == 200


def test_what_is_no_http_is_answered_and_fills_no_log(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for line in (b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n"):
            assert status_of(server.raw(line)) in (0, 400)
        bad = request_text("GET", "/api/v1/health", "X: \x7f", host=server.host)
        assert status_of(server.raw(bad)) == 400
        assert server.stop() == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""
