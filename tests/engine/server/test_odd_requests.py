from __future__ import annotations

from tests.engine.server.odd_requests import SOUND, fuzz
from tests.engine.server.running import Server


def test_no_body_and_no_address_makes_a_fault_or_stops_the_server(server: Server) -> None:
    """200 here; python -m tests.engine.server.odd_requests 10000 sends more."""
    found = fuzz(server, 200, seed=1)
    server.api("PATCH", "queue", {"paused": False})

    assert server.process.poll() is None
    assert server.run(SOUND)["state"] == "done"
    assert sum(found.values()) >= 200
    assert found["POST runs 202"] > 10
    assert found["POST check 400"] > 5
