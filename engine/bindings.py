"""One step as written, bound to its ports: literals checked, links told apart, files found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.files import FileError, Files
from engine.graph import Source, each_link
from engine.ledger import Found, Wanted
from engine.ports import Port
from engine.problems import Edit, Fix, Problem, advice, placed
from engine.registry import AnyNode
from engine.verdict import (
    did_you_mean,
    fitting,
    misfit,
    nearest,
    number_text,
    settled,
    shown,
    wanted,
)
from engine.workflow import StepSource, as_link, split_address


@dataclass
class Bound:
    """What was made of a step's inputs, and what was wrong with them.

    Attributes:
        source: The step as written.
        node: Its node.
        settings: Values of its settings and files, defaults filled in.
        links: What its linked inputs read from.
        found: Its problems.
        output_types: Type of each output; None while it is not known.
    """

    source: StepSource
    node: AnyNode
    settings: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Source] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    output_types: Mapping[str, type | None] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all inputs are usable so far."""
        return not self.found

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the steps it reads from, each once."""
        return tuple(
            dict.fromkeys(link.step for source in self.links.values() for link in each_link(source))
        )

    def refuse(
        self,
        code: str,
        port: str,
        message: str,
        fixes: Sequence[Fix] = (),
        *,
        got: str = "",
        expected: str = "",
        because: tuple[str, ...] = (),
        wanted: Wanted | None = None,
    ) -> Found:
        """Note a problem of one input.

        Args:
            code: Kind of fault.
            port: Name of the input.
            message: What is wrong.
            fixes: What to do; edits without a place are edits of this input.
            got: What there is.
            expected: What would fit.
            because: What led to it.
            wanted: What could be linked to mend it.
        """
        step = self.source.id
        mends = placed(fixes, step, port)
        problem = Problem(code, message, step, port, because, mends, got, expected)
        found = Found(problem, wanted=wanted)
        self.found.append(found)
        return found


class Binder:
    """Binds steps to the ports of their nodes."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def bind(self, source: StepSource, node: AnyNode) -> Bound:
        """Bind one step."""
        bound = Bound(source, node, output_types=node.declaration.output_types)
        for name in source.inputs:
            if name not in node.inputs:
                _refuse_unknown(bound, name)
        for name, port in node.inputs.items():
            self._bind_port(bound, port, source.inputs.get(name, _ABSENT))
        return bound

    def _bind_port(self, bound: Bound, port: Port, written: Any) -> None:
        if written is _ABSENT or (written is None and port.nullable):
            _bind_absent(bound, port)
        elif port.kind == "links":
            _bind_list(bound, port, written)
        elif isinstance(written, dict) and "link" in written:
            _bind_link(bound, port, written)
        elif port.kind == "link":
            _refuse_literal(bound, port, written)
        elif port.file:
            self._bind_file(bound, port, written)
        else:
            _bind_setting(bound, port, written)

    def _bind_file(self, bound: Bound, port: Port, written: Any) -> None:
        assert port.file is not None  # noqa: S101 - only called for file ports
        try:
            bound.settings[port.name] = self._files.resolve(port.file, written)
        except FileError as error:
            bound.refuse(
                error.code, port.name, str(error), error.fixes,
                got=shown(written),
                expected=f"a {' or '.join(port.file.suffixes)} file in {port.file.root}",
            )  # fmt: skip


def link_words(port: Port) -> str:
    """Say what may be linked to a port."""
    return "a link to any output" if port.variable else f"a link to {port.type_name}"


def refuse_missing(bound: Bound, port: Port) -> None:
    """Note that a needed input is neither linked nor written."""
    linked = port.kind in ("link", "links")
    kind = "output" if port.variable else f"output of type {port.type_name}"
    bound.refuse(
        "missing-input", port.name, f"this required input of {bound.node.name} is missing",
        advice(f"link it to an {kind}" if linked else "give it a value"),
        got="nothing", expected=link_words(port) if linked else setting_words(port),
        wanted=Wanted(port) if linked else None,
    )  # fmt: skip


