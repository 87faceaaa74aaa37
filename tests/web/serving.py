"""`python main.py` as a user starts it, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_PATIENCE = 120.0
_ENDED = ("done", "failed", "cancelled", "poisoned")


@dataclass
class Server:
    """A server that runs, or ran, in a folder; it can be killed and started again."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    address: str

    @property
    def url(self) -> str:
        """Where the page is; the address that was printed may carry a ticket as well."""
        return self.address.partition("?")[0]

    @property
    def library(self) -> Path:
        return self.folder / "workflows"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the interface, below /api/v1/."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - to our own server
            f"{self.url}api/v1/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def runs(self) -> list[dict[str, Any]]:
        """List the runs, the newest first."""
        found: list[dict[str, Any]] = self.ask("GET", "runs")["runs"]
        return sorted(found, key=lambda run: run["created"], reverse=True)

    def wait_for_run(self, run: str, *states: str) -> dict[str, Any]:
        """Wait until a run is in one of the states; by default, until it has ended."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            found: dict[str, Any] = self.ask("GET", f"runs/{run}")
            if found["state"] in (states or _ENDED):
                return found
            time.sleep(0.05)
        raise TimeoutError(f"run {run} is {found['state']}")

    def kill(self) -> None:
        """kill -9: it has no last word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def start_again(self) -> None:
        """Start it where it was."""
        self.process, self.address = start(self.folder, self.port)

    def stop(self) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=20)
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@contextlib.contextmanager
def serving(
    folder: Path, files: Mapping[str, Any] | None = None, words: Sequence[str] = ()
) -> Iterator[Server]:
    """Serve a copy of the shipped workflows, and further files, from a folder."""
    shutil.copytree(ROOT / "workflows", folder / "workflows")
    for name, content in (files or {}).items():
        (folder / "workflows" / name).write_text(json.dumps(content, indent=2))
    port = _free_port()
    server = Server(folder, port, *start(folder, port, words))
    try:
        yield server
    finally:
        server.stop()


def start(folder: Path, port: int, words: Sequence[str] = ()) -> tuple[subprocess.Popen[str], str]:
    """Start a server, wait for its first line, and tell where it is."""
    command = [sys.executable, str(ROOT / "main.py"), "--json", "--no-browser",
               "--port", str(port), "--workflows", "workflows", *words]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    told = json.loads(line) if line else {}
    if "url" not in told:
        process.kill()
        raise RuntimeError(f"the server did not start: {line} {process.communicate()[1]}")
    return process, told["url"]


def _free_port() -> int:
    """Choose the port beforehand: a page can only come back to a server that does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found
