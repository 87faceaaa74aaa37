"""What would run, what is known, how the page looks: told where it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.web.axe import grave_violations
from tests.web.editor_page import EditorPage
from tests.web.graphs import FIVE_STAGES, step, workflow
from tests.web.serving import Server
from tests.web.watching import Watch

THEMES = ("dark", "light", "contrast")


def test_the_plan_tells_what_would_run_before_and_after(editor: EditorPage) -> None:
    inputs = {**FIVE_STAGES["denoise"]["inputs"], "seed": 4711}
    nodes = {**FIVE_STAGES, "denoise": {**FIVE_STAGES["denoise"], "inputs": inputs}}
    editor.open().open_file(workflow(nodes))
    editor.run_button.hover()
    expect(editor.node("schedule")).to_contain_text("run")
    expect(editor.page.get_by_role("banner")).to_contain_text("may run")

    editor.server.wait_for_run(editor.run())
    editor.page.get_by_role("button", name="Show what will run").click()
    expect(editor.page.get_by_role("banner")).to_contain_text("cached")
    expect(editor.node("denoise")).to_contain_text("cached")

    editor.set_input("schedule", "steps", 5)
    expect(editor.page.get_by_role("banner")).to_contain_text("about")


def test_what_an_error_stops_is_blocked_and_the_rest_is_planned(editor: EditorPage) -> None:
    nodes = {**FIVE_STAGES, "decode": step("Decode", autoencoder="@first_stage.autoencoder")}
    editor.open().open_file(workflow(nodes))
    editor.page.get_by_role("button", name="Show what will run").click()
    expect(editor.node("decode")).to_contain_text("blocked")
    expect(editor.node("save")).to_contain_text("blocked")
    expect(editor.node("schedule")).not_to_contain_text("blocked")
    badge = editor.node("save").get_by_role("img", name="Plan: blocked")
    expect(badge).to_have_attribute("title", "waits for decode")


def test_problems_stay_in_sight_while_the_server_is_away(
    own_server: Server, visit: Callable[..., EditorPage], watch: Watch
) -> None:
    watch.expect("ERR_CONNECTION_REFUSED|WebSocket")
    editor = visit(own_server).open()
    broken = {**FIVE_STAGES, "decode": step("Decode", autoencoder="@first_stage.autoencoder")}
    editor.open_file(workflow(broken))
    problems = editor.panel("Problems")
    expect(problems.get_by_role("region", name="decode")).to_be_visible()

    own_server.kill()
    editor.set_input("schedule", "steps", 9)
    expect(problems.get_by_text("The server does not answer")).to_be_visible()
    expect(problems.get_by_role("region", name="decode")).to_be_visible()

    own_server.start_again()
    expect(problems.get_by_text("The server does not answer")).to_be_hidden(timeout=20_000)


def test_settings_are_applied_at_once_and_kept(editor: EditorPage) -> None:
    editor.open()
    editor.page.get_by_role("button", name="Settings", exact=True).click()
    editor.dialog.get_by_text("High contrast").click()
    editor.dialog.get_by_text("한국어").click()
    editor.dialog.get_by_role("radio", name="넉넉하게").check(force=True)
    root = editor.page.locator("html")
    expect(root).to_have_attribute("data-theme", "contrast")
    expect(root).to_have_attribute("lang", "ko")
    expect(editor.dialog.get_by_role("heading", name="설정")).to_be_visible()

    editor.page.reload()
    expect(root).to_have_attribute("data-theme", "contrast")
    expect(root).to_have_attribute("data-density", "comfortable")
    expect(editor.page.get_by_role("button", name="실행", exact=True)).to_be_visible()


def test_shortcuts_are_found_by_name_and_by_key(editor: EditorPage) -> None:
    editor.open()
    editor.canvas.focus()
    editor.press("Shift+Slash")
    search = editor.dialog.get_by_role("searchbox")
    search.fill("ctrl z")
    expect(editor.dialog.get_by_text("Undo", exact=True)).to_be_visible()
    expect(editor.dialog.get_by_text("Duplicate", exact=True)).to_be_hidden()
    search.press("Escape")  # empties the field
    search.press("Escape")
    expect(editor.dialog).to_be_hidden()


def test_a_node_tells_its_help_ports_ranges_and_papers(editor: EditorPage) -> None:
    editor.open()
    docs = editor.panel("Node help")
    docs.get_by_role("searchbox").fill("denoise")
    docs.get_by_role("button", name="UNet Denoise").click()
    expect(docs.get_by_role("region", name="Settings")).to_contain_text("0 to 50")
    expect(docs.get_by_role("region", name="Inputs")).to_contain_text("Conditioning")
    expect(docs.get_by_role("region", name="Where it is from")).to_contain_text("Ho et al. 2020")


@pytest.mark.parametrize("theme", THEMES)
def test_no_panel_keeps_anybody_out(
    server: Server, visit: Callable[..., EditorPage], theme: str
) -> None:
    editor = visit(server)
    editor.page.add_init_script(
        f"""localStorage.setItem("latentgraph.settings", '{{"theme":"{theme}"}}')"""
    )
    editor.open()
    broken = {**FIVE_STAGES, "decode": step("Decode", autoencoder="@first_stage.autoencoder")}
    editor.open_file(workflow(broken))
    row = editor.panel("Outline").locator('[data-row="denoise"]')
    row.click()
    editor.page.get_by_role("button", name="Show what will run").click()
    expect(editor.node("save")).to_contain_text("blocked")
    for panel in ("Problems", "Node help"):
        editor.panel(panel)
        assert grave_violations(editor.page) == []
    for button in ("Settings", "Shortcuts"):
        editor.page.get_by_role("button", name=button, exact=True).click()
        expect(editor.dialog).to_be_visible()
        assert grave_violations(editor.page) == []
        editor.press("Escape")
