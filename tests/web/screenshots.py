"""`python -m tests.web.screenshots`: the pictures of the editor in the README, taken anew."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import find_browser
from tests.web.editor_page import EditorPage
from tests.web.serving import ROOT, Server, serving

DOCS = ROOT / "docs"
_SIZE = {"width": 1440, "height": 900}
_GLIDE = 600
"""Milliseconds until the view has come to rest."""


@contextmanager
def page(browser: Browser, server: Server, settings: str = "{}") -> Iterator[EditorPage]:
    """Open a page that looks as the settings say."""
    context = browser.new_context(viewport=_SIZE, locale="en-GB", device_scale_factor=1)  # type: ignore[arg-type]
    context.add_init_script(f"localStorage.setItem('latentgraph.settings', '{settings}')")
    yield EditorPage(context.new_page(), server).open()
    context.close()


def has_korean_letters() -> bool:
    """Tell whether a font here has them; Debian's fonts-noto-cjk does."""
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    return bool(subprocess.run([listing, ":lang=ko"], capture_output=True, check=False).stdout)


def keep(editor: EditorPage, name: str) -> None:
    """Take a picture of what is there now."""
    editor.page.mouse.move(700, 870)
    editor.page.wait_for_timeout(_GLIDE)
    editor.page.screenshot(path=DOCS / f"editor_{name}.png")


def main() -> None:
    """Take them all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        with page(browser, server) as editor:
            editor.run()
            denoise = editor.node("denoise")
            expect(denoise.locator("img[src^='blob:']")).to_be_visible(timeout=60_000)
            keep(editor, "running")
            expect(editor.node("save")).to_have_attribute("data-status", "done", timeout=90_000)
            editor.fit()
            keep(editor, "done")
        with page(browser, server) as editor:
            editor.open_from_library("inpaint")
            server.wait_for_run(editor.run())
            editor.panel("Gallery")
            editor.fit()
            keep(editor, "gallery")
            editor.page.get_by_role("button", name="Paint the mask").first.click()
            expect(editor.dialog).to_be_visible()
            keep(editor, "mask")
        with page(browser, server, '{"theme": "light"}') as editor:
            editor.fit()
            keep(editor, "light")
        if has_korean_letters():
            with page(browser, server, '{"language": "ko"}') as editor:
                editor.press("Period")
                keep(editor, "korean")
        browser.close()


if __name__ == "__main__":
    main()
