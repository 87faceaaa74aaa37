from __future__ import annotations

from pathlib import Path

import pytest

from tests.editor.toy_web import ToyWeb, make_toy_web


@pytest.fixture
def web(tmp_path: Path) -> ToyWeb:
    return make_toy_web(tmp_path)
