from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.prompt import GRAMMARS, MAX_WEIGHT, Weights, parse

ways = st.sampled_from(list(GRAMMARS))
prompts = st.lists(
    st.sampled_from(["(", ")", "[", "]", "\\", ":", "1.3", ":1.3)", "BREAK", " ", "cat", "é"])
    | st.text(max_size=3)
).map("".join)


def read(prompt: str, weights: Weights) -> list[tuple[str, float]]:
    (group,) = parse(prompt, weights)
    return [(text, round(weight, 4)) for text, weight in group]


@pytest.mark.parametrize(
    ("prompt", "passages"),
    [
        ("a red cat", [("a red cat", 1)]),
        ("a (red) cat", [("a ", 1), ("red", 1.1), (" cat", 1)]),
        ("((red)) cat", [("red", 1.21), (" cat", 1)]),
        ("(red:1.3)", [("red", 1.3)]),
        ("(red: .5 )", [("red", 0.5)]),
        ("(red:-1)", [("red", -1)]),
        ("(9:16:1.2)", [("9:16", 1.2)]),
        (r"\(red\) (a \( b)", [("(red) ", 1), ("a ( b", 1.1)]),
        ("(red:bright)", [("red:bright", 1.1)]),
        ("red:1.3)", [("red:1.3)", 1)]),
        ("(red:nan) (red:inf)", [("red:nan", 1.1), (" ", 1), ("red:inf", 1.1)]),
        ("", []),
        ("()", []),
    ],
)
def test_what_both_ways_of_writing_share(prompt: str, passages: list[tuple[str, float]]) -> None:
    assert read(prompt, "comfyui") == passages
    assert read(prompt, "a1111") == passages


@pytest.mark.parametrize(
    ("prompt", "comfyui", "a1111"),
    [
        ("(a (b:1.5):2)", [("a ", 2), ("b", 1.5)], [("a ", 2), ("b", 3)]),
        ("a [b]", [("a [b]", 1)], [("a ", 1), ("b", 0.9091)]),
        (r"\[b\]", [(r"\[b\]", 1)], [("[b]", 1)]),
        ("a (b", [("a (b", 1)], [("a ", 1), ("b", 1.1)]),
        ("(a [b) c]", [("a [b", 1.1), (" c]", 1)], [("a ", 1.1), ("b", 1), (" c", 0.9091)]),
        ("(a)(b)", [("a", 1.1), ("b", 1.1)], [("ab", 1.1)]),
    ],
)
def test_where_the_two_ways_of_writing_differ(
    prompt: str, comfyui: list[tuple[str, float]], a1111: list[tuple[str, float]]
) -> None:
    assert read(prompt, "comfyui") == comfyui
    assert read(prompt, "a1111") == a1111


def test_only_one_of_them_knows_break_and_only_as_a_word() -> None:
    groups = parse("a (b BREAK c) BREAKING BREAK", "a1111")

    assert [[text for text, _ in group] for group in groups] == [
        ["a ", "b "],
        [" c", " BREAKING "],
        [],
    ]
    assert [group[0].weight for group in groups[:2]] == [1, 1.1]
    assert read("a BREAK b", "comfyui") == [("a BREAK b", 1)]


@given(prompts)
def test_without_weights_every_character_is_text(prompt: str) -> None:
    assert read(prompt, "none") == ([(prompt, 1)] if prompt else [])


@given(prompts, ways)
def test_no_prompt_is_refused_and_no_word_is_lost(prompt: str, weights: Weights) -> None:
    groups = parse(prompt, weights)
    text = "".join(passage.text for group in groups for passage in group)

    assert all(abs(p.weight) <= MAX_WEIGHT and p.text for group in groups for p in group)
    assert [c for c in text if c not in "BREAK"].count("c") == prompt.count("c")
    assert text.count("é") == prompt.count("é")


@given(st.text(st.characters(exclude_characters="()[]\\"), max_size=40), ways)
def test_a_prompt_without_brackets_is_one_passage(prompt: str, weights: Weights) -> None:
    if "BREAK" not in prompt:
        assert read(prompt, weights) == ([(prompt, 1)] if prompt else [])


@pytest.mark.parametrize("piece", ["(", ")", "()", "[(", ":", ": ", ":1", "\\", "BREAK ", "(a:2)"])
def test_a_hundred_thousand_characters_take_linear_time(piece: str) -> None:
    for weights in GRAMMARS:
        begun = perf_counter()
        parse(piece * (100_000 // len(piece)), weights)
        assert perf_counter() - begun < 3
