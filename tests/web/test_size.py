"""Rules that keep large graphs quick, each as a number."""

from __future__ import annotations

import gzip
import json
import re
import urllib.request
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


def test_what_is_loaded_first_stays_small(server: Server) -> None:
    page = urllib.request.urlopen(server.url).read().decode()  # noqa: S310 - our own server
    scripts = re.findall(r'(?:src|modulepreload" crossorigin href)="(/assets/[^"]+\.js)"', page)
    assert len(scripts) >= 2, page
    sizes = {
        script: len(gzip.compress(urllib.request.urlopen(server.url + script[1:]).read()))  # noqa: S310
        for script in scripts
    }

    assert sum(sizes.values()) <= 220_000, sizes


def test_three_thousand_nodes_stay_two_thousand_elements_at_every_zoom(editor: EditorPage) -> None:
    editor.open()
    editor.drop("vast.json", json.dumps(many(3000)).encode())
    expect(editor.page.get_by_text("3000 nodes")).to_be_visible()
    editor.fit()
    zoom, nearer = editor.page.get_by_title("Zoom to 100%"), editor.page.get_by_title("Zoom in")
    expect(zoom).to_have_text("8%")
    counts = {zoom.inner_text(): editor.page.locator("*").count()}
    while (before := zoom.inner_text()) != "250%":
        nearer.first.click()
        expect(zoom).not_to_have_text(before)
        editor.page.wait_for_timeout(200)  # the view glides there
        counts[zoom.inner_text()] = editor.page.locator("*").count()

    assert max(counts.values()) <= 2000, counts
    assert len(counts) > 10


def test_nodes_that_are_only_painted_can_be_chosen_and_come_when_they_are_wanted(
    editor: EditorPage,
) -> None:
    editor.open()
    editor.drop("vast.json", json.dumps(many(3000)).encode())
    painted = editor.page.get_by_role("img", name=re.compile("3000 nodes from afar"))
    editor.fit()
    expect(painted).to_be_visible()
    box = painted.bounding_box()
    assert box is not None
    mouse = editor.page.mouse
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    editor.page.keyboard.down("Shift")
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 100, y + 80, steps=3)
    mouse.up()
    editor.page.keyboard.up("Shift")
    expect(editor.page.get_by_text(re.compile(r"^[1-9]\d+ nodes are selected"))).to_be_visible()
    mouse.dblclick(x + 4, y + 4)

    expect(editor.nodes.first).to_be_visible()


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
