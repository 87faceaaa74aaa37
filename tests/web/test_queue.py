"""The queue by hand: held, put in another order, emptied; and what a workflow was before."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import step, workflow
from tests.web.serving import Server


def hand_in(server: Server, count: int) -> list[str]:
    """Hand in runs that take next to no time."""
    made = [workflow({"grey": step("SolidImage", width=64, height=64, grey=number / 10),
                      "save": step("SaveImage", image="@grey.image", name="grey")})
            for number in range(count)]  # fmt: skip
    return [
        server.ask("POST", "runs", {"workflow": each, "name": f"run_{number}"})["id"]
        for number, each in enumerate(made)
    ]


def order_of(rows: Locator) -> list[str]:
    return [re.findall(r"run_\d", row)[0] for row in rows.all_inner_texts()]


def test_runs_that_wait_are_put_in_order_by_mouse_and_keys(
    own_server: Server, visit: Callable[..., EditorPage]
) -> None:
    editor = visit(own_server).open()
    queue = editor.panel("Queue")
    queue.get_by_role("button", name="Hold the queue").click()
    expect(queue.get_by_text("The queue is held")).to_be_visible()
    ids = hand_in(own_server, 4)
    waiting = queue.get_by_role("region", name="Waiting").get_by_role("listitem")
    expect(waiting).to_have_count(4)
    assert order_of(waiting) == ["run_0", "run_1", "run_2", "run_3"]

    grip = waiting.nth(3).get_by_role("button", name=re.compile("^Move"))
    first = waiting.nth(1).bounding_box()
    held = grip.bounding_box()
    assert first is not None
    assert held is not None
    mouse = editor.page.mouse
    mouse.move(held["x"] + 8, held["y"] + 8)
    mouse.down()
    mouse.move(held["x"] + 8, first["y"] + 4, steps=4)
    mouse.up()
    expect(waiting.nth(1)).to_contain_text("run_3")
    assert order_of(waiting) == ["run_0", "run_3", "run_1", "run_2"]

    waiting.nth(0).get_by_role("button", name=re.compile("^Move")).press("ArrowDown")
    expect(waiting.nth(1)).to_contain_text("run_0")
    assert order_of(waiting) == ["run_3", "run_0", "run_1", "run_2"]
    expect(waiting.nth(1).get_by_role("button", name=re.compile("^Move"))).to_be_focused()

    queue.get_by_role("button", name="Go on").click()
    ended = [own_server.wait_for_run(number) for number in ids]
    taken = sorted(ended, key=lambda run: float(run["started"]))
    assert [run["name"] for run in taken] == ["run_3", "run_0", "run_1", "run_2"]


def test_what_waits_can_be_cancelled_at_once(
    own_server: Server, visit: Callable[..., EditorPage]
) -> None:
    editor = visit(own_server).open()
    queue = editor.panel("Queue")
    queue.get_by_role("button", name="Hold the queue").click()
    expect(queue.get_by_role("button", name="Go on")).to_be_visible()
    ids = hand_in(own_server, 3)
    queue.get_by_role("button", name="Cancel all that wait").click()

    assert {own_server.wait_for_run(number)["state"] for number in ids} == {"cancelled"}
    expect(queue.get_by_role("region", name="Waiting")).to_be_hidden()


def test_an_earlier_version_is_opened_and_brought_back(editor: EditorPage) -> None:
    editor.open().open_file(workflow(), "versions.json")
    editor.save("versions")
    for width in (96, 128):
        editor.set_input("blank", "width", width)
        editor.save()
    library = editor.panel("Library")
    library.get_by_role("button", name="Earlier versions… versions").click()
    rows = editor.dialog.get_by_role("listitem")
    expect(rows).to_have_count(2)
    rows.nth(1).get_by_role("button", name="Open a copy").click()
    expect(editor.page.get_by_role("tab", name=re.compile("^Untitled"))).to_be_visible()
    expect(editor.field("blank", "width")).to_have_value("64")

    library.get_by_role("button", name="Earlier versions… versions").click()
    rows.nth(0).get_by_role("button", name="Restore").click()
    expect(editor.tab("versions")).to_have_attribute("aria-selected", "true")
    expect(editor.field("blank", "width")).to_have_value("96")
    editor.press("Control+KeyZ")
    expect(editor.field("blank", "width")).to_have_value("128")
    editor.press("Control+KeyY")
    editor.save()
    assert editor.saved("versions")["nodes"]["blank"]["inputs"]["width"] == 96
