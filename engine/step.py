"""One step, start to end: read its inputs, call its function, keep what it returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.context import StepContext
from engine.errors import StepError
from engine.graph import Step
from engine.keys import Values, described_inputs
from engine.ports import SCALARS, FileRef, OutputPort, Port
from engine.records import Record
from engine.verdict import fault, settled
from engine.workflow import Link

Read = Callable[[Link], Any]


@dataclass(frozen=True)
class Computed:
    """What a step made: the record for the store, and the values for its consumers."""

    record: Record
    values: Mapping[str, Any]


def compute(
    step: Step, context: StepContext, read: Read, values: Values, warn: Callable[[OSError], None]
) -> Computed:
    """Run one step and publish its result.

    Args:
        step: The step.
        context: Its context; the node gets it if it asks for one.
        read: Returns the value a link brings.
        values: Identities of those values.
        warn: Told when the store cannot take the result.
    """
    started = time.perf_counter()
    arguments = _arguments(step, read)
    if step.node.declaration.context:
        arguments[step.node.declaration.context] = context
    results = _named(step, step.node(**arguments))
    for value in step.settings.values():
        if isinstance(value, FileRef):
            context.unchanged(value.path, value.sha256)
    cache = context.around.cache
    record = Record(
        key=context.key,
        op=step.node.name,
        version=step.node.version,
        outputs={
            name: cache.add(step.node.outputs[name].type, value, warn)
            for name, value in results.items()
        },
        artifacts=tuple(context.artifacts),
        kept=tuple(dict.fromkeys(context.kept)),
        seconds=round(time.perf_counter() - started, 4),
        inputs=described_inputs(step, values, context.settings.numerics),
    )
    try:
        cache.store.remember(record)
    except OSError as error:
        warn(error)
    if cache.store.holds(record):  # else a later run still needs its scratch folder
        cache.store.clear_scratch(context.key)
    return Computed(record, results)


def _arguments(step: Step, read: Read) -> dict[str, Any]:
    arguments = dict(step.settings)
    for name, source in step.links.items():
        port = step.node.inputs[name]
        if isinstance(source, tuple):
            arguments[name] = [_fitting(port, read(link), link) for link in source]
        else:
            arguments[name] = _fitting(port, read(source), source)
    return arguments


def _fitting(port: Port, value: Any, link: Link) -> Any:
    """Hold a linked setting to the same bounds as a written one."""
    if port.type not in SCALARS:
        return value
    if problem := fault(port, value):
        raise StepError(f"{port.name}, linked to {link}: {problem}")
    return settled(port, value)


def _named(step: Step, result: Any) -> dict[str, Any]:
    """Name the outputs of a function and check them against their declaration."""
    outputs = step.node.outputs
    several = step.node.declaration.several
    results = tuple(result) if several else (result,) * len(outputs)
    return {
        name: _declared(output, value)
        for (name, output), value in zip(outputs.items(), results, strict=True)
    }


def _declared(output: OutputPort, value: Any) -> Any:
    if output.type is float and type(value) is int:
        return float(value)
    exact = output.type in SCALARS
    if type(value) is not output.type and (exact or not isinstance(value, output.type)):
        got = type(value).__name__
        raise StepError(f'the node declares "{output.name}: {output.type_name}" but returned {got}')
    return value
