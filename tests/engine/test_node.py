"""What a declaration says, and every way to get one wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from engine.node import (
    File,
    FileRef,
    Lazy,
    NodeError,
    Of,
    Output,
    Seed,
    node,
)
from engine.ports import MAX_SEED
from tests.engine import broken_nodes
from tests.engine.toy_effects import save
from tests.engine.toy_facts import switch
from tests.engine.toy_nodes import Words, add, halves, join, read_file, roll, say, scale


class HTTPReply(Words):
    """A class with an acronym in its name."""


def declared(function: Callable[..., Any]) -> Any:
    return node("Toy", version=1, category="toys")(function)


def test_a_node_is_still_its_function() -> None:
    assert add(2, b=3) == 5
    assert halves(5).high == 3


def test_settings_are_ports_with_defaults_bounds_and_help() -> None:
    port = scale.inputs["factor"]

    assert (port.kind, port.type, port.default, port.required) == ("setting", float, 1.0, False)
    assert (port.bounds.ge, port.bounds.le, port.bounds.step) == (0, 10, 0.5)
    assert port.help == "By how much."


def test_choices_come_from_a_literal_or_from_data() -> None:
    assert say.inputs["tone"].choices == ("soft", "loud")
    assert say.inputs["voice"].choices == ("alto", "bass")


def test_marks_without_fields_may_be_written_with_or_without_brackets() -> None:
    def with_brackets(seed: Annotated[int, Seed()] = 0) -> int:
        """Roll.

        Args:
            seed: Seed.
        """
        return seed

    for declaration in (roll, declared(with_brackets)):
        port = declaration.inputs["seed"]
        assert (port.seed, port.bounds.ge, port.bounds.le) == (True, 0, MAX_SEED)


def test_classes_are_links_and_lists_of_them_ordered_links() -> None:
    assert (join.inputs["parts"].kind, join.inputs["parts"].type) == ("links", Words)
    assert (join.inputs["end"].kind, join.inputs["end"].nullable) == ("link", True)


def test_a_file_is_a_setting_below_a_root() -> None:
    port = read_file.inputs["file"]

    assert port.kind == "file"
    assert port.file is not None
    assert (port.file.root, port.file.suffixes) == ("inputs", (".txt",))


def test_a_context_is_no_port() -> None:
    assert list(save.inputs) == ["words", "name"]
    assert save.declaration.context == "ctx"


def test_outputs_are_named_after_their_class_their_field_or_their_mark() -> None:
    def reply() -> HTTPReply:
        """Reply."""
        return HTTPReply("")

    def named() -> Annotated[Words, Output("greeting"), Of(c=4)]:
        """Greet."""
        return Words("")

    def nothing() -> None:
        """Do nothing."""

    assert list(declared(reply).outputs) == ["http_reply"]
    assert list(declared(named).outputs) == ["greeting"]
    assert dict(declared(named).outputs["greeting"].facts) == {"c": 4}
    assert list(halves.outputs) == ["low", "high"]
    assert declared(nothing).outputs == {}


def test_help_is_the_docstring_before_its_sections() -> None:
    def documented(a: int, b: int) -> int:
        """Add.

        More about adding.

        Args:
            a: First,
                told on two lines: with a colon.
            b: Second.

        Returns:
            The sum.
        """
        return a + b

    found = declared(documented)

    assert found.help == "Add.\n\nMore about adding."
    assert found.inputs["a"].help == "First, told on two lines: with a colon."


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (broken_nodes.undocumented, "no docstring"),
        (broken_nodes.unannotated, "parameter `a` has no type annotation"),
        (broken_nodes.resultless, "the result has no type annotation"),
        (broken_nodes.forgotten, "parameter `b` is not documented"),
        (broken_nodes.misnamed, "documents `c`, which is no parameter"),
        (
            broken_nodes.out_of_range,
            "parameter `a`: the default 0 does not fit; 0 is below the minimum 1",
        ),
        (broken_nodes.out_of_choices, "parameter `a`: the default 'y' does not fit"),
        (broken_nodes.too_long, "the text has 2 characters, at most 1"),
        (broken_nodes.two_contexts, "two Contexts, one and two"),
        (broken_nodes.none_for_int, "parameter `a`: the default is None; add `| None`"),
        (broken_nodes.default_link, "a link can only have the default None"),
        (broken_nodes.unmarked_file, "a FileRef needs File"),
        (broken_nodes.dictionary, "cannot be a port"),
        (broken_nodes.variadic, "ports have one name each"),
        (broken_nodes.mixed, "a Literal holds strings only"),
        (broken_nodes.keeps_nothing, "cannot be an output"),
        (broken_nodes.keeps_half, "cannot be an output"),
        (broken_nodes.gives_anything, "`T` is the type of no parameter"),
    ],
)
def test_a_wrong_declaration_fails_at_import_and_says_where(
    function: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(NodeError) as caught:
        declared(function)

    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"{broken_nodes.__name__}.{function.__name__}")


def test_a_parameter_of_any_type_is_a_link_and_shares_its_variable_with_the_output() -> None:
    port, output = switch.inputs["a"], switch.outputs["value"]

    assert (port.kind, port.variable, port.lazy, port.nullable) == ("link", "T", True, True)
    assert (output.type_name, port.type_name) == ("T", "T")


def lazy(a: Annotated[Words | None, Lazy()] = None) -> int:
    """Do.

    Args:
        a: A.
    """
    return 0


def lazy_and_required(a: Annotated[Words, Lazy()]) -> int:
    """Do.

    Args:
        a: A.
    """
    return 0


@pytest.mark.parametrize(
    ("function", "needs", "sentence"),
    [
        (lazy, None, "Toy: `needs` and Lazy links go together; give both or none."),
        (add.function, lambda given: [], "Toy: `needs` and Lazy links go together"),
        (
            lazy_and_required,
            lambda given: [],
            "Toy: `a` is Lazy, so it may be absent; add `| None`",
        ),
    ],
)
def test_lazy_links_and_needs_belong_together(
    function: Callable[..., Any], needs: Any, sentence: str
) -> None:
    with pytest.raises(NodeError) as caught:
        node("Toy", version=1, category="toys", needs=needs)(function)

    assert str(caught.value).startswith(sentence)


def test_files_and_settings_may_be_optional() -> None:
    def optional(
        file: Annotated[FileRef, File("models", (".bin",))] | None = None, n: int | None = None
    ) -> int:
        """Do.

        Args:
            file: A file.
            n: A number.
        """
        return n or 0

    ports = declared(optional).inputs

    assert ports["file"].kind == "file"
    assert ports["file"].nullable
    assert (ports["n"].kind, ports["n"].nullable, ports["n"].required) == ("setting", True, False)
