"""A hole is painted on the picture and filled."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.serving import ROOT


def test_a_mask_is_painted_and_what_it_covers_is_painted_anew(editor: EditorPage) -> None:
    inpaint = json.loads((ROOT / "workflows" / "inpaint.json").read_text())
    steps = next(name for name, node in inpaint["nodes"].items() if "steps" in node["inputs"])
    inpaint["nodes"][steps]["inputs"]["steps"] = 4
    editor.open()
    editor.open_file(inpaint, "painted.json")
    editor.page.get_by_role("button", name="Paint the mask").first.click()
    painter = editor.dialog
    painter.get_by_role("button", name="Clear").click()
    canvas = painter.get_by_label("Mask,")
    expect(canvas).to_have_accessible_name("Mask, 0 % covered. Arrow keys move the brush, "
                                           "Enter paints.")  # fmt: skip
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    editor.page.mouse.move(x - 60, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 60, y + 20, steps=6)
    editor.page.mouse.up()
    expect(canvas).not_to_have_accessible_name("Mask, 0 % covered. Arrow keys move the brush, "
                                               "Enter paints.")  # fmt: skip
    painter.get_by_role("button", name="Keep the mask").click()
    expect(painter).to_be_hidden()
    found = editor.server.wait_for_run(editor.run())

    assert found["state"] == "done", found
    asked = json.dumps(editor.server.ask("GET", f"runs/{found['id']}/workflow"))
    assert "mask-" in asked
