"""Builds the page: the locked packages, then Vite, then one rename: there is never half of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from editor.errors import EditorError
from editor.licences import third_party
from editor.node import Node
from editor.sources import RECORD, digest_of, is_fresh

_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
"""As locked, and running nothing that a package brings along."""
_STAMP = ".installed"
_LINES = 8
_NEWS_OFF = {"NO_UPDATE_NOTIFIER": "1", "npm_config_update_notifier": "false"}


def build(web: Path, node: Node, say: Callable[[str], None] = lambda text: None) -> None:
    """Make `web/dist` from the sources, unless it is made of them already.

    Args:
        web: Folder of the sources.
        node: What builds.
        say: Hears one line before something that takes a while.

    Raises:
        EditorError: With what went wrong and what to do; the former page is then still there.
    """
    with _one_at_a_time(web):
        if is_fresh(web):
            return
        install_packages(web, node, say)
        say("Building the editor ...")
        made = Path(tempfile.mkdtemp(prefix=".dist-", dir=web))
        try:
            digest = digest_of(web)
            vite = (node.node, str(vite_of(web)))
            run([*vite, "build", "--outDir", str(made), "--emptyOutDir"], web, node)
            (made / "THIRD_PARTY.txt").write_text(third_party(web), encoding="utf-8")
            (made / RECORD).write_text(json.dumps({"digest": digest}) + "\n", encoding="utf-8")
            made.chmod(0o755)
            _put_in_place(made, web / "dist")
        finally:
            shutil.rmtree(made, ignore_errors=True)


def install_packages(web: Path, node: Node, say: Callable[[str], None]) -> None:
    """Have `node_modules` be what the lock file says; nothing is done where it is."""
    stamp = web / "node_modules" / _STAMP
    lock = (web / "package-lock.json").read_bytes()
    wanted = f"{hashlib.sha256(lock).hexdigest()} {platform.system()} {platform.machine()}\n"
    with contextlib.suppress(OSError):
        if stamp.read_text(encoding="ascii") == wanted:
            return
    say("Fetching the packages that build the editor (npm ci) ...")
    run([*node.npm, *_INSTALL], web, node)
    stamp.write_text(wanted, encoding="ascii")


def vite_of(web: Path) -> Path:
    """Name the file that starts Vite; a shell in between would outlive what it started."""
    return web / "node_modules" / "vite" / "bin" / "vite.js"


def environment(node: Node) -> Mapping[str, str]:
    """Let what runs find the Node that was chosen first of all."""
    path = os.pathsep.join([str(Path(node.node).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **_NEWS_OFF, "PATH": path}


def run(command: Sequence[str], web: Path, node: Node) -> None:
    """Run one command of the build.

    Raises:
        EditorError: With its last words.
    """
    try:
        done = subprocess.run(
            command, cwd=web, env=environment(node), stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        raise EditorError(f"{command[0]} cannot be started ({error.strerror}).") from None
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        told = lines if len(lines) <= 2 * _LINES else [*lines[:_LINES], "...", *lines[-_LINES:]]
        words = "\n".join(f"  {line}" for line in told)
        name = " ".join(Path(part).name if os.sep in part else part for part in command[:3])
        raise EditorError(f"`{name}` failed in {web} (exit {done.returncode}):\n{words}")


def _put_in_place(made: Path, dist: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".dist-", dir=dist.parent) as aside:
        with contextlib.suppress(FileNotFoundError):
            dist.rename(Path(aside) / "former")
        made.rename(dist)


@contextlib.contextmanager
def _one_at_a_time(web: Path) -> Iterator[None]:
    """Wait until no other process builds here."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows, where two builds at once are left to luck
    except ImportError:
        yield
        return
    number = os.open(web, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
