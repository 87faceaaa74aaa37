"""What a step foresees of itself before it runs."""

from __future__ import annotations

from engine.contract import Settings
from engine.estimate import Estimate
from engine.graph import Step


def foreseen(step: Step, settings: Settings) -> Estimate | None:
    """Ask a step what it will take; None where it cannot tell."""
    if step.node.estimate is None or step.known is None:
        return None
    try:
        return step.node.estimate(step.known, settings)
    except Exception:  # noqa: BLE001 - a node's own fault must not end the plan
        return None
