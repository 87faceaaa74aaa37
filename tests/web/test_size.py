"""Rules that keep large graphs quick, each as a number."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import step, workflow
from tests.web.renders import count_renders, renders_of_nodes
from tests.web.serving import Server


def many(count: int) -> dict[str, object]:
    """Write a graph of pairs: a picture, and the mask that covers it."""
    nodes = {}
    for number in range(count // 2):
        nodes[f"blank_{number}"] = step("SolidImage", width=64, height=64)
        nodes[f"mask_{number}"] = step("FullMask", image=f"@blank_{number}.image")
    row = 60 if count > 100 else 6
    places = {name: [300 * (i % row), 220 * (i // row)] for i, name in enumerate(nodes)}
    return workflow(nodes, layout={"nodes": places, "groups": [], "notes": []})


def test_three_thousand_nodes_stay_two_thousand_elements_where_they_can_be_read(
    editor: EditorPage,
) -> None:
    editor.open()
    editor.open_file(many(3000), "vast.json")
    expect(editor.page.get_by_text("3000 nodes")).to_be_visible()
    editor.page.wait_for_timeout(1000)  # the view glides over all of it
    from_afar = editor.page.locator("*").count()
    assert from_afar <= 5 * editor.nodes.count(), "from afar a node is a name"
    editor.press("Digit0")
    expect(editor.page.get_by_title("Zoom to 100%")).to_have_text("100%")

    assert editor.page.locator("*").count() <= 2000


def test_a_wire_that_is_drawn_redraws_no_node(
    server: Server, visit: Callable[..., EditorPage]
) -> None:
    editor = visit(server)
    count_renders(editor.page.context)
    editor.open()
    editor.open_file(many(20), "some.json")
    expect(editor.page.get_by_role("button", name="Ready to run")).to_be_visible()
    assert renders_of_nodes(editor.page) > 0
    socket = editor.socket("blank_0.image", "out").bounding_box()
    assert socket is not None
    mouse = editor.page.mouse
    mouse.move(socket["x"] + 4, socket["y"] + 4)
    mouse.down()
    mouse.move(socket["x"] + 30, socket["y"] + 30)
    before = renders_of_nodes(editor.page)
    for number in range(60):
        mouse.move(socket["x"] + 30 + 5 * number, socket["y"] + 30 + 3 * number)
    after = renders_of_nodes(editor.page)
    mouse.up()

    assert after - before == 0
