from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canon import canonical, digest, scalar_from

scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)


def test_one_in_all_its_types_is_never_the_same() -> None:
    forms = [1, 1.0, True, "1", None, [1], {"1": 1}, "", 0, 0.0, False]

    assert len({digest(form) for form in forms}) == len(forms)


def test_the_order_of_keys_does_not_matter_and_the_order_of_items_does() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_minus_zero_is_zero() -> None:
    assert canonical(-0.0) == canonical(0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no canonical form"):
        canonical({"x": [value]})


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no canonical form"):
        canonical({1})


def test_nesting_cannot_be_confused() -> None:
    forms = [["a", ["b"]], [["a"], "b"], ["a", "b"], ["ab"], [["a", "b"]], {"a": "b"}]

    assert all(digest(x) != digest(y) for x, y in itertools.combinations(forms, 2))


def test_the_encoding_is_fixed() -> None:
    document = {"b": [1, 2.5, True, "é"], "a": None}
    expected = (
        b'["m",[["a",["n",""]],["b",["l",[["i","1"],["f","2.5"],["b",true],["s","\\u00e9"]]]]]]'
    )

    assert canonical(document) == expected


@given(scalars)
def test_a_scalar_comes_back_as_it_was(value: object) -> None:
    back = scalar_from(canonical(value))

    assert (type(back), back) == (type(value), value)
