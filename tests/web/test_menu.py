"""The menu of a node, where people look for it: under the right button."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import workflow


def test_the_right_button_opens_a_menu_that_stays_and_does_what_it_says(
    editor: EditorPage,
) -> None:
    editor.open().open_file(workflow())
    editor.node("decode").click(button="right", position={"x": 60, "y": 10})
    menu = editor.page.get_by_role("menu")

    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name="Duplicate").click()
    expect(menu).to_be_hidden()
    expect(editor.nodes).to_have_count(len(workflow()["nodes"]) + 1)
