from __future__ import annotations

from engine.versions.__main__ import guard_of


def test_no_code_of_a_node_changed_without_its_version() -> None:
    guard, _ = guard_of("nodes.pack")

    assert guard.report() == ""
