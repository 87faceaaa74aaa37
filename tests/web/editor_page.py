"""The editor as somebody uses it: verbs for what they do, names for what they see."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.web.serving import Server


class EditorPage:
    """One tab of the browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    def open(self, place: str = "") -> EditorPage:
        """Open the page and wait until it shows the graph."""
        self.page.goto(self.server.url + place)
        expect(self.canvas).to_be_visible()
        return self

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def nodes(self) -> Locator:
        return self.page.locator("[data-node-id]")

    def node(self, node: str) -> Locator:
        return self.page.locator(f'[data-node-id="{node}"]')
