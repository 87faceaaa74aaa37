"""Reads a node function: signature and docstring become ports, or a NodeError says why not."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal

from engine.docstring import read_docstring
from engine.errors import NodeError
from engine.ports import (
    MAX_SEED,
    NO_FACTS,
    SCALARS,
    Choices,
    Facts,
    File,
    FileRef,
    Lazy,
    Of,
    Output,
    OutputPort,
    Port,
    Range,
    Seed,
    Stem,
    Text,
    Unkeyed,
)
from engine.verdict import fault


@dataclass(frozen=True)
class Declaration:
    """What a signature and a docstring say."""

    help: str
    inputs: Mapping[str, Port]
    outputs: Mapping[str, OutputPort]
    context: str | None
    several: bool

    @cached_property
    def output_types(self) -> Mapping[str, type | None]:
        """Type of each output; None where it depends on what is linked."""
        return {name: None if port.variable else port.type for name, port in self.outputs.items()}

    @cached_property
    def constrained(self) -> bool:
        """Whether any input asks for facts."""
        return any(port.facts for port in self.inputs.values())

    @cached_property
    def promises(self) -> bool:
        """Whether any output has facts that follow from the declaration."""
        return any(port.facts or port.variable for port in self.outputs.values())


def declare(function: Callable[..., Any], context: type) -> Declaration:
    """Read the ports of a node function; parameters annotated `context` are none."""
    where = f"{function.__module__}.{function.__qualname__}"
    hints = _hints(function, where)
    text, entries = read_docstring(function, where)
    parameters = inspect.signature(function).parameters
    contexts = [name for name in parameters if hints.get(name) is context]
    _names_agree(where, parameters, entries, contexts)
    inputs = {
        name: _input(f"{where}, parameter `{name}`", parameter, hints[name], entries[name])
        for name, parameter in parameters.items()
        if name not in contexts
    }
    result = hints["return"]
    outputs = _outputs(f"{where}, return", result)
    _variables_bound(where, inputs, outputs)
    return Declaration(
        help=text,
        inputs=MappingProxyType(inputs),
        outputs=MappingProxyType(outputs),
        context=contexts[0] if contexts else None,
        several=_is_named_tuple(result),
    )


def _variables_bound(
    where: str, inputs: Mapping[str, Port], outputs: Mapping[str, OutputPort]
) -> None:
    linked = {port.variable for port in inputs.values()}
    for port in outputs.values():
        if port.variable and port.variable not in linked:
            raise NodeError(
                f"{where}, return: `{port.variable}` is the type of no parameter, so it can never"
                " be known; use a class."
            )


def _hints(function: Callable[..., Any], where: str) -> dict[str, Any]:
    annotated = getattr(function, "__annotations__", {})
    for name in [*inspect.signature(function).parameters, "return"]:
        if name not in annotated:
            what = "the result" if name == "return" else f"parameter `{name}`"
            raise NodeError(f"{where}: {what} has no type annotation; add one.")
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        message = f"{where}: an annotation cannot be resolved ({error}); import its names."
        raise NodeError(message) from error


def _names_agree(
    where: str, parameters: Mapping[str, Any], entries: Mapping[str, str], contexts: list[str]
) -> None:
    if len(contexts) > 1:
        raise NodeError(f"{where}: two Contexts, {' and '.join(contexts)}; keep one.")
    if unknown := [name for name in entries if name not in parameters]:
        raise NodeError(f"{where}: `Args:` documents `{unknown[0]}`, which is no parameter.")
    for name in parameters:
        if name not in contexts and not entries.get(name):
            raise NodeError(f"{where}: parameter `{name}` is not documented under `Args:`.")


def _input(where: str, parameter: inspect.Parameter, hint: Any, text: str) -> Port:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise NodeError(f"{where}: ports have one name each; *args, **kwargs and / cannot be used.")
    bare, marks, nullable = _unwrap(hint)
    kind, value_type, choices = _kind(where, bare, marks)
    seed = _has(marks, Seed)
    missing = parameter.default is parameter.empty
    port = Port(
        name=parameter.name,
        kind=kind,
        type=value_type,
        help=text,
        required=missing,
        default=None if missing else _plain(value_type, parameter.default),
        nullable=nullable,
        choices=choices,
        bounds=_mark(marks, Range) or (Range(ge=0, le=MAX_SEED, step=1) if seed else Range()),
        text=_mark(marks, Text) or (Text() if value_type is str and choices is None else None),
        stem=_has(marks, Stem),
        seed=seed,
        keyed=not _has(marks, Unkeyed),
        file=_mark(marks, File),
        facts=_facts(marks),
        lazy=_has(marks, Lazy),
        variable=_variable(bare),
    )
    _default_fits(where, port)
    return port


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Take `Annotated` and `| None` off a hint, in either order."""
    marks: tuple[Any, ...] = ()
    nullable = False
    while True:
        origin = typing.get_origin(hint)
        if origin is Annotated:
            marks = (*hint.__metadata__, *marks)
            hint = hint.__origin__
        elif origin in (typing.Union, types.UnionType) and type(None) in typing.get_args(hint):
            nullable = True
            rest = [argument for argument in typing.get_args(hint) if argument is not type(None)]
            hint = typing.Union[tuple(rest)]  # noqa: UP007 - built from a list
        else:
            return hint, marks, nullable


