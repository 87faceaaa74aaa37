"""What the owner hears when the page is missing or stale, and Vite as a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from editor.errors import EditorError
from editor.page import EditorPage
from tests.editor.toy_web import ToyWeb, path_with

ROOT = Path(__file__).parents[2]
CHILD = """
import sys, time
from pathlib import Path
from editor.page import EditorPage
with EditorPage(Path(sys.argv[1])).developed(1234, lambda text: None) as port:
    print(port, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_missing_page_is_built_with_a_word(
    web: ToyWeb, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_with(web))
    page = EditorPage(web.folder)
    page.prepare(said.append)
    page.prepare(said.append)

    assert (page.folder / "index.html").is_file()
    assert len(said) == 2
    assert said[1] == "Building the editor ..."


def test_a_stale_page_is_served_where_nothing_can_build_it(
    web: ToyWeb, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_with(web))
    page = EditorPage(web.folder)
    page.prepare(said.append)
    web.write("src/main.ts", "newer")
    monkeypatch.setattr("editor.page.find_node", lambda: None)
    page.prepare(said.append)

    assert "is older than web/" in said[-1]
    assert "`python -m pip install -e .` builds it" in said[-1]
    assert (page.folder / "index.html").is_file()


def test_a_build_that_fails_does_not_keep_the_server_from_starting(
    web: ToyWeb, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_with(web))
    web.write("src/main.ts", "syntax error")
    EditorPage(web.folder).prepare(said.append)

    assert "could not be built" in said[-1]
    assert "unexpected word" in said[-1]


def test_developing_needs_sources_and_node(
    web: ToyWeb, said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("editor.page.find_node", lambda: None)
    with pytest.raises(EditorError, match="pip install"), _developed(web.folder, said):
        pass
    with pytest.raises(EditorError, match="in a checkout"), _developed(tmp_path / "none", said):
        pass


def test_vite_hands_on_to_the_server_and_ends_with_the_block(
    web: ToyWeb, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_with(web))
    with _developed(web.folder, said) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/package.json") as answer:
            assert answer.read() == b"{}"
        assert (web.folder / "proxy.txt").read_text() == "http://127.0.0.1:1234"

    assert not _answers(port)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_vite_is_no_orphan_however_the_server_ends(web: ToyWeb, number: signal.Signals) -> None:
    env = {**os.environ, "PATH": path_with(web), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(web.folder)], env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        port = int(server.stdout.readline())
        assert _answers(port)
        server.send_signal(number)
    until = time.monotonic() + 10
    while _answers(port) and time.monotonic() < until:
        time.sleep(0.05)

    assert not _answers(port)


def _developed(folder: Path, said: list[str]):  # type: ignore[no-untyped-def]
    return EditorPage(folder).developed(1234, said.append)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/package.json", timeout=2).close()
    except OSError:
        return False
    return True
