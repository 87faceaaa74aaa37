"""What pip is told before it builds."""

from __future__ import annotations

import pytest

from editor import backend
from editor.build import build
from editor.node import REQUIREMENT
from tests.editor.toy_web import ToyWeb

HOOKS = ("wheel", "editable", "sdist")


@pytest.fixture(autouse=True)
def _toy_sources(web: ToyWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_WEB", web.folder)
    for hook in HOOKS:
        name = f"setuptools.build_meta.get_requires_for_build_{hook}"
        monkeypatch.setattr(name, lambda settings: ["setuptools"])


@pytest.mark.parametrize("hook", HOOKS)
def test_node_is_asked_for_only_where_there_is_none(
    web: ToyWeb, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = getattr(backend, f"get_requires_for_build_{hook}")
    monkeypatch.setattr(backend, "find_node", lambda: None)
    without = ask()
    monkeypatch.setattr(backend, "find_node", lambda: web.node)

    assert without == ["setuptools", REQUIREMENT]
    assert ask() == ["setuptools"]


def test_a_built_page_needs_no_node(web: ToyWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    build(web.folder, web.node)
    monkeypatch.setattr(backend, "find_node", lambda: None)

    assert backend.get_requires_for_build_wheel() == ["setuptools"]


def test_an_installation_without_a_page_ends_with_what_to_do(
    web: ToyWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.write("no-registry", "")
    monkeypatch.setattr(backend, "find_node", lambda: web.node)
    with pytest.raises(SystemExit, match=r"(?s)registry cannot be reached.*repeat the command"):
        backend.build_editable("nowhere")
