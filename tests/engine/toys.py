"""Every module of toy nodes, in one list."""

from __future__ import annotations

from tests.engine import (
    toy_effects,
    toy_facts,
    toy_flow,
    toy_hazards,
    toy_hike,
    toy_nodes,
    toy_pictures,
    toy_sketches,
    toy_torture,
)

TOYS = (
    toy_nodes,
    toy_effects,
    toy_facts,
    toy_flow,
    toy_hazards,
    toy_hike,
    toy_pictures,
    toy_sketches,
    toy_torture,
)
