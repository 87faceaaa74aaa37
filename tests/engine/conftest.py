from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.shell import Shell
from tests.engine.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
