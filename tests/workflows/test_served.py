"""The shipped workflow over HTTP, with the real nodes and the shipped model."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.server.running import ROOT, serving


def test_the_shipped_workflow_gives_a_picture_over_http(tmp_path: Path) -> None:
    workflow = json.loads((ROOT / "workflows" / "inpaint.json").read_text())
    words = ("--models", str(ROOT / "models"), "--inputs", str(ROOT / "workflows"))
    with serving(tmp_path, *words, main=ROOT / "main.py") as server:
        first = server.run(workflow, set={"steps": 2}, name="inpaint.json")
        again = server.run(workflow, set={"steps": 2}, name="inpaint.json")
        picture = server.ask("GET", first["artifacts"][0]["href"])
        loaded = Path(f"/proc/{server.process.pid}/maps").read_text()

    assert (first["state"], again["state"]) == ("done", "done")
    assert set(again["counts"]) == {"cached"}
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["Content-Disposition"].startswith("inline;")
    assert picture.body.startswith(b"\x89PNG")
    assert "libtorch" not in loaded
