"""Asks a node's rules about actual values, as the engine does just before it computes."""

from collections.abc import Mapping
from typing import Any

from engine.node import Finding, Inference
from engine.registry import AnyNode
from nodes.value_kinds import TensorValue


def findings(
    node: AnyNode, settings: Mapping[str, Any] | None = None, **linked: Any
) -> list[Finding]:
    """What the node finds wrong with these values."""
    assert node.review
    facts = {name: value.facts for name, value in linked.items() if isinstance(value, TensorValue)}
    lists = {name: value for name, value in linked.items() if isinstance(value, list)}
    items = {name: [value.facts for value in several] for name, several in lists.items()}
    return list(node.review(Inference(settings or {}, facts, items)))


def messages(node: AnyNode, **linked: Any) -> list[str]:
    """The sentences of what is wrong, each where it is."""
    return [f"{found.port}: {found.message}" for found in findings(node, None, **linked)]
