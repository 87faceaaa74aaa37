"""The server with the real nodes: ready at once, and small until a step needs more."""

import time
from pathlib import Path

from tests.engine.server.running import ROOT, serving


def test_the_server_of_the_real_nodes_is_ready_soon_and_has_no_torch(tmp_path: Path) -> None:
    began = time.monotonic()
    with serving(tmp_path, main=ROOT / "main.py") as server:
        ready = time.monotonic() - began
        server.api("GET", "nodes")
        status = Path(f"/proc/{server.process.pid}/status")
        if status.exists():
            megabytes = int(status.read_text().partition("VmRSS:")[2].split()[0]) / 1024
            maps = Path(f"/proc/{server.process.pid}/maps").read_text()
            assert megabytes < 120
            assert "libtorch" not in maps

    assert ready < 8, "1.5 s on an idle machine"
