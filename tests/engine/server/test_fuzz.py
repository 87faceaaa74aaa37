from __future__ import annotations

from tests.engine.server.fuzz import SOUND, fuzz
from tests.engine.server.running import Server


def test_no_body_makes_a_fault_or_stops_the_server(server: Server) -> None:
    """300 here; python -m tests.engine.server.fuzz 10000 sends more."""
    found = fuzz(server, 300, seed=1)
    server.api("PATCH", "queue", {"paused": False})

    assert server.process.poll() is None
    assert server.run(SOUND)["state"] == "done"
    assert sum(found.values()) >= 300
    assert found["POST runs 202"] > 10
    assert found["POST check 400"] > 5
