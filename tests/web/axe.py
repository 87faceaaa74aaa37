"""axe-core, asked about what the page shows now."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.web.serving import ROOT

_AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const told = await axe.run(document, { resultTypes: ["violations"] });
  return told.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => ({ id, impact, at: node.target.join(" "), why: node.failureSummary })));
}"""
_GRAVE = ("serious", "critical")


def grave_violations(page: Page) -> list[dict[str, Any]]:
    """List what keeps somebody from using the page; it is no part of the page that is built."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [violation for violation in found if violation["impact"] in _GRAVE]
