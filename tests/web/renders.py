"""Counts how often React draws the nodes, as its developer tools do: no part of the page helps."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

_HOOK = """
window.drawn = { nodes: 0 };
const WORKED = 1; // React's PerformedWork: the component was called in this commit
const visit = (fiber) => {
  const before = fiber.alternate;
  const props = fiber.memoizedProps;
  if (fiber.flags & WORKED && props?.data?.geometry) window.drawn.nodes += 1;
  if (before && before.child === fiber.child) return; // nothing below it was touched
  for (let child = fiber.child; child; child = child.sibling) {
    if (child !== before?.child) visit(child);
  }
};
window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
  supportsFiber: true, renderers: new Map(), isDisabled: false, checkDCE() {},
  inject() { return 1; },
  onCommitFiberUnmount() {},
  onPostCommitFiberRoot() {},
  onCommitFiberRoot(id, root) { visit(root.current); },
};
"""


def count_renders(context: BrowserContext) -> None:
    """Count in every page that is opened from now on."""
    context.add_init_script(_HOOK)


def renders_of_nodes(page: Page) -> int:
    """Tell how often components of nodes have been called."""
    found: int = page.evaluate("window.drawn.nodes")
    return found
