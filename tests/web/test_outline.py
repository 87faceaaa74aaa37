"""The graph as a tree: a graph is built, mended and run in it by keys alone, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import PROMPT, workflow
from tests.web.serving import Server

ALONE = ("Load Model", "Load Model", "Solid Image", "Noise Schedule")
AFTER = {
    "full_mask": ("solid_image", "Full Mask"),
    "encode": ("solid_image", "Encode"),
    "concat_condition": ("encode", "Concat Condition"),
    "cross_attn_condition": ("load_model_2", "Cross Attn Condition"),
    "unet_denoise": ("encode", "UNet Denoise"),
    "decode": ("unet_denoise", "Decode"),
    "save_image": ("decode", "Save Image"),
}
"""Node: after which one it is added, and what is typed to find its type."""
LINKS = {
    ("encode", "autoencoder"): "load_model autoencoder",
    ("decode", "autoencoder"): "load_model autoencoder",
    ("concat_condition", "mask"): "full_mask mask",
    ("unet_denoise", "unet"): "load_model_2 unet",
    ("unet_denoise", "schedule"): "noise_schedule",
    ("unet_denoise", "cond"): "cross_attn_condition",
    ("unet_denoise", "concat"): "concat_condition",
}
NUMBERS = {
    ("solid_image", "width"): 64,
    ("solid_image", "height"): 64,
    ("noise_schedule", "steps"): 3,
    ("unet_denoise", "guidance"): 1,
}
MODELS = {"load_model": "scenes-autoencoder", "load_model_2": "scenes-inpaint"}


class Outline:
    """The tree, as somebody walks it who has only keys."""

    def __init__(self, editor: EditorPage) -> None:
        self.editor = editor
        self.panel = editor.panel("Outline")
        self.press = editor.press

    def row(self, node: str, port: str = "") -> Locator:
        name = f"{node}//input//{port}" if port else node
        return self.panel.locator(f'[data-row="{name}"]')

    def walk_to(self, row: Locator) -> None:
        """Come in by Tab's one stop, then walk with the arrows."""
        self.panel.locator('[role=treeitem][tabindex="0"]').focus()
        self.press("Home")
        for _ in range(200):
            if row.evaluate("row => row === document.activeElement"):
                return
            self.press("ArrowDown")
        raise AssertionError("no arrow leads there")

    def open(self, node: str) -> None:
        self.walk_to(self.row(node))
        if self.row(node).get_attribute("aria-expanded") == "false":
            self.press("ArrowRight")

    def add(self, kind: str) -> None:
        self.panel.get_by_role("button", name="Add a node", exact=True).focus()
        self.press("Enter")
        self.editor.choose(kind)

    def add_after(self, node: str, kind: str) -> None:
        self.walk_to(self.row(node))
        self.press("KeyA")
        self.editor.choose(kind)

    def link(self, node: str, port: str, source: str) -> None:
        self.open(node)
        self.walk_to(self.row(node, port))
        self.press("KeyL")
        self.editor.choose(source)
        expect(self.row(node, port)).to_contain_text("←")

    def edit(self, node: str, setting: str) -> None:
        """Go to a setting's field."""
        self.open(node)
        self.walk_to(self.row(node, setting))
        self.press("Enter")

    def set_number(self, node: str, setting: str, value: int) -> None:
        self.edit(node, setting)
        self.press("Control+KeyA")
        self.editor.page.keyboard.type(str(value))
        self.press("Enter")
        self.press("Escape")


def test_a_graph_is_built_and_run_by_keys_alone(editor: EditorPage) -> None:
    editor.open()
    editor.new_workflow()
    outline = Outline(editor)
    for kind in ALONE:
        outline.add(kind)
    for node, (before, kind) in AFTER.items():
        outline.add_after(before, kind)
        expect(outline.row(node)).to_be_focused()
    for (node, port), source in LINKS.items():
        outline.link(node, port, source)
    for node, model in MODELS.items():
        outline.edit(node, "model")
        editor.press("Enter")
        editor.choose(model)
    for (node, setting), value in NUMBERS.items():
        outline.set_number(node, setting, value)
    outline.edit("cross_attn_condition", "prompt")
    editor.page.keyboard.type(PROMPT)
    editor.press("Escape")
    expect(editor.page.get_by_role("button", name="Ready to run")).to_be_visible()

    with editor.page.expect_response(lambda answer: answer.url.endswith("/api/v1/runs")) as told:
        editor.press("Control+Enter")
    assert editor.server.wait_for_run(told.value.json()["id"])["state"] == "done"
    expect(outline.row("unet_denoise")).to_contain_text(re.compile("done|cached"))


def test_what_is_deleted_shows_as_a_problem_that_a_press_mends(editor: EditorPage) -> None:
    editor.open().open_file(workflow())
    outline = Outline(editor)
    outline.open("denoise")
    outline.walk_to(outline.row("denoise", "schedule"))
    editor.press("Delete")
    problems = editor.panel("Problems")
    found = problems.get_by_role("region", name="denoise")
    expect(found).to_contain_text("schedule")
    expect(problems.get_by_text("1 to do")).to_be_visible()

    found.get_by_role("button", name="Fix").first.focus()
    editor.press("Enter")
    expect(problems.get_by_text("Nothing is wrong")).to_be_visible()
    expect(outline.row("denoise", "schedule")).to_contain_text("←")

    editor.press("Control+KeyZ")
    expect(found).to_be_visible()


def test_a_press_on_a_problem_goes_to_its_node(editor: EditorPage) -> None:
    nodes = {**workflow()["nodes"], "far": {"type": "Decode", "inputs": {}}}
    file = workflow(nodes)
    file["layout"]["nodes"]["far"] = [9000, 9000]
    editor.open().open_file(file)
    for _ in range(8):
        editor.page.get_by_role("button", name="Zoom in").click()
    expect(editor.node("far")).to_have_count(0)
    editor.panel("Problems").get_by_role("region", name="far").get_by_role("button").first.click()
    expect(editor.node("far")).to_be_in_viewport()
    outline = Outline(editor)
    expect(outline.row("far")).to_have_attribute("aria-selected", "true")


def test_on_a_phone_the_outline_comes_first(
    server: Server, visit: Callable[..., EditorPage]
) -> None:
    phone = visit(server, viewport={"width": 390, "height": 844}, has_touch=True)
    phone.page.goto(server.url)
    outline = phone.page.get_by_role("complementary", name="Outline")
    outline.locator('[data-row="schedule"]').tap()
    field = outline.get_by_label("steps", exact=True)
    field.fill("7")
    field.press("Enter")
    phone.panel("Problems")
    expect(phone.page.get_by_role("complementary", name="Problems")).to_be_in_viewport()
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
