"""What the engine itself costs per step, beside what plain Python and networkx take for the graph.

Run by hand: python tests/benchmarks/engine.py. Read the ratios; the limits are those we promise.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import networkx as nx

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.graph import Graph
from tests.engine.workbench import Workbench, document, step

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
PLACE = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
"""In memory: on disk, a file system that has just deleted many files takes ten times longer to make
one (ext4 looks at each inode freed in the last minutes), which says nothing about the engine."""


def chain(length: int) -> dict[str, Any]:
    """Each step reads the one before it."""
    steps: dict[str, Any] = {"s0": step("Number", value=0)}
    for index in range(1, length):
        steps[f"s{index}"] = step("Add", a=f"@s{index - 1}.int", b=index)
    return document(**steps)


def fan(width: int) -> dict[str, Any]:
    """All steps read the first, in pairs that are summed up."""
    steps: dict[str, Any] = {"s0": step("Number", value=0)}
    for index in range(1, width):
        steps[f"s{index}"] = step("Add", a="@s0.int", b=index)
    return document(**steps)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one call, and what it returned."""
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


def peer(graph: Graph) -> float:
    """Seconds networkx takes to build and sort the same graph."""

    def sort() -> list[str]:
        digraph: Any = nx.DiGraph()
        digraph.add_nodes_from(graph.steps)
        digraph.add_edges_from((parent, s.id) for s in graph for parent in s.parents)
        return list(nx.topological_sort(digraph))

    return timed(sort)[0]


def measure(written: Mapping[str, Any], *, running: bool) -> dict[str, float]:
    """Seconds of check, cold plan, run, and the plan and run of the same again."""
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        bench = Workbench(Path(folder), budget=1_000_000_000, checking=False)
        found: dict[str, float] = {}
        found["check"], graph = timed(lambda: bench.graph(written))
        found["networkx sort (peer)"] = peer(graph)
        found["plan, nothing stored"], _ = timed(lambda: bench.plan_of(graph))
        if running:
            found["run, nothing stored"], outcome = timed(lambda: bench.run_graph(graph))
            assert outcome.status == "done", outcome.states
            fresh = bench.fresh()
            found["plan, all stored"], _ = timed(lambda: fresh.plan_of(graph))
            found["run, all stored"], outcome = timed(lambda: fresh.run_graph(graph))
            assert outcome.count("computed") == 0
    return found


def main() -> None:
    """Measure and print."""
    for name, shape in (("chain", chain), ("fan", fan)):
        small, large = (measure(shape(size), running=True) for size in (1_000, 10_000))
        for what, seconds in large.items():
            growth = seconds / 10 / small[what]
            times = seconds / large["networkx sort (peer)"]
            sys.stdout.write(
                f"{name:6} of 10,000: {what:24} {seconds:7.3f} s  {times:7.1f} x the peer,"
                f"  per step {growth:4.2f} x that at 1,000\n"
            )
    long = measure(chain(100_000), running=False)
    for what, seconds in long.items():
        sys.stdout.write(f"chain  of 100,000: {what:23} {seconds:7.3f} s\n")


if __name__ == "__main__":
    main()
