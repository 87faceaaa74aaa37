"""Changes from many threads are made one at a time, and none is lost."""

import threading
from functools import partial

import pytest

from engine.turns import Turns


def test_every_change_is_made_and_never_two_at_once() -> None:
    made: list[int] = []
    inside = threading.Lock()
    turns = Turns(lambda: len(made) == 800)

    def change(number: int) -> None:
        assert inside.acquire(blocking=False), "two changes at once"
        made.append(number)
        inside.release()

    def bring(first: int) -> None:
        for number in range(first, first + 100):
            turns.bring(partial(change, number))

    threads = [threading.Thread(target=bring, args=(first,)) for first in range(0, 800, 100)]
    for thread in threads:
        thread.start()
    turns.wait(interrupted=lambda: None)
    for thread in threads:
        thread.join()
    assert sorted(made) == list(range(800))


def test_a_change_brought_by_a_change_waits_for_its_end() -> None:
    told: list[str] = []
    turns = Turns(lambda: len(told) == 3)

    def outer() -> None:
        turns.bring(lambda: told.append("brought"))
        told.append("outer ends")

    turns.bring(lambda: told.append("first"))
    turns.bring(outer)
    turns.wait(interrupted=lambda: None)
    assert told == ["first", "outer ends", "brought"]


def test_what_a_change_raises_reaches_the_one_who_waits() -> None:
    turns = Turns(lambda: False)

    def divide() -> None:
        raise ZeroDivisionError

    thread = threading.Thread(target=turns.bring, args=(divide,))
    thread.start()
    with pytest.raises(ZeroDivisionError):
        turns.wait(interrupted=lambda: None)
    thread.join()


def test_an_interrupt_wakes_the_one_who_waits_and_the_waiting_goes_on() -> None:
    woken = threading.Event()
    turns = Turns(woken.is_set)
    turns.bring(lambda: None)
    turns.interrupt()

    def come_back() -> None:
        woken.wait()
        turns.bring(lambda: None)

    thread = threading.Thread(target=come_back)
    thread.start()
    turns.wait(interrupted=woken.set)
    thread.join()
    assert woken.is_set()
