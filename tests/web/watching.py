"""Holds pages to what no test should have to ask: silence, and keeping to themselves."""

from __future__ import annotations

import re

from playwright.sync_api import ConsoleMessage, Page, Request


class Watch:
    """Collects errors in the console, unhandled rejections and requests that leave the origin."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Have a fault overlooked that the test itself brings about, as a killed server does."""
        self._expected.append(re.compile(pattern))

    def over(self, page: Page, origin: str) -> None:
        """Watch a page from now on."""

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                self._note(f"console: {message.text} ({message.location.get('url', '')})")

        def see(request: Request) -> None:
            kept = (origin, origin.replace("http", "ws", 1), "data:", "blob:", "about:")
            if not request.url.startswith(kept):
                self._note(f"left the origin: {request.url}")

        page.on("console", hear)
        page.on("pageerror", lambda error: self._note(f"not handled: {error}"))
        page.on("request", see)

    def _note(self, fault: str) -> None:
        if not any(pattern.search(fault) for pattern in self._expected):
            self.faults.append(fault)
