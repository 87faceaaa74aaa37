"""`python main.py --dev`: the page from its sources, in front of the server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from editor.node import find_node
from tests.web.editor_page import EditorPage
from tests.web.serving import serving


@pytest.mark.skipif(find_node() is None, reason="Vite needs Node.js; nothing else here does")
def test_the_page_works_from_its_sources(tmp_path: Path, visit: Callable[..., EditorPage]) -> None:
    with serving(tmp_path, words=("--dev",)) as server:
        front = server.url
        assert front != f"http://127.0.0.1:{server.port}/"
        assert server.ask("GET", "health")["status"] == "ok"
        visit(server).open().page.close()
