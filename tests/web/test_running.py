"""Runs as the page shows them: live, over a reload, and over the death of the server."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import slow_workflow, step, workflow
from tests.web.serving import Server
from tests.web.watching import Watch

LONG = 200
"""Steps that take some seconds: enough to do something meanwhile."""


def begin_long_run(editor: EditorPage, seed: int) -> str:
    """Have a run denoise, and wait until the node shows how far it is."""
    editor.open()
    editor.open_file(slow_workflow(LONG, seed=seed), "long.json")
    run = editor.run()
    expect(editor.node("denoise")).to_have_attribute("data-status", "running")
    expect(editor.node("denoise").get_by_role("progressbar")).to_be_visible()
    return run


def test_one_press_makes_a_picture(editor: EditorPage) -> None:
    editor.open()
    editor.open_file(workflow(), "five_stages.json")
    editor.run()
    save = editor.node("save")

    expect(save).to_have_attribute("data-status", "done", timeout=60_000)
    expect(save.get_by_role("button", name=re.compile("Look at .*png"))).to_be_visible()
    expect(editor.node("encode")).to_have_attribute("data-status", re.compile("done|cached"))


def test_the_picture_is_seen_coming_and_the_second_time_it_is_there(editor: EditorPage) -> None:
    run = begin_long_run(editor, seed=11)
    denoise = editor.node("denoise")
    expect(denoise.locator("img[src^='blob:']")).to_be_visible()
    editor.server.wait_for_run(run)
    expect(denoise).to_have_attribute("data-status", "done")
    editor.run()

    expect(denoise).to_have_attribute("data-status", "cached")


def test_a_page_that_is_loaded_again_shows_the_run_that_goes_on(editor: EditorPage) -> None:
    run = begin_long_run(editor, seed=12)
    editor.page.reload()

    expect(editor.node("denoise")).to_have_attribute("data-status", re.compile("running|done"))
    assert editor.server.wait_for_run(run)["state"] == "done"
    expect(editor.node("save")).to_have_attribute("data-status", "done")


def test_the_server_is_killed_and_the_run_completes(
    own_server: Server, visit: Callable[..., EditorPage], watch: Watch
) -> None:
    watch.expect("ERR_CONNECTION|WebSocket|ERR_SOCKET|ERR_EMPTY|Failed to fetch")
    editor = visit(own_server)
    run = begin_long_run(editor, seed=13)
    own_server.kill()
    expect(editor.page.get_by_text(re.compile("No connection"))).to_be_visible()
    own_server.start_again()

    expect(editor.page.get_by_text("Connected", exact=True)).to_be_visible(timeout=30_000)
    found = own_server.wait_for_run(run)
    assert (found["state"], found["attempt"]) == ("done", 2)
    expect(editor.node("save")).to_have_attribute("data-status", "done")
    expect(editor.node("denoise")).to_have_attribute("data-status", "done")


def test_what_is_not_wired_yet_is_said_quietly_and_in_full_when_asked(editor: EditorPage) -> None:
    editor.open()
    broken = workflow()
    broken["nodes"]["beside"]["inputs"].pop("mask")
    editor.open_file(broken, "broken.json")

    expect(editor.node("beside")).to_contain_text("Needs mask")
    expect(editor.page.get_by_role("button", name="1 to do")).to_be_visible()
    editor.node("beside").locator("header").click()
    expect(editor.node("beside")).to_contain_text("required input")


def test_a_step_that_fails_says_why_on_its_node_and_is_tried_again(editor: EditorPage) -> None:
    torn = editor.server.folder / "input" / "torn.png"
    written = io.BytesIO()
    Image.effect_noise((256, 256), 90).convert("RGB").save(written, "PNG")
    torn.parent.mkdir(exist_ok=True)
    torn.write_bytes(written.getvalue()[: written.tell() // 2])
    editor.open().open_file(workflow({
        "load": step("LoadImage", file="torn.png"),
        "save": step("SaveImage", image="@load.image", name="mended"),
    }))  # fmt: skip
    editor.server.wait_for_run(editor.run())
    load = editor.node("load")
    expect(load).to_have_attribute("data-status", "failed")
    reason = load.get_by_role("region", name="Failed")
    expect(reason).to_contain_text("torn.png is damaged")
    expect(editor.node("save")).to_have_attribute("data-status", "skipped")
    expect(editor.page.get_by_text("torn.png is damaged")).to_have_count(2)  # the news leads there

    torn.write_bytes(written.getvalue())
    reason.get_by_role("button", name="Try again").click()
    expect(editor.node("save")).to_have_attribute("data-status", "done")
    expect(reason).to_be_hidden()
