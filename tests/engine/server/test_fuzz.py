"""Whatever is sent, the server says what is wrong with it and goes on."""

from __future__ import annotations

from collections import Counter

from tests.engine.server.fuzz import strange
from tests.engine.server.running import Server
from tests.engine.server.test_runs import saying


def test_three_hundred_strange_requests_are_answered_and_work_goes_on(server: Server) -> None:
    """Every answer is held to openapi.json, so none of them is a 5xx."""
    statuses = Counter(strange(number).send(server) for number in range(300))
    found = server.run(saying("after all that"), priority=1000)

    assert found["state"] == "done"
    assert server.process.poll() is None
    assert {200, 202, 400, 415, 422} <= set(statuses), statuses
    assert set(statuses) <= {200, 202, 400, 413, 415, 422}, statuses
