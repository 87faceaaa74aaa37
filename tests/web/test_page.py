"""What holds for the page as a whole, whatever it shows."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web.axe import grave_violations
from tests.web.editor_page import EditorPage
from tests.web.serving import ROOT, Server

DIST = ROOT / "web" / "dist"


def test_the_page_opens_and_keeps_to_itself(editor: EditorPage) -> None:
    editor.open()

    expect(editor.page).to_have_title("Latentgraph")


def test_a_place_inside_the_page_opens_too(editor: EditorPage) -> None:
    editor.open("workflows/inpaint")


def test_the_first_load_is_small(editor: EditorPage) -> None:
    names: list[str] = []
    editor.page.on("response", lambda response: names.append(response.url))
    editor.open()
    loaded = [DIST / name.removeprefix(editor.server.url) for name in names]
    scripts = [path for path in loaded if path.suffix == ".js"]

    assert scripts
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 220_000
    assert sum(_sizes(DIST)) <= 1_500_000


def _sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_grave_violation_of_accessibility(
    server: Server, visit: Callable[..., EditorPage], theme: str
) -> None:
    editor = visit(server, color_scheme=theme).open()

    assert grave_violations(editor.page) == []
