"""The action key: what a result depends on, and nothing else.

K = sha256 of the node's name and version, the numerics, its keyed settings with defaults filled
in, files by digest, and for each link the *content* digest of the value it brings. Because keys
are made of contents, a step below an unchanged value keeps its key (early cutoff).
A step that saves a receipt has in its key what that tells: the keys of all steps above it.
Not in K: step ids, order in the file, layout, file names, device, engine version.

docs/keys.md is the specification, so that a key can be computed without this code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.canon import digest
from engine.graph import Source, Step
from engine.ports import FileRef
from engine.records import Value
from engine.workflow import Link

ACT = 2  # version of the key document: a change of its meaning or encoding raises it

Values = Mapping[Link, Value]


def action_key(
    step: Step,
    values: Values,
    numerics: str,
    target: str | None = None,
    nonce: str | None = None,
) -> str:
    """Return the key of a step whose input values are all known; arguments as below."""
    return digest(described_inputs(step, values, numerics, target, nonce))


def keyed(
    step: Step,
    values: Values,
    numerics: str,
    target: str | None = None,
    nonce: str | None = None,
    recipe: str | None = None,
) -> tuple[dict[str, Any], str]:
    """Return what a step computes from and its action key; arguments as of `described_inputs`.

    A graph that is run again mostly gets the same values: then both are those of the last time.
    """
    found = [values[link] for link in step.sources]
    basis = numerics, target, nonce, recipe, [(value.type, value.digest) for value in found]
    last = step.last_key.get("last")
    if last is None or last[0] != basis:
        described = described_inputs(step, values, numerics, target, nonce, recipe)
        last = step.last_key["last"] = basis, described, digest(described)
    return last[1], last[2]


def described_inputs(
    step: Step,
    values: Values,
    numerics: str,
    target: str | None = None,
    nonce: str | None = None,
    recipe: str | None = None,
) -> dict[str, Any]:
    """Describe what a step computes from, in plain values; the digest of it is the action key.

    Records keep it, so that a later run can say what changed and anybody can check the key.

    Args:
        step: The step, with the lazy links it asked for only.
        values: What each of its links brings.
        numerics: The compute type of the run.
        target: Of a step with an effect, the output folder it writes to.
        nonce: Of a step that must not find an older result, a text that is new in every run.
        recipe: Of a step that saves a receipt, what that tells besides (`recipe_of`).
    """
    ports = step.node.inputs
    return {
        **({} if recipe is None else {"recipe": recipe}),
        "act": ACT,
        "op": step.node.name,
        "version": step.node.version,
        "numerics": numerics,
        "target": target,
        "nonce": nonce,
        "settings": {
            name: _contents(value) if isinstance(value, FileRef) else value
            for name, value in step.settings.items()
            if ports[name].keyed
        },
        "inputs": {
            name: _described(source, values)
            for name, source in step.links.items()
            if ports[name].keyed
        },
    }


def lasting_key(described: Mapping[str, Any]) -> str:
    """Return the key without what belongs to one run or one place: nonce, target, recipe.

    Receipts name steps by it. Of steps that neither have an effect nor are volatile it is the key.
    """
    lasting = {**described, "target": None, "nonce": None}
    lasting.pop("recipe", None)
    return digest(lasting)


def recipe_of(keys: Iterable[str]) -> str:
    """Digest the lasting keys of all ancestors of a step, as its receipt lists them."""
    return digest(sorted(keys))


def _contents(file: FileRef) -> dict[str, Any]:
    """A file by its bytes; files beside it also by their names, which say what each is."""
    beside = [[other.name, other.sha256] for other in file.beside]
    return {"sha256": file.sha256, **({"beside": beside} if beside else {})}


def _described(source: Source, values: Values) -> list[Any]:
    if isinstance(source, tuple):
        return [_described(link, values) for link in source]
    value = values[source]
    return [value.type, value.digest]
