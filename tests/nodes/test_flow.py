import pytest

from engine.node import Inference
from nodes.flow import switch


def test_the_input_in_use_is_passed_on_as_it_is() -> None:
    value = object()

    assert switch("first", value, None) is value
    assert switch("second", None, value) is value


def test_only_the_input_in_use_is_asked_for() -> None:
    assert switch.needs
    assert list(switch.needs({"use": "first"})) == ["first"]
    assert list(switch.needs({"use": "second"})) == ["second"]


def test_an_input_in_use_that_is_not_linked_is_refused() -> None:
    with pytest.raises(ValueError, match="`second` is asked for but not linked"):
        switch("second", object(), None)


def test_the_facts_of_the_input_in_use_go_on() -> None:
    assert switch.infer
    both = {"first": {"w": 64, "h": 32}, "second": {"w": 64, "h": 48}}

    assert switch.infer(Inference({"use": "second"}, both)) == {"value": {"w": 64, "h": 48}}


def test_while_the_choice_is_open_only_shared_facts_go_on() -> None:
    assert switch.infer
    both = {"first": {"w": 64, "h": 32}, "second": {"w": 64, "h": 48}}

    assert switch.infer(Inference({"use": None}, both)) == {"value": {"w": 64}}
    assert switch.infer(Inference({"use": None}, {})) is None
