"""Pictures find their way into the graph: from the gallery, the desktop, the clipboard."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

from PIL import Image
from playwright.sync_api import Position, expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import step, workflow

_COPY = """async (coded) => {
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({
    "image/png": new Blob([bytes], { type: "image/png" }) })]);
}"""
PLACE: Position = {"x": 300, "y": 130}
"""On the graph, where the tests leave it empty."""


def plain_picture(colour: str) -> bytes:
    """Draw a picture that carries no graph."""
    written = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(written, "PNG")
    return written.getvalue()


def loading() -> dict[str, Any]:
    """Write a graph that only hands a picture through, its file not chosen yet."""
    nodes = {"load": step("LoadImage"), "save": step("SaveImage", image="@load.image", name="same")}
    return workflow(nodes)


def colour_made(editor: EditorPage, run: str) -> Any:
    """Tell the colour of the picture that a run has made."""
    told = editor.server.wait_for_run(run)
    assert told["state"] == "done", (told["message"], told["problems"])
    (made,) = told["artifacts"]
    with Image.open(editor.server.folder / "output" / made["name"]) as picture:
        return picture.convert("RGB").getpixel((32, 32))


def test_a_picture_is_dragged_out_of_the_gallery(editor: EditorPage) -> None:
    made = workflow({"grey": step("SolidImage", width=64, height=64, grey=0.5),
                     "save": step("SaveImage", image="@grey.image", name="dragged")})  # fmt: skip
    run = editor.server.ask("POST", "runs", {"workflow": made, "name": "made"})["id"]
    editor.server.wait_for_run(run)
    editor.open()
    editor.new_workflow()
    tile = editor.panel("Gallery").get_by_role("button", name=re.compile("Look at dragged"))
    tile.first.drag_to(editor.canvas, target_position=PLACE)
    loader = editor.node("load_image")
    expect(loader).to_be_visible()
    taken = editor.field("load_image", "file")
    expect(taken).to_have_value(re.compile(r"dragged.*\.png$"))
    box, canvas = loader.bounding_box(), editor.canvas.bounding_box()
    assert box is not None
    assert canvas is not None
    assert abs(box["x"] - canvas["x"] - PLACE["x"]) < 8, "it lies where it was let go"

    taken.fill("")
    tile.first.drag_to(loader.locator("header"))
    expect(taken).to_have_value(re.compile(r"dragged.*\.png$"))
    expect(editor.nodes).to_have_count(1)
    editor.page.keyboard.down("Shift")
    tile.first.drag_to(editor.canvas, target_position={"x": 300, "y": 600})
    editor.page.keyboard.up("Shift")
    expect(editor.node("grey")).to_be_visible()


def test_a_picture_without_a_graph_is_loaded_where_it_is_dropped(editor: EditorPage) -> None:
    editor.open()
    editor.new_workflow()
    editor.drop("holiday.png", plain_picture("red"))

    expect(editor.field("load_image", "file")).to_have_value(re.compile(r"holiday.*\.png$"))
    shown = editor.node("load_image").locator("img")
    expect(shown).to_have_js_property("naturalWidth", 64)


def test_an_uploaded_picture_is_what_a_run_reads(editor: EditorPage) -> None:
    editor.open().open_file(loading())
    with editor.page.expect_file_chooser() as asked:
        editor.node("load").get_by_role("button", name="Upload a picture").click()
    asked.value.set_files(
        {"name": "blue.png", "mimeType": "image/png", "buffer": plain_picture("#0000ff")}
    )
    expect(editor.field("load", "file")).to_have_value(re.compile(r"blue.*\.png$"))

    assert colour_made(editor, editor.run()) == (0, 0, 255)


def test_a_picture_is_pasted_into_the_node_that_is_chosen(editor: EditorPage) -> None:
    editor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor.open().open_file(loading())
    editor.page.evaluate(_COPY, base64.b64encode(plain_picture("#00ff00")).decode())
    editor.node("load").locator("header").click()
    editor.press("Control+KeyV")
    expect(editor.field("load", "file")).to_have_value(re.compile(r"\.png$"))
    assert colour_made(editor, editor.run()) == (0, 255, 0)

    editor.press("Escape")
    editor.canvas.click(position=PLACE)
    editor.press("Control+KeyV")
    expect(editor.field("load_image", "file")).to_have_value(re.compile(r"\.png$"))


def test_nodes_are_copied_as_text_and_pasted_by_the_keys(editor: EditorPage) -> None:
    editor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor.open().open_file(loading())
    editor.node("load").locator("header").click()
    editor.press("Control+KeyC")
    editor.press("Control+KeyV")
    expect(editor.node("load_2")).to_be_visible()

    text = editor.page.evaluate("navigator.clipboard.readText()")
    assert list(json.loads(text)["nodes"]) == ["load"]
