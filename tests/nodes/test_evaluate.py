import json

from nodes.evaluate import plot_curve, save_metrics
from nodes.values import Curve, Metrics
from tests.nodes.context import FolderContext


def test_a_curve_is_plotted_at_the_size_asked_for() -> None:
    assert plot_curve(Curve("Judge", (2.0, 1.0)), 192, 128).data.shape == (1, 3, 128, 192)


def test_metrics_are_saved_for_people_and_for_programs(ctx: FolderContext) -> None:
    save_metrics([Metrics("One", (("a", 0.5),)), Metrics("Two", (("b", 2.0),))], ctx, "figures")
    markdown, document = (
        next((ctx.folder / "output").glob(f"figures*{suffix}")) for suffix in (".md", ".json")
    )

    assert "| **Two** | |\n| b | 2 |" in markdown.read_text()
    assert [part["title"] for part in json.loads(document.read_text())] == ["One", "Two"]
