"""No false alarm and no surprise: the check against runs of random graphs of toy nodes.

`run` below is the oracle: it computes every step with real values and applies the rules of a
declaration to what the values are, without any code of the check.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check import Checked, check
from engine.files import Files
from engine.node import Inference, Of
from engine.ports import NO_FACTS, Port, is_variable
from engine.verdict import fault
from engine.workflow import from_document
from tests.engine import toy_facts, toy_nodes
from tests.engine.workbench import REGISTRY, document

CLOTH = (
    toy_facts.weave,
    toy_facts.weave,
    toy_facts.sew,
    toy_facts.sew,
    toy_facts.fold,
    toy_facts.trim,
)
KINDS: tuple[Any, ...] = (
    toy_nodes.number, toy_nodes.add, toy_nodes.scale, toy_nodes.halves, toy_nodes.say,
    toy_nodes.join, toy_facts.truth, toy_facts.switch, toy_facts.same, *CLOTH, *CLOTH, *CLOTH,
)  # fmt: skip
SOURCES = (toy_facts.weave, toy_facts.weave, toy_nodes.number, toy_nodes.say)


class Unfit(Exception):  # noqa: N818 - it is a verdict
    """The graph does not run; `kind` says whether a type is at fault."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw steps whose links mostly go to outputs of a fitting type."""
    steps: dict[str, Any] = {}
    outputs: list[tuple[str, type]] = []
    for number in range(draw(st.integers(2, 8))):
        node = draw(st.sampled_from(KINDS if number > 1 else SOURCES))
        inputs = {name: draw(_written(port, outputs)) for name, port in node.inputs.items()}
        written = {name: value for name, value in inputs.items() if value is not None}
        steps[f"s{number}"] = {"type": node.name, "inputs": written}
        outputs += [(f"s{number}.{name}", out.type) for name, out in node.outputs.items()]
    return document(**steps)


def _written(port: Port, outputs: list[tuple[str, type]]) -> st.SearchStrategy[Any]:
    every: list[Any] = [{"link": name} for name, _ in outputs]
    fitting = [
        {"link": name} for name, kind in outputs if port.variable or kind in (port.type, object)
    ]
    link = st.sampled_from(fitting * 9 + every) if fitting else st.sampled_from(every or [None])
    if port.kind == "links":
        return st.lists(link, min_size=1, max_size=2)
    if port.kind == "link":
        return st.none() | link if port.nullable and not port.lazy else link
    literal = st.sampled_from(_literals(port))
    return literal | link if fitting else literal


def _literals(port: Port) -> list[Any]:
    """Values of a setting, of which few do not fit; None is its default."""
    fitting: dict[type, list[Any]] = {
        bool: [True, False], float: [1, 2.5], int: [4, 5, 6, 8],
        str: [*(port.choices or ["hi"])],
    }  # fmt: skip
    default = [] if port.required else [None]
    return (fitting[port.type] + default) * 8 + ["no value of any"]


def checked(written: dict[str, Any]) -> Checked:
    files = Files({"inputs": [Path("/nonexistent")], "models": []}, lambda path: "0" * 64)
    return check(from_document(written), REGISTRY, files)


def run(written: dict[str, Any]) -> None:
    """Compute all steps; raises Unfit where one does not work."""
    values: dict[str, Any] = {}
    for step_id, raw in written["nodes"].items():
        node: Any = REGISTRY.get(raw["type"])
        arguments = {name: _read(port, raw["inputs"].get(name), values)
                     for name, port in node.inputs.items()}  # fmt: skip
        linked = {name for name, value in raw["inputs"].items() if not _is_literal(value)}
        asked = _asked(node, arguments, linked)
        _types_fit(node, {name: arguments[name] for name in linked & asked})
        for name, port in node.inputs.items():
            if port.kind == "setting" and fault(port, arguments[name]):
                raise Unfit("value")
            if arguments[name] is None and (port.required or (name in asked and port.lazy)):
                raise Unfit("missing")
        _facts_fit(node, arguments, linked & asked)
        result = node(**arguments)
        made = tuple(result) if node.declaration.several else (result,)
        for name, value in zip(node.outputs, made, strict=True):
            wide = any(type(arguments[port]) is float for port in linked & asked)
            as_float = type(value) is int and node.outputs[name].variable and wide
            values[f"{step_id}.{name}"] = float(value) if as_float else value


def _is_literal(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _read(port: Port, value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [values[item["link"]] for item in value]
    if isinstance(value, dict):
        return values[value["link"]]
    read = port.default if value is None else value
    return float(read) if port.type is float and type(read) is int else read


def _asked(node: Any, arguments: dict[str, Any], linked: set[str]) -> set[str]:
    """What counts: all inputs, but of lazy ones only those a literal choice asks for."""
    lazy = {name for name, port in node.inputs.items() if port.lazy}
    if not lazy or linked - lazy:
        return set(node.inputs) - {name for name in lazy if arguments[name] is None}
    return set(node.inputs) - lazy | set(node.needs(arguments))


def _types_fit(node: Any, arguments: dict[str, Any]) -> None:
    variable = [type(value) for name, value in arguments.items() if node.inputs[name].variable]
    if len({float if kind is int and float in variable else kind for kind in variable}) > 1:
        raise Unfit("type")
    for name, value in arguments.items():
        port = node.inputs[name]
        for item in value if isinstance(value, list) else [value]:
            exact = type(item) is port.type or (type(item) is int and port.type is float)
            if item is not None and not port.variable and not exact:
                raise Unfit("type")


def _facts_fit(node: Any, arguments: dict[str, Any], linked: set[str]) -> None:
    facts = {name: getattr(arguments[name], "facts", NO_FACTS) for name in linked}
    letters: dict[Any, Any] = {}
    for name in linked:
        for fact, pattern in Of(**node.inputs[name].facts).facts.items():
            actual = facts[name].get(fact)
            wanted = letters.setdefault(pattern, actual) if is_variable(pattern) else pattern
            if None not in (actual, wanted) and actual != wanted:
                raise Unfit("facts")
    seen = Inference(arguments, facts)
    try:
        wrong = [item for item in (node.review or (lambda _: ()))(seen) if item.severity == "error"]
        (node.infer or (lambda _: None))(seen)
    except ValueError:
        raise Unfit("refused") from None
    if wrong:
        raise Unfit("review")


def verdict(written: dict[str, Any]) -> str:
    try:
        run(written)
    except Unfit as unfit:
        return unfit.kind
    return "runs"


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(workflows())
def test_a_graph_that_runs_is_never_rejected_and_an_accepted_one_has_fitting_types(
    written: dict[str, Any],
) -> None:
    found = checked(written)
    accepted = found.graph is not None

    if verdict(written) == "runs":
        assert accepted, [problem.sentence() for problem in found.problems]
    if accepted:
        assert verdict(written) in ("runs", "facts", "review", "value")


def test_the_random_graphs_are_of_every_sort() -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(workflows())
    def count(written: dict[str, Any]) -> None:
        counts[verdict(written)] += 1

    count()
    assert all(counts[sort] >= 3 for sort in ("runs", "type", "facts", "review", "value")), counts
