from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.errors import NodeError
from engine.node import node
from engine.registry import Registry
from engine.schema import node_schema, port_schema, workflow_schema
from engine.verdict import fault
from tests.engine import toy_facts, toy_nodes
from tests.engine.workbench import REGISTRY, document, step

SETTINGS = [  # a stem's rule is not put into a schema
    port for kind in REGISTRY for port in kind.inputs.values()
    if port.kind == "setting" and not port.stem
]  # fmt: skip


def errors(written: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(workflow_schema(REGISTRY))
    return [error.json_path for error in validator.iter_errors(written)]


@pytest.mark.parametrize("kind", list(REGISTRY), ids=lambda kind: str(kind.name))
def test_every_node_has_a_sound_schema_that_accepts_its_defaults(kind: Any) -> None:
    schema = node_schema(kind)
    Draft202012Validator.check_schema(schema)

    assert json.loads(json.dumps(schema)) == schema
    for port in kind.inputs.values():
        if port.kind == "setting" and not port.required:
            assert Draft202012Validator(port_schema(port)).is_valid(port.default)


@given(
    st.sampled_from(SETTINGS),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=120) | st.sampled_from(["soft", "alto", 0, 10, 11, 2**53]),
)  # fmt: skip
def test_the_schema_and_the_sentences_agree_on_what_fits(port: Any, value: object) -> None:
    accepted = Draft202012Validator(port_schema(port)).is_valid(value)

    assert accepted == (fault(port, value) is None)


def test_the_workflow_schema_is_sound_and_accepts_what_the_check_accepts() -> None:
    Draft202012Validator.check_schema(workflow_schema(REGISTRY))

    assert errors(
        document(
            say=step("Say", text="hi"),
            say2=step("Say", text="@say.words"),
            join=step("Join", parts=["@say.words"], end=None),
            read=step("ReadFile", file={"name": "a.txt", "sha256": "0" * 64}),
            future={"type": "FromTheFuture", "inputs": {"x": 1}},
        )
    ) == []  # fmt: skip


def test_the_workflow_schema_dispatches_on_the_type_and_points_at_the_input() -> None:
    written = document(a=step("Number", value="x"), b=step("Add"), c=step("Join", parts="@a.int"))

    assert sorted(errors(written)) == [
        "$.nodes.a.inputs.value", "$.nodes.b.inputs", "$.nodes.c.inputs.parts",
    ]  # fmt: skip


def test_links_and_outputs_are_named_for_the_editor() -> None:
    schema = node_schema(toy_nodes.join)

    assert schema["properties"]["parts"]["items"] == {"x-link": "Words"}
    assert schema["x-outputs"] == {"words": "Words"}
    assert schema["required"] == ["parts"]


def test_lazy_links_variables_and_facts_are_told_to_the_editor() -> None:
    pick, sew = node_schema(toy_facts.switch), node_schema(toy_facts.sew)

    assert pick["properties"]["a"] | {"description": ""} == {
        "title": "a", "description": "", "x-link": "T", "x-variable": True, "x-lazy": True,
        "x-optional": True,
    }  # fmt: skip
    assert pick["x-outputs"] == {"value": "T"}
    assert sew["properties"]["left"]["x-facts"] == {"w": "w", "pattern": "p"}
    assert sew["x-output-facts"] == {"cloth": {"w": "w", "pattern": "p"}}


def test_two_classes_of_one_name_cannot_both_travel_on_links() -> None:
    cloth = type("Words", (toy_nodes.Words,), {"__module__": "elsewhere"})

    def weave() -> Any:
        """Weave."""

    weave.__annotations__["return"] = cloth
    weaving = node("Weaving", version=1, category="toys")(weave)

    with pytest.raises(NodeError, match=r'called "Words": one of .*toy_nodes and one of elsewhere'):
        Registry([toy_nodes.say, weaving])


def test_a_registry_lists_only_what_a_module_declares_itself() -> None:
    borrower = ModuleType("borrower")
    borrower.__dict__["add"] = toy_nodes.add

    assert list(Registry.of_modules([borrower])) == []
    assert REGISTRY.get("Add") is toy_nodes.add


def test_two_nodes_of_one_name_are_refused_with_both_places() -> None:
    with pytest.raises(NodeError, match=r'"Add".*toy_nodes\.add and .*toy_nodes\.add'):
        Registry([toy_nodes.add, toy_nodes.add])


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    assert REGISTRY.suggestion("Subtrakt") == 'did you mean "Subtract"?'
    assert REGISTRY.suggestion("zzzz").startswith("known: ")
