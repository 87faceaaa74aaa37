"""The action key: what a result depends on, and nothing else.

K = sha256 of the node's name and version, the numerics, its keyed settings with defaults filled
in, files by digest, and for each link the *content* digest of the value it brings. Because keys
are made of contents, a step below an unchanged value keeps its key (early cutoff).
Not in K: step ids, order in the file, layout, file names, device, engine version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.canon import digest
from engine.graph import Source, Step
from engine.ports import FileRef
from engine.records import Value
from engine.workflow import Link

Values = Mapping[Link, Value]


def action_key(step: Step, values: Values, numerics: str, target=None, nonce=None) -> str:
    """Return the key of a step whose input values are all known."""
    return digest(
        {"act": 1, "target": target, "nonce": nonce, **described_inputs(step, values, numerics)}
    )


def described_inputs(step: Step, values: Values, numerics: str) -> dict[str, Any]:
    """Describe what a step computes from, in plain values."""
    keyed = {name for name, port in step.node.inputs.items() if port.keyed}
    return {
        "op": step.node.name,
        "version": step.node.version,
        "numerics": numerics,
        "settings": {
            name: {"sha256": value.sha256} if isinstance(value, FileRef) else value
            for name, value in step.settings.items()
            if name in keyed
        },
        "inputs": {
            name: _described(source, values) for name, source in step.links.items() if name in keyed
        },
    }


def _described(source: Source, values: Values) -> list[Any]:
    if isinstance(source, tuple):
        return [_described(link, values) for link in source]
    return [values[source].type, values[source].digest]
