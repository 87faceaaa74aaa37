from __future__ import annotations

from engine.watched import Watched


def test_only_what_is_read_by_its_value_is_noted() -> None:
    read: dict[str, int] = {}
    watched = Watched({"a": 1, "b": 2, "c": 3}, read.__setitem__)

    assert ("b" in watched, list(watched), len(watched)) == (True, ["a", "b", "c"], 3)
    assert repr(watched) == "{'a': 1, 'b': 2, 'c': 3}"
    assert read == {}
    assert (watched["a"], watched.get("c"), watched.get("d")) == (1, 3, None)
    assert read == {"a": 1, "c": 3}
    assert watched == {"a": 1, "b": 2, "c": 3}
