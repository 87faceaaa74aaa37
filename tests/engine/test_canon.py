from __future__ import annotations

import itertools
import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canon import canonical, digest, scalar_from

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
plain = st.recursive(
    st.none() | scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
)


def tagged(value: Any) -> Any:
    """Spell out the kind of everything, in another way than the encoding does."""
    if isinstance(value, dict):
        return {"mapping": {key: tagged(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    return [type(value).__name__, value]


def test_one_in_all_its_types_is_never_the_same() -> None:
    forms = [1, 1.0, True, "1", None, [1], {"1": 1}, "", 0, 0.0, False, [], {}]

    assert len({digest(form) for form in forms}) == len(forms)


def test_the_order_of_keys_does_not_matter_and_the_order_of_items_does() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_minus_zero_is_zero() -> None:
    assert canonical(-0.0) == canonical(0.0)


def test_a_read_only_view_and_a_tuple_are_what_they_hold() -> None:
    assert canonical(MappingProxyType({"a": (1, 2)})) == canonical({"a": [1, 2]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no canonical form; use a finite number"):
        canonical({"x": [value]})


@pytest.mark.parametrize("value", ["a\ud83d", ["\ude00"], {"\ud800": 1}])
def test_half_a_surrogate_pair_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="half a surrogate pair; remove it"):
        canonical(value)


def test_a_number_too_long_to_write_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 4300 digits"):
        canonical(10**5000)


@pytest.mark.parametrize(
    ("value", "kind"), [({1}, "set"), (b"1", "bytes"), (object(), "object"), ([1j], "complex")]
)
def test_what_is_no_plain_value_is_refused(value: object, kind: str) -> None:
    with pytest.raises(TypeError, match=f"{kind} has no canonical form; use null"):
        canonical(value)


def test_keys_that_are_no_texts_are_refused() -> None:
    with pytest.raises(TypeError, match="its keys must be texts"):
        canonical({1: "a"})


def test_nesting_cannot_be_confused() -> None:
    forms = [["a", ["b"]], [["a"], "b"], ["a", "b"], ["ab"], [["a", "b"]], {"a": "b"}]

    assert all(digest(x) != digest(y) for x, y in itertools.combinations(forms, 2))


@given(scalars)
def test_a_scalar_comes_back_as_it_was(value: object) -> None:
    back = scalar_from(canonical(value))

    assert (type(back), back) == (type(value), value)


@given(plain, plain)
def test_equal_encodings_mean_equal_values(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == (tagged(one) == tagged(other))


@given(plain)
def test_the_encoding_is_json_in_ascii(value: Any) -> None:
    data = canonical(value)

    assert data.isascii()
    assert json.dumps(json.loads(data), separators=(",", ":")).encode() == data
