import json

from nodes.measuring.table import as_json, as_markdown
from nodes.values import Metrics

FIRST = Metrics("Inpainting", (("scenes", 64.0), ("colour right", 0.984375)))
SECOND = Metrics("Inpainting", (("scenes", 64.0), ("colour right", 0.5)))


def test_figures_become_one_markdown_table() -> None:
    assert as_markdown([FIRST]) == (
        "| what | figure |\n"
        "|---|---|\n"
        "| **Inpainting** | |\n"
        "| scenes | 64 |\n"
        "| colour right | 0.9844 |\n"
    )


def test_json_keeps_every_digit_and_two_measurements_of_one_title() -> None:
    assert json.loads(as_json([FIRST, SECOND])) == [
        {"title": "Inpainting", "figures": {"scenes": 64.0, "colour right": 0.984375}},
        {"title": "Inpainting", "figures": {"scenes": 64.0, "colour right": 0.5}},
    ]
