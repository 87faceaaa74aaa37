"""Every module of toy nodes, in one list."""

from __future__ import annotations

from tests.engine import (
    toy_effects,
    toy_facts,
    toy_flow,
    toy_hazards,
    toy_nodes,
    toy_torture,
    toy_walk,
)

TOYS = (toy_nodes, toy_effects, toy_facts, toy_flow, toy_hazards, toy_torture, toy_walk)
