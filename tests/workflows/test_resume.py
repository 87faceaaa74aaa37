"""A denoising that is killed goes on from its last checkpoint, and nobody can tell afterwards."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STEPS = 40
TEXT_TO_IMAGE = ("--workflow", "workflows/text_to_image.json", "--json")
MEANT = ("--set", f"steps={STEPS}", "--set", "start.batch=3", "--set", "prompt=a small red cone")


def start(folder: Path, store: str) -> subprocess.Popen[str]:
    places = ("--store", str(folder / store), "--output", str(folder / f"{store}-output"))
    return subprocess.Popen(
        [sys.executable, "main.py", *TEXT_TO_IMAGE, *MEANT, *places],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
    )


def progress(process: subprocess.Popen[str]) -> Iterator[int]:
    """Denoising steps done, as they are told."""
    assert process.stdout
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == "step-progress" and event["total"] == STEPS:
            yield event["done"]


def pictures(folder: Path, store: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / f"{store}-output").glob("*.png"))]


@pytest.mark.parametrize(("how", "lost"), [(signal.SIGKILL, 25), (signal.SIGTERM, 2)])
def test_a_killed_denoising_goes_on_and_paints_the_same_picture(
    tmp_path: Path, how: signal.Signals, lost: int
) -> None:
    """Killed outright it may lose the last second of work; asked to end it loses nothing."""
    with start(tmp_path, "killed") as killed:
        reached = next(done for done in progress(killed) if done >= 30)
        killed.send_signal(how)
    with start(tmp_path, "killed") as again:
        first, *_ = progress(again)
    with start(tmp_path, "whole") as whole:
        assert list(progress(whole)).index(1) == 0

    assert (again.returncode, whole.returncode) == (0, 0)
    assert reached - lost <= first <= reached + 2
    assert first > 1
    assert pictures(tmp_path, "killed") == pictures(tmp_path, "whole") != []
