from __future__ import annotations

from engine.demand import Demand


def test_an_opened_step_arrives_once() -> None:
    demand = Demand()

    assert demand.open("a")
    assert not demand.open("a")
    assert demand.arrived() == "a"
    assert demand.arrived() is None


def test_a_step_arrives_again_when_the_last_it_waits_for_is_closed() -> None:
    demand = Demand()
    for name in ("child", "left", "right"):
        demand.open(name)
    demand.wait("child", ["left", "right"])

    assert [demand.arrived(), demand.arrived()] == ["left", "right"]
    demand.close("left")
    assert demand.arrived() is None
    demand.close("right")
    assert demand.arrived() == "child"


def test_what_the_last_reader_leaves_is_named() -> None:
    demand = Demand()
    for name in ("one", "two"):
        demand.open(name)
        demand.read(name, ["parent"])

    assert demand.close("one")[1] == []
    assert demand.has_readers("parent")
    assert demand.close("two")[1] == ["parent"]
    assert not demand.has_readers("parent")


def test_reading_twice_counts_once() -> None:
    demand = Demand()
    demand.open("one")
    demand.read("one", ["parent"])
    demand.read("one", ["parent", "other"])

    assert sorted(demand.close("one")[1]) == ["other", "parent"]


def test_a_closed_step_does_not_arrive() -> None:
    demand = Demand()
    demand.open("a")
    demand.close("a")

    assert demand.arrived() is None
