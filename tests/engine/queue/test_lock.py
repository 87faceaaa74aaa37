"""One process serves a folder, and the next one is told who does."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.queue.lock import TakenError, only_server


def test_a_second_server_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with (
        only_server(tmp_path, "at http://127.0.0.1:1"),
        pytest.raises(TakenError, match=":1"),
        only_server(tmp_path),
    ):
        pass
    with only_server(tmp_path):
        pass  # it is free again


def test_a_server_that_died_holds_nothing(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from engine.queue.lock import only_server
with only_server(Path({str(tmp_path)!r})):
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with only_server(tmp_path):
        pass