def _kind(
    where: str, bare: Any, marks: tuple[Any, ...]
) -> tuple[Literal["setting", "file", "link", "links"], type, tuple[Any, ...] | None]:
    if typing.get_origin(bare) is Literal:
        choices = typing.get_args(bare)
        if len({type(choice) for choice in choices}) != 1 or type(choices[0]) not in SCALARS:
            raise NodeError(f"{where}: a Literal holds strings only, or integers only.")
        return "setting", type(choices[0]), choices
    if typing.get_origin(bare) is list:
        (item,) = typing.get_args(bare)
        item, _, _ = _unwrap(item)
        if isinstance(item, type):
            return "links", item, None
    elif bare is FileRef:
        if _mark(marks, File) is None:
            raise NodeError(f"{where}: a FileRef needs File(root, suffixes) in its Annotated.")
        return "file", FileRef, None
    elif isinstance(bare, typing.TypeVar):
        return "link", object, None
    elif bare in SCALARS:
        choices_mark = _mark(marks, Choices)
        return "setting", bare, choices_mark.of if choices_mark else None
    elif isinstance(bare, type):
        return "link", bare, None
    raise NodeError(
        f"{where}: {bare!r} cannot be a port; use int, float, bool, str, Literal, FileRef, "
        "a class, a TypeVar, list of a class, or one of them with `| None`."
    )


def _variable(bare: Any) -> str:
    return bare.__name__ if isinstance(bare, typing.TypeVar) else ""


def _default_fits(where: str, port: Port) -> None:
    if port.required:
        return
    if port.default is None:
        if not port.nullable:
            raise NodeError(f"{where}: the default is None; add `| None` to its type.")
        return
    if port.kind != "setting":
        raise NodeError(f"{where}: a {port.kind} can only have the default None.")
    if problem := fault(port, port.default):
        raise NodeError(f"{where}: the default {port.default!r} does not fit; {problem}.")


def _outputs(where: str, hint: Any) -> dict[str, OutputPort]:
    if hint in (None, type(None)):
        return {}
    if _is_named_tuple(hint):
        fields = typing.get_type_hints(hint, include_extras=True)
        return {name: _output(where, fields[name], name) for name in hint._fields}
    output = _output(where, hint, None)
    return {output.name: output}


def _output(where: str, hint: Any, name: str | None) -> OutputPort:
    bare, marks, nullable = _unwrap(hint)
    named = _mark(marks, Output)
    if isinstance(bare, typing.TypeVar) and not nullable:
        chosen = name or (named.name if named else "value")
        return OutputPort(name=chosen, type=object, variable=bare.__name__)
    if nullable or not isinstance(bare, type) or not _can_be_kept(bare):
        raise NodeError(
            f"{where}: {bare!r} cannot be an output; use int, float, bool, str or a class with "
            "nbytes, to_bytes and from_bytes, never None."
        )
    chosen = name or (named.name if named else _snake_case(bare.__name__))
    return OutputPort(name=chosen, type=bare, facts=_facts(marks))


def _can_be_kept(value_type: type) -> bool:
    return value_type in SCALARS or all(
        hasattr(value_type, name) for name in ("to_bytes", "from_bytes")
    )


def _is_named_tuple(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _facts(marks: tuple[Any, ...]) -> Facts:
    of = _mark(marks, Of)
    return of.facts if of else NO_FACTS


def _plain(value_type: type, default: Any) -> Any:
    return float(default) if value_type is float and type(default) is int else default


M = typing.TypeVar("M")


def _mark(marks: tuple[Any, ...], kind: type[M]) -> M | None:
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _has(marks: tuple[Any, ...], kind: type) -> bool:
    """A mark without fields may be written as `Seed` or as `Seed()`."""
    return any(mark is kind or isinstance(mark, kind) for mark in marks)
