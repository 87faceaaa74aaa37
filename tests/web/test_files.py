"""Nothing of anybody's work is lost or altered: files, tabs of two windows, undo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import slow_workflow, workflow
from tests.web.serving import Server
from tests.web.watching import Watch


def test_what_is_not_known_here_comes_through_opening_and_saving(editor: EditorPage) -> None:
    strange: dict[str, Any] = workflow(
        nodes={
            "blank": {"type": "SolidImage", "version": 1, "inputs": {"grey": 0.25}, "mine": [1]},
            "later": {
                "type": "FromTheFuture", "version": 9, "colour": "teal",
                "inputs": {"picture": {"link": "blank.image"}, "how": {"deep": [1, None, "x"]}},
            },
        },
        **{"x-author": {"name": "somebody"}},
    )  # fmt: skip
    strange["layout"]["zoom"] = 0.5
    (editor.server.library / "strange.json").write_text(json.dumps(strange, indent=2) + "\n")
    before = (editor.server.library / "strange.json").read_bytes()
    editor.open()
    editor.open_from_library("strange")
    expect(editor.node("later")).to_have_attribute("data-unknown", "true")
    editor.save()

    assert (editor.server.library / "strange.json").read_bytes() == before


def test_an_edit_changes_what_was_edited_and_nothing_else(editor: EditorPage) -> None:
    before = {**workflow(), "x-kept": True}
    (editor.server.library / "edited.json").write_text(json.dumps(before))
    editor.open()
    editor.open_from_library("edited")
    editor.set_input("blank", "width", 96)
    editor.save()
    after = editor.saved("edited")

    assert after["nodes"]["blank"]["inputs"].pop("width") == 96
    before["nodes"]["blank"] = {**before["nodes"]["blank"]}
    before["nodes"]["blank"]["inputs"] = {**before["nodes"]["blank"]["inputs"]}
    del before["nodes"]["blank"]["inputs"]["width"]
    assert after == before


def test_two_windows_on_one_file_are_told_and_asked(
    server: Server, visit: Callable[..., EditorPage], watch: Watch
) -> None:
    watch.expect("412")  # the browser itself writes down every answer that refuses
    (server.library / "shared.json").write_text(json.dumps(workflow()))
    first = visit(server).open()
    first.open_from_library("shared")
    second = visit(server, beside=first).open()
    second.open_from_library("shared")
    first.set_input("blank", "width", 96)
    second.set_input("blank", "width", 128)
    first.save()
    second.press("Control+KeyS")

    question = second.dialog
    expect(question).to_contain_text("was changed elsewhere")
    question.get_by_role("button", name="Keep both").click()
    expect(question).to_be_hidden()
    expect(second.page.get_by_role("tab", name=re.compile("shared_mine"))).to_be_visible()
    assert first.saved("shared")["nodes"]["blank"]["inputs"]["width"] == 96
    assert first.saved("shared_mine")["nodes"]["blank"]["inputs"]["width"] == 128


def test_a_picture_gives_back_the_graph_that_made_it(editor: EditorPage) -> None:
    run = editor.server.ask(
        "POST", "runs", {"workflow": slow_workflow(3, seed=77), "name": "made"}
    )["id"]
    told = editor.server.wait_for_run(run)
    assert told["state"] == "done", (told["message"], told["problems"])
    (made,) = told["artifacts"]
    editor.open()
    editor.new_workflow()
    editor.drop("made.png", (editor.server.folder / "output" / made["name"]).read_bytes())

    for node in ("first_stage", "encode", "denoise", "decode", "save"):
        expect(editor.node(node)).to_be_visible()
    expect(editor.field("blank", "width")).to_have_value("64")


def test_two_hundred_edits_are_undone_one_by_one(editor: EditorPage) -> None:
    editor.open()
    editor.open_file(workflow(), "undone.json")
    editor.save("undone")
    before = editor.saved("undone")
    blank, undo = editor.field("blank", "width"), re.compile("^Undo")
    blank.click()
    for number in range(200):
        blank.fill(str(64 + 8 * (number % 2) + 8))
        blank.press("Enter")
        if number % 2 == 0:
            editor.press("Escape")
    editor.canvas.click(position={"x": 20, "y": 60})
    for _ in range(200):
        editor.press("Control+KeyZ")
    expect(editor.page.get_by_role("button", name=undo)).to_be_disabled()
    editor.save()

    assert editor.saved("undone") == before
