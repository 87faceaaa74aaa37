"""A denoising that is killed goes on from its last checkpoint, and nobody can tell afterwards."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STEPS = 400  # long enough to be killed amid them on a faster machine too
TEXT_TO_IMAGE = ("--workflow", "workflows/text_to_image.json", "--json")
MEANT = ("--set", f"steps={STEPS}", "--set", "prompt=a small red cone")


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The pictures of a run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with start(folder, "whole") as process:
        told = list(progress(process))
    assert told[0] == 1
    assert process.returncode == 0
    return pictures(folder, "whole")


@pytest.mark.parametrize(("how", "lost"), [(signal.SIGKILL, 2.0), (signal.SIGTERM, 0.0)])
def test_a_killed_denoising_goes_on_and_paints_the_same_picture(
    tmp_path: Path, whole: list[bytes], how: signal.Signals, lost: float
) -> None:
    """Killed outright it may lose the last second of work; asked to end it loses nothing.

    Another second is for what a busy machine does between two steps.
    """
    told: list[tuple[float, int]] = []
    with start(tmp_path, "killed") as killed:
        for done in progress(killed):
            told.append((time.monotonic(), done))
            if told[-1][0] - told[0][0] > lost + 1.5:
                killed.send_signal(how)
                break
    certain = max(done for when, done in told if when <= told[-1][0] - lost)
    with start(tmp_path, "killed") as again:
        first, *_ = progress(again)

    assert killed.returncode != 0
    assert again.returncode == 0
    assert 1 < certain <= first < STEPS
    assert pictures(tmp_path, "killed") == whole != []
