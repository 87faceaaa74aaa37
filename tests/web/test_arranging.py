"""Putting the graph in order: onto wires, along edges, on the grid; problems mended in place."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import FIVE_STAGES, step, workflow

_GLIDE = 600
"""Milliseconds until a view that was just opened has come to rest."""


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(editor: EditorPage, node: str, to: tuple[float, float]) -> None:
    """Take a node by its head and let it go with its middle at a point."""
    x, y = middle(editor.node(node).locator("header"))
    whole = middle(editor.node(node))
    mouse = editor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 2, y + 2)  # the first move of a drag is swallowed
    mouse.move(to[0] + x - whole[0], to[1] + y - whole[1], steps=6)


def apart() -> dict[str, Any]:
    """Write two nodes with a wire between them, and one that could come in."""
    file = workflow({
        "blank": step("SolidImage", width=64, height=64),
        "save": step("SaveImage", image="@blank.image", name="x"),
        "small": step("Resize", width=32, height=32),
    })  # fmt: skip
    file["layout"]["nodes"] = {"blank": [0, 0], "save": [720, 0], "small": [360, 320]}
    return file


def test_a_node_that_is_let_go_on_a_wire_comes_between(editor: EditorPage) -> None:
    editor.open().open_file(apart())
    editor.fit()
    out, into = (
        middle(editor.socket(*end)) for end in (("blank.image", "out"), ("save.image", "in"))
    )
    drag(editor, "small", ((out[0] + into[0]) / 2, (out[1] + into[1]) / 2))
    expect(editor.page.locator("[data-insert]")).to_have_count(1)
    editor.page.mouse.up()
    expect(editor.socket("small.image", "in")).to_have_attribute("data-linked", "true")
    editor.save("between")
    nodes = editor.saved("between")["nodes"]
    assert nodes["small"]["inputs"]["image"] == {"link": "blank.image"}
    assert nodes["save"]["inputs"]["image"] == {"link": "small.image"}

    editor.press("Control+KeyZ")
    expect(editor.socket("small.image", "in")).not_to_have_attribute("data-linked", "true")
    editor.save()
    assert editor.saved("between")["nodes"] == apart()["nodes"]


def test_chosen_nodes_are_aligned_and_spread(editor: EditorPage) -> None:
    file = apart()
    file["layout"]["nodes"] = {"blank": [0, 0], "save": [330, 40], "small": [900, 90]}
    editor.open().open_file(file)
    editor.press("Control+KeyA")
    expect(editor.page.get_by_text("3 nodes are selected")).to_be_visible()
    editor.page.wait_for_timeout(_GLIDE)
    editor.press("Alt+Shift+ArrowUp")
    editor.press("Alt+Shift+KeyH")
    editor.save("aligned")
    places = editor.saved("aligned")["layout"]["nodes"]
    assert [places[node][1] for node in ("blank", "save", "small")] == [0, 0, 0]
    assert [places[node][0] for node in ("blank", "save", "small")] == [0, 450, 900]

    editor.node("save").click(button="right", position={"x": 60, "y": 10})
    expect(editor.page.get_by_role("menuitem", name="Align left")).to_be_visible()


def test_nodes_lie_on_the_grid_unless_they_are_let_off_it(editor: EditorPage) -> None:
    editor.open().open_file(apart())
    editor.fit()
    for snaps in (True, False):
        x, y = middle(editor.node("small"))
        drag(editor, "small", (x + 37, y + 41))
        editor.page.mouse.up()
        editor.save("gridded" if snaps else None)
        place = editor.saved("gridded")["layout"]["nodes"]["small"]
        assert all(axis % 12 == 0 for axis in place) is snaps, place
        editor.page.get_by_role("button", name="Settings").click()
        editor.dialog.get_by_role("switch", name="Snap to grid").click()
        editor.press("Escape")


def test_the_graph_makes_room_for_a_panel(editor: EditorPage) -> None:
    editor.open().open_file(workflow())
    editor.fit()
    editor.panel("Library")
    editor.page.wait_for_timeout(300)
    canvas = editor.canvas.bounding_box()
    assert canvas is not None
    for node in FIVE_STAGES:
        box = editor.node(node).bounding_box()
        assert box is not None
        assert box["x"] >= canvas["x"]
        assert box["x"] + box["width"] <= canvas["x"] + canvas["width"]
    overview = editor.page.get_by_role("img", name="Overview of the graph").bounding_box()
    assert overview is not None
    assert overview["x"] + overview["width"] > canvas["x"] + canvas["width"] - 20


def test_ready_workflows_go_by_their_titles(editor: EditorPage) -> None:
    editor.open()
    editor.new_workflow()
    editor.page.get_by_role("button", name="Ready workflows").click()
    search = editor.page.get_by_role("combobox")
    search.fill("Rombach et al. 2022, Fig. 3")
    expect(editor.page.get_by_role("option")).to_have_count(1)
    expect(editor.page.get_by_role("option")).to_contain_text("Inpaint")
    search.press("Enter")
    expect(editor.tab("inpaint")).to_be_visible()


def test_a_fix_on_the_node_itself_mends_it(editor: EditorPage) -> None:
    broken = workflow({**FIVE_STAGES, "schedule": step("NoiseSchedule", steps=0)})
    editor.open().open_file(broken)
    schedule = editor.node("schedule")
    expect(schedule).to_have_attribute("data-severity", "error")
    schedule.get_by_role("button", name=re.compile("^Fix")).first.click()
    expect(schedule).not_to_have_attribute("data-severity", "error")
    expect(editor.page.get_by_role("button", name="Ready to run")).to_be_visible()

    editor.press("Control+KeyZ")
    expect(schedule).to_have_attribute("data-severity", "error")


def test_a_node_that_was_looked_for_has_the_focus(editor: EditorPage) -> None:
    """The dialog gives the focus back to where it was; the node found takes it after that."""
    editor.open().open_file(workflow(), "sought.json")
    blank, decode = (
        editor.page.locator(f'.react-flow__node[data-id="{name}"]') for name in ("blank", "decode")
    )
    blank.focus()
    editor.press("Control+KeyF")
    editor.page.get_by_role("combobox").fill("decode")
    expect(editor.page.get_by_role("option").first).to_contain_text("decode")
    editor.press("Enter")

    expect(decode).to_be_focused()
