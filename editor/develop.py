"""Vite as a child of the server: the page changes as its sources are saved."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from editor.build import environment, install_packages, vite_of
from editor.errors import EditorError
from editor.node import Node

_HOST = "127.0.0.1"
_USUAL_PORT = 5173
_READ_ON = "data:text/javascript,process.stdin.resume()"
"""Vite leaves at the end of its standard input, which Node notices only where that is read."""
_PATIENCE = 60.0
_GOODBYE = 5.0


@contextlib.contextmanager
def developing(
    web: Path, node: Node, server_port: int, say: Callable[[str], None]
) -> Iterator[int]:
    """Run Vite during the block and give its port; it hands `/api` on to the server.

    It ends with this process however that ends: its standard input is a pipe of ours, and Vite
    leaves when that closes. It is in a session of its own, so that Ctrl-C comes to us alone and it
    is ended once. When Vite ends first, this process is asked to end too.

    Raises:
        EditorError: When it does not start.
    """
    install_packages(web, node, say)
    port = _free_port()
    vite_js = [node.node, "--import", _READ_ON, str(vite_of(web))]
    where = ["--host", _HOST, "--port", str(port), "--strictPort"]
    command = [*vite_js, *where, "--clearScreen", "false", "--logLevel", "warn"]
    env = {**environment(node), "LATENTGRAPH_SERVER": f"http://{_HOST}:{server_port}", "CI": ""}
    with subprocess.Popen(command, cwd=web, env=env, stdin=subprocess.PIPE,
                          start_new_session=True) as vite:  # fmt: skip
        leaving = threading.Event()
        try:
            _wait_until_open(vite, port)
            threading.Thread(target=_end_with, args=(vite, leaving, say), daemon=True).start()
            yield port
        finally:
            leaving.set()
            _end(vite)


def _end(vite: subprocess.Popen[bytes]) -> None:
    vite.terminate()
    try:
        vite.wait(_GOODBYE)
    except subprocess.TimeoutExpired:
        vite.kill()


def _end_with(
    vite: subprocess.Popen[bytes], leaving: threading.Event, say: Callable[[str], None]
) -> None:
    vite.wait()
    if not leaving.is_set():
        say("Vite has ended, so the server ends too.")
        os.kill(os.getpid(), signal.SIGINT)


def _wait_until_open(vite: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if vite.poll() is not None:
            raise EditorError(f"Vite ended at once (exit {vite.returncode}); its words are above.")
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise EditorError(f"Vite does not listen on port {port} after {_PATIENCE:.0f} s.")


def _free_port() -> int:
    """Take the port that is in every bookmark, or any when that is taken."""
    for port in (_USUAL_PORT, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_HOST, port))
            found: int = probe.getsockname()[1]
            return found
    raise EditorError("There is no free port for Vite.")
