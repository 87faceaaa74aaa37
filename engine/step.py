"""One step, start to end: read its inputs, call its function, keep what it returns."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.backends.report import Notice
from engine.backends.task import Task
from engine.codec import encode
from engine.context import StepContext
from engine.errors import StepError, reason
from engine.graph import Source, Step
from engine.guard import output_facts, verify
from engine.ports import NO_FACTS, SCALARS, Facts, FileRef, OutputPort, Port
from engine.records import Record, Value
from engine.registry import AnyNode, Registry
from engine.verdict import fault, settled
from engine.workflow import Link

Call = Callable[[AnyNode, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Means:
    """What a backend computes steps with.

    Attributes:
        registry: The nodes and the types of values.
        call: Calls a node's function, and waits for it when it is asynchronous.
        hold: Readers find the outputs in this process's memory, so they are held there until
            released; else they must be in the store.
        check_mutation: Encode the inputs again after the call, and fail when one has changed.
    """

    registry: Registry
    call: Call
    hold: bool
    check_mutation: bool = False


def compute(task: Task, node: AnyNode, context: StepContext, means: Means) -> Record:
    """Run one step and publish its result.

    Raises:
        VanishedError: When an input is gone from the store.
        StepError: When the inputs do not fit, or the result is not what the node declares.
    """
    started = time.perf_counter()
    types = {name: means.registry.value_type(kind) for name, kind in task.output_types.items()}
    step = Step(task.step, node, task.settings, task.links, types)
    brought = _read(task, context, means.registry)
    settings, arguments = _arguments(step, brought)
    facts = {link: value.facts for link, value in task.values.items()}
    verify(step, settings, facts)
    results = _call(step, arguments, context, means)
    if means.check_mutation:
        _refuse_mutation(step, task.values, brought)
    _refuse_changed_files(task, context)
    found = output_facts(step, settings, facts, results)
    made = {name: (value, found.get(name, NO_FACTS)) for name, value in results.items()}
    record = _record(task, step, context, means, made, time.perf_counter() - started)
    _remember(record, context)
    return record


def _call(
    step: Step, arguments: Mapping[str, Any], context: StepContext, means: Means
) -> dict[str, Any]:
    """Call the node's function and name what it returns."""
    wanted = step.node.declaration.context
    given = {**arguments, wanted: context} if wanted else arguments
    try:
        return _named(step.node, step.output_types, means.call(step.node, given))
    except BaseException:
        context.flush()
        raise


def _read(task: Task, context: StepContext, registry: Registry) -> dict[Link, Any]:
    """Load the values of all links, each once."""
    return {
        link: context.cache.load(value, registry.value_type(value.type))
        for link, value in task.values.items()
    }


def _arguments(step: Step, brought: Mapping[Link, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the actual settings, linked ones included, and all arguments of the function."""
    settings = dict(step.settings)
    arguments = {port.name: None for port in step.node.inputs.values() if port.lazy}
    for name, source in step.links.items():
        port = step.node.inputs[name]
        arguments[name] = _brought(port, source, brought)
        if port.kind == "setting":
            settings[name] = arguments[name]
    return settings, arguments | settings


def _brought(port: Port, source: Source, brought: Mapping[Link, Any]) -> Any:
    if isinstance(source, tuple):
        return [_fitting(port, brought[link], link) for link in source]
    return _fitting(port, brought[source], source)


def _fitting(port: Port, value: Any, link: Link) -> Any:
    """Hold a linked setting to the same bounds as a written one."""
    if port.type not in SCALARS:
        return value
    if problem := fault(port, value):
        raise StepError(f"{port.name}, linked to {link}: {problem}")
    return settled(port, value)


def _named(node: AnyNode, types: Mapping[str, type], result: Any) -> dict[str, Any]:
    """Name the outputs of a function and check them against their declaration."""
    several = node.declaration.several
    results = tuple(result) if several else (result,) * len(node.outputs)
    return {
        output.name: _declared(output, types[output.name], value)
        for output, value in zip(node.outputs.values(), results, strict=True)
    }


def _declared(output: OutputPort, expected: type, value: Any) -> Any:
    if expected is float and type(value) is int:
        return float(value)
    exact = expected in SCALARS
    if type(value) is not expected and (exact or not isinstance(value, expected)):
        got = type(value).__name__
        raise StepError(
            f'the node declares "{output.name}: {expected.__name__}" but returned {got}'
        )
    return value


def _refuse_mutation(step: Step, values: Mapping[Link, Value], brought: Mapping[Link, Any]) -> None:
    """Values are shared by all who read them, so a node that changes one spoils the others."""
    for name, source in step.links.items():
        for link in source if isinstance(source, tuple) else (source,):
            now = encode(type(brought[link]), brought[link])
            if hashlib.sha256(now).hexdigest() != values[link].digest:
                raise StepError(
                    f"{step.node.name} changed the value of its input {name}, which other steps "
                    "read too; the node must work on a copy"
                )


def _refuse_changed_files(task: Task, context: StepContext) -> None:
    for value in task.settings.values():
        if isinstance(value, FileRef):
            for file in value.all:
                context.unchanged(file.path, file.sha256)


def _record(
    task: Task,
    step: Step,
    context: StepContext,
    means: Means,
    made: Mapping[str, tuple[Any, Facts]],
    seconds: float,
) -> Record:
    """Take the outputs into the cache, and describe them with all else the step has left."""
    add = context.cache.add
    unkept = _warning(context) if means.hold else _refusal(context)
    outputs = {
        name: add(step.output_types[name], value, unkept, facts, hold=means.hold, seconds=seconds)
        for name, (value, facts) in made.items()
    }
    return Record(
        key=task.key,
        op=task.op,
        version=task.version,
        outputs=outputs,
        artifacts=tuple(context.artifacts),
        kept=tuple(dict.fromkeys(context.kept)),
        seconds=round(seconds, 4),
        inputs=task.described,
        by=context.by,
    )


def _remember(record: Record, context: StepContext) -> None:
    store = context.cache.store
    try:
        store.remember(record)
    except OSError as error:
        _warning(context)(error)
    if context.scratched and store.holds(record):  # else a later run still needs its folder
        store.clear_scratch(record.key)


def _warning(context: StepContext) -> Callable[[OSError], None]:
    def warn(error: OSError) -> None:
        folder = context.cache.store.folder
        message = f"results cannot be kept in {folder} ({reason(error)}); the run goes on without"
        context.report(Notice(message))

    return warn


def _refusal(context: StepContext) -> Callable[[OSError], None]:
    def refuse(error: OSError) -> None:
        folder = context.cache.store.folder
        raise StepError(
            f"the store {folder} cannot be written ({reason(error)}), and a worker process hands "
            "its results over there; make room, name another with --store, or run with "
            "--backend inline"
        ) from error

    return refuse
