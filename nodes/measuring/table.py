"""Figures as text."""

import json
from collections.abc import Sequence

from nodes.values import Metrics


def as_markdown(metrics: Sequence[Metrics]) -> str:
    """One table, a row a figure."""
    rows = ["| what | figure |", "|---|---|"]
    for part in metrics:
        rows.append(f"| **{part.title}** | |")
        rows += [f"| {name} | {value:.4g} |" for name, value in part.figures]
    return "\n".join(rows) + "\n"


def as_json(metrics: Sequence[Metrics]) -> str:
    """A list of objects, one a measurement: its title, and its figures by name."""
    parts = [{"title": part.title, "figures": dict(part.figures)} for part in metrics]
    return json.dumps(parts, indent=2) + "\n"
