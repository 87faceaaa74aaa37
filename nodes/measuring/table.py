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
    """An object of objects: title, then figure by name."""
    return json.dumps({part.title: dict(part.figures) for part in metrics}, indent=2) + "\n"