def setting_words(port: Port) -> str:
    """Say what a setting or file takes."""
    if port.file:
        return f"a {' or '.join(port.file.suffixes)} file in {port.file.root}"
    return wanted(port)


_ABSENT: Any = object()
_LINK_FORM = 'write {"link": "step.output"}'


def _refuse_unknown(bound: Bound, name: str) -> None:
    """Refuse an input there is none of; what looks like a slip can be renamed."""
    node, written = bound.node, bound.source.inputs
    free = [port for port in node.inputs if port not in written]
    if near := nearest(name, free):
        rename = (Edit("", "", None), Edit("", near, written[name]))
        fix = Fix(f'did you mean "{near}"?', rename)
    else:
        hint = did_you_mean(name, list(node.inputs))
        fix = Fix(f"remove it ({hint})", (Edit("", "", None),))
    bound.refuse(
        "unknown-input", name, f"{node.name} has no such input", [fix],
        got=name, expected=", ".join(node.inputs),
    )  # fmt: skip


def _bind_absent(bound: Bound, port: Port) -> None:
    if port.required:
        refuse_missing(bound, port)
    elif port.kind in ("setting", "file"):
        bound.settings[port.name] = port.default


def _bind_setting(bound: Bound, port: Port, written: Any) -> None:
    wrong = misfit(port, written)
    bound.settings[port.name] = settled(port, written)
    if wrong is None:
        return
    mended = fitting(port, written)
    edits = () if mended is None else (Edit("", "", mended),)
    text = wrong.hint or ("" if mended is None else f"use {_plainly(mended)}")
    bound.refuse(
        "wrong-value", port.name, wrong.message, [Fix(text, edits)] if text else [],
        got=shown(written), expected=wanted(port),
    )  # fmt: skip


def _plainly(value: Any) -> str:
    return number_text(value) if isinstance(value, float) else shown(value)


def _refuse_literal(bound: Bound, port: Port, written: Any) -> None:
    """Refuse a value where a link must stand; an address only lacks its braces."""
    address = split_address(written) if isinstance(written, str) else None
    edits = (Edit("", "", {"link": written}),) if address else ()
    expected = link_words(port)
    bound.refuse(
        "wrong-value", port.name, f"expected {expected}, got {shown(written)}",
        [Fix(_LINK_FORM, edits)], got=shown(written), expected=expected,
    )  # fmt: skip


def _bind_link(bound: Bound, port: Port, written: Mapping[str, Any]) -> None:
    link = as_link(written)
    if link is None:
        bound.refuse(
            "malformed-link", port.name, f"{shown(written)} is no link", advice(_LINK_FORM)
        )
    elif port.file:
        bound.refuse(
            "wrong-value", port.name, "a file cannot be linked", advice("name a file"),
            got=shown(written), expected=setting_words(port),
        )  # fmt: skip
    else:
        bound.links[port.name] = link


def _bind_list(bound: Bound, port: Port, written: Any) -> None:
    links = [as_link(item) for item in written] if isinstance(written, list) else [None]
    good = tuple(link for link in links if link is not None)
    if len(good) != len(links):
        alone = as_link(written)
        edits = () if alone is None else (Edit("", "", [written]),)
        bound.refuse(
            "wrong-value", port.name,
            f"expected a list of links to {port.type_name}, got {shown(written)}",
            [Fix('write [{"link": "step.output"}, ...]', edits)],
            got=shown(written), expected=f"a list of links to {port.type_name}",
        )  # fmt: skip
    elif port.required and not good:
        bound.refuse(
            "missing-input", port.name, "the list is empty", advice("link at least one output"),
            got="an empty list", expected=f"a list of links to {port.type_name}",
            wanted=Wanted(port),
        )  # fmt: skip
    else:
        bound.links[port.name] = good
