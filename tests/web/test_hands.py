"""Other hands than a mouse and a Latin keyboard: input methods, fingers, a pen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import CDPSession, Locator, expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import step, workflow
from tests.web.serving import ROOT, Server

Point = tuple[float, float]


def devtools(editor: EditorPage) -> CDPSession:
    return editor.page.context.new_cdp_session(editor.page)


def compose(cdp: CDPSession, stages: str, code: str = "KeyM") -> None:
    """Press keys as an input method takes them, and leave its text not settled yet."""
    for text in stages:
        cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "code": code,
                                            "windowsVirtualKeyCode": 229})  # fmt: skip
        cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": 1, "selectionEnd": 1})
        cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Process", "code": code,
                                            "windowsVirtualKeyCode": 229})  # fmt: skip


def touch(cdp: CDPSession, *ways: tuple[Point, Point]) -> None:
    """Move fingers, each from a point to another, and lift them."""
    cdp.send("Input.dispatchTouchEvent", _touched("touchStart", [begin for begin, _ in ways]))
    for part in range(1, 9):
        points = [(x + (to_x - x) * part / 8, y + (to_y - y) * part / 8)
                  for (x, y), (to_x, to_y) in ways]  # fmt: skip
        cdp.send("Input.dispatchTouchEvent", _touched("touchMove", points))
    cdp.send("Input.dispatchTouchEvent", _touched("touchEnd", []))


def _touched(kind: str, points: list[Point]) -> dict[str, object]:
    fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    return {"type": kind, "touchPoints": fingers}


def corner(of: Locator) -> Point:
    box = of.bounding_box()
    assert box is not None
    return box["x"], box["y"]


def test_text_of_an_input_method_arrives_once_and_fires_no_shortcut(editor: EditorPage) -> None:
    editor.open().open_file(workflow())
    cdp, prompt = devtools(editor), editor.field("condition", "prompt")
    prompt.fill("")
    compose(cdp, "ㅎ하한")
    cdp.send("Input.insertText", {"text": "한"})
    compose(cdp, "ㄱ그글", code="Delete")
    cdp.send("Input.insertText", {"text": "글"})
    compose(cdp, "中", code="KeyL")
    cdp.send("Input.insertText", {"text": "中文"})

    expect(prompt).to_have_value("한글中文")
    expect(editor.node("condition")).not_to_have_attribute("data-mode", "mute")
    expect(editor.nodes).to_have_count(len(workflow()["nodes"]))
    prompt.blur()
    editor.press("Control+KeyZ")
    expect(prompt).to_have_value(re.compile("^a large red sphere"))


def test_letters_are_shortcuts_by_their_place_on_the_keyboard(editor: EditorPage) -> None:
    editor.open().open_file(workflow())
    editor.node("decode").locator("header").click()
    devtools(editor).send("Input.dispatchKeyEvent", {
        "type": "rawKeyDown", "key": "ㅠ", "code": "KeyB", "modifiers": 2,
        "windowsVirtualKeyCode": 66})  # fmt: skip

    expect(editor.node("decode")).to_have_attribute("data-mode", "bypass")


def test_fingers_pan_pinch_and_move_a_node(
    server: Server, visit: Callable[..., EditorPage]
) -> None:
    editor = visit(server, has_touch=True).open()
    editor.open_file(workflow({"grey": step("SolidImage", width=64, height=64)}))
    editor.page.wait_for_timeout(300)  # the view comes to rest
    cdp, node, zoom = (
        devtools(editor),
        editor.node("grey"),
        editor.page.get_by_title("Zoom to 100%"),
    )
    x, y = corner(node)
    touch(cdp, ((300, 700), (220, 640)))
    assert corner(node) == (x - 80, y - 60)

    touch(cdp, ((x + 40, y - 45), (x + 100, y - 5)))
    moved = corner(node)
    assert moved[0] - x + 80 > 20, "a finger on a node moves it"

    expect(zoom).to_have_text("100%")
    touch(cdp, ((500, 700), (420, 700)), ((600, 700), (680, 700)))
    expect(zoom).not_to_have_text("100%")
    assert int(zoom.inner_text().rstrip("%")) > 150


def test_a_mask_is_painted_with_a_finger_and_with_a_pen(
    server: Server, visit: Callable[..., EditorPage]
) -> None:
    editor = visit(server, has_touch=True).open()
    editor.open_file(json.loads((ROOT / "workflows" / "inpaint.json").read_text()), "touched.json")
    editor.page.get_by_role("button", name="Paint the mask").first.click()
    painter, cdp = editor.dialog, devtools(editor)
    painter.get_by_role("button", name="Clear").click()
    canvas = painter.get_by_label("Mask,")
    expect(canvas).to_have_accessible_name(re.compile("^Mask, 0 %"))
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(cdp, ((x - 60, y), (x + 60, y)))
    expect(canvas).to_have_accessible_name(re.compile(r"^Mask, [1-9]\d* %"))
    by_finger = covered(canvas)

    for kind, at in (("mousePressed", 0), ("mouseMoved", 40), ("mouseMoved", 90)):
        cdp.send("Input.dispatchMouseEvent", {
            "type": kind, "x": x - 40 + at, "y": y + 120, "button": "left", "buttons": 1,
            "pointerType": "pen", "force": 0.9})  # fmt: skip
    cdp.send("Input.dispatchMouseEvent", {
        "type": "mouseReleased", "x": x + 50, "y": y + 120, "button": "left",
        "pointerType": "pen"})  # fmt: skip
    expect(canvas).not_to_have_accessible_name(re.compile(f"^Mask, {by_finger} %"))
    assert covered(canvas) > by_finger
    painter.get_by_role("button", name="Undo").click()
    assert covered(canvas) == by_finger


def covered(canvas: Locator) -> int:
    found = re.search(r"(\d+) %", canvas.get_attribute("aria-label") or "")
    assert found is not None
    return int(found[1])
