"""The editor as somebody uses it: verbs for what they do, names for what they see."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.web.serving import Server

_DROP = """([type, name, coded]) => {
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragover", "drop"]) {
    document.querySelector("main").dispatchEvent(
      new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}"""
_DISK_MS = 60_000
_KINDS = {".json": "application/json", ".png": "image/png"}


class EditorPage:
    """One tab of the browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    def open(self, place: str = "") -> EditorPage:
        """Open the page and wait until it shows a graph."""
        self.page.goto(self.server.url + place)
        expect(self.nodes.first).to_be_visible()
        return self

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_role("main", name="Graph")

    @property
    def nodes(self) -> Locator:
        return self.page.locator("[data-node]")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def run_button(self) -> Locator:
        return self.page.get_by_role("banner").get_by_role("button", name="Run", exact=True)

    def node(self, node: str) -> Locator:
        return self.page.locator(f'[data-node="{node}"]')

    def socket(self, end: str, side: str) -> Locator:
        """Find `node.port` on the side "in" or "out"."""
        node, _, port = end.partition(".")
        return self.page.locator(f'[data-socket="{node}:{side}:{port}"]')

    def node_ids(self) -> list[str]:
        """List the nodes that are drawn."""
        return [str(node.get_attribute("data-node")) for node in self.nodes.all()]

    def new_workflow(self) -> None:
        """Begin with an empty graph."""
        self.page.get_by_role("button", name="New workflow").click()
        expect(self.page.get_by_text("An empty graph")).to_be_visible()

    def drop(self, name: str, content: bytes) -> None:
        """Drop a file on the graph."""
        coded = base64.b64encode(content).decode()
        self.page.evaluate(_DROP, [_KINDS[Path(name).suffix], name, coded])

    def open_file(self, workflow: Mapping[str, Any], name: str = "dropped.json") -> None:
        """Open a workflow by dropping its file."""
        self.drop(name, json.dumps(workflow).encode())
        first = next(iter(workflow["nodes"]))
        expect(self.node(first)).to_be_visible()

    def open_from_library(self, name: str) -> None:
        """Open a workflow that the server keeps."""
        row = (
            self.panel("Library")
            .get_by_role("listitem")
            .filter(has=self.page.get_by_text(name, exact=True))
        )
        row.get_by_role("button").first.click()
        expect(self.tab(name)).to_be_visible()

    def panel(self, name: str) -> Locator:
        """Open a panel beside the graph."""
        button = self.page.get_by_role("navigation", name="Panels").get_by_role(
            "button", name=name, exact=True
        )
        if button.get_attribute("aria-pressed") != "true":
            button.click()
        return self.page.get_by_role("complementary", name=name)

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=re.compile(rf"^{re.escape(name)}"))

    def add_node(self, kind: str, at: tuple[float, float]) -> None:
        """Double-click on the graph and choose a type by its name."""
        self.page.mouse.dblclick(*at)
        self.choose(kind)

    def choose(self, words: str) -> None:
        """Type into the search that is open and take the first that fits."""
        search = self.page.get_by_role("combobox")
        search.fill(words)
        search.press("Enter")
        expect(search).to_be_hidden()

    def wire(self, source: str, target: str) -> None:
        """Draw a wire with the mouse."""
        begin, end = self.socket(source, "out"), self.socket(target, "in")
        x, y = _middle(begin)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 2, y + 2)  # the first move of a drag is swallowed
        self.page.mouse.move(*_middle(end), steps=3)
        self.page.mouse.up()
        expect(end).to_have_attribute("data-linked", "true")

    def field(self, node: str, name: str) -> Locator:
        """Find the field of a setting that takes text or a number."""
        return self.node(node).get_by_label(name, exact=True)

    def set_input(self, node: str, name: str, value: str | float) -> None:
        """Type into a field."""
        field = self.field(node, name)
        field.fill(str(value))
        field.press("Enter") if isinstance(value, int | float) else field.blur()

    def pick(self, node: str, name: str, choice: str) -> None:
        """Choose from the list of a setting."""
        self.node(node).get_by_role("button", name=re.compile(f"^{name}: ")).click()
        self.choose(choice)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def fit(self) -> None:
        """Have the whole graph in view."""
        self.page.get_by_role("button", name="Show all").click()
        self.page.wait_for_timeout(350)  # the view glides there

    def run(self) -> str:
        """Press Run and tell which run that is."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/api/v1/runs")) as told:
            self.run_button.click()
        assert told.value.status == 202, told.value.text()
        return str(told.value.json()["id"])

    def save(self, name: str | None = None) -> None:
        """Save with the keys; a new workflow is asked for its name."""
        # what is saved is synced to the disk, which may be busy with another program's files
        with self.page.expect_response(_is_save, timeout=_DISK_MS):
            self.press("Control+KeyS")
            if name is not None:
                self.dialog.get_by_label("Name").fill(name)
                self.dialog.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_text(re.compile("^Saved as ")).last).to_be_visible()

    def saved(self, name: str) -> Any:
        """Read a workflow as the server keeps it."""
        return json.loads((self.server.library / f"{name}.json").read_text())


def _is_save(answer: Response) -> bool:
    return answer.request.method == "PUT" and "/api/v1/workflows/" in answer.url


def _middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
