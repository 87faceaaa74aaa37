"""One step as written, bound to its ports: literals checked, links told apart, files found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.files import FileError, Files
from engine.graph import Source
from engine.ports import Port
from engine.problems import Problem
from engine.registry import AnyNode
from engine.schema import DIALECT, port_schema
from engine.verdict import did_you_mean, fault, settled, shown
from engine.workflow import StepSource, as_link

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@dataclass
class Bound:
    """What was made of a step's inputs, and what was wrong with them."""

    source: StepSource
    node: AnyNode
    settings: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(
        self, code: str, port: str, message: str, fix: str = "", because: tuple[str, ...] = ()
    ) -> None:
        """Note a problem of this step."""
        self.problems.append(Problem(code, message, self.source.id, port, because, fix))


class Binder:
    """Binds steps; the JSON Schema validator of each node type is made once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._validators: dict[str, Validator] = {}

    def bind(self, source: StepSource, node: AnyNode) -> Bound:
        """Bind one step to its node's ports."""
        bound = Bound(source, node)
        for name in source.inputs:
            if name not in node.inputs:
                hint = did_you_mean(name, list(node.inputs))
                bound.refuse("unknown-input", name, f"{node.name} has no such input", hint)
        for name, port in node.inputs.items():
            self._bind_port(bound, port, source.inputs.get(name, _ABSENT))
        self._check_literals(bound)
        return bound

    def _bind_port(self, bound: Bound, port: Port, written: Any) -> None:
        if written is _ABSENT or (written is None and port.nullable):
            self._bind_absent(bound, port)
        elif port.kind == "links":
            _bind_list(bound, port, written)
        elif isinstance(written, dict) and "link" in written:
            _bind_link(bound, port, written)
        elif port.kind == "link":
            message = f"expected a link to {port.type_name}, got {shown(written)}"
            bound.refuse("wrong-value", port.name, message, _LINK_FORM)
        elif port.file:
            self._bind_file(bound, port, written)
        else:
            bound.settings[port.name] = written

    def _bind_absent(self, bound: Bound, port: Port) -> None:
        if port.required:
            fix = (
                f"link it to an output of type {port.type_name}"
                if port.kind in ("link", "links")
                else "give it a value"
            )
            message = f"this required input of {bound.node.name} is missing"
            bound.refuse("missing-input", port.name, message, fix)
        elif port.kind in ("setting", "file"):
            bound.settings[port.name] = port.default

    def _bind_file(self, bound: Bound, port: Port, written: Any) -> None:
        assert port.file is not None  # noqa: S101 - only called for file ports
        try:
            bound.settings[port.name] = self._files.resolve(port.file, written)
        except FileError as error:
            bound.refuse(error.code, port.name, str(error), error.fix)

    def _check_literals(self, bound: Bound) -> None:
        """Validate the settings against the node's schema; the sentence comes from the port."""
        written = {
            name: value
            for name, value in bound.settings.items()
            if bound.node.inputs[name].kind == "setting"
        }
        errors = self._validator(bound.node).iter_errors(written)
        unfit = {str(error.absolute_path[0]): error.message for error in errors}
        for name, value in written.items():
            port = bound.node.inputs[name]
            bound.settings[name] = settled(port, value)
            if sentence := fault(port, value) or unfit.get(name):
                bound.refuse("wrong-value", name, sentence)

    def _validator(self, node: AnyNode) -> Validator:
        if node.name not in self._validators:
            from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

            settings = [port for port in node.inputs.values() if port.kind == "setting"]
            properties = {port.name: port_schema(port) for port in settings}
            schema = {"$schema": DIALECT, "type": "object", "properties": properties}
            self._validators[node.name] = Draft202012Validator(schema)
        return self._validators[node.name]


_ABSENT: Any = object()
_LINK_FORM = 'write {"link": "step.output"}'


def _bind_link(bound: Bound, port: Port, written: Mapping[str, Any]) -> None:
    link = as_link(written)
    if link is None:
        bound.refuse("malformed-link", port.name, f"{shown(written)} is no link", _LINK_FORM)
    elif port.file:
        bound.refuse("wrong-value", port.name, "a file cannot be linked", "name a file")
    else:
        bound.links[port.name] = link


def _bind_list(bound: Bound, port: Port, written: Any) -> None:
    links = [as_link(item) for item in written] if isinstance(written, list) else [None]
    good = tuple(link for link in links if link is not None)
    if len(good) != len(links):
        message = f"expected a list of links to {port.type_name}, got {shown(written)}"
        bound.refuse("wrong-value", port.name, message, 'write [{"link": "step.output"}, ...]')
    elif port.required and not good:
        bound.refuse("missing-input", port.name, "the list is empty", "link at least one output")
    else:
        bound.links[port.name] = good
