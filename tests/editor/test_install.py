"""Installing on a machine that has Python and no Node ends with a page.

It fetches a Node from PyPI and the packages of the page from npm's registry, as the README's
command does on such a machine: half a minute, once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from editor.sources import built_from, digest_of

ROOT = Path(__file__).parents[2]
_CODE = ("editor", "engine", "nodes", "web")
_FILES = ("main.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")
_NOT_CODE = shutil.ignore_patterns("node_modules", "dist", ".dist-*", "__pycache__", "*.egg-info")


@dataclass(frozen=True)
class Machine:
    """A checkout, and a Python of its own; no Node, no npm, nothing else of the system's."""

    checkout: Path
    python: Path

    def pip(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(self.python), *words],
            cwd=self.checkout, env=self.env(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def env(self, **more: str) -> dict[str, str]:
        return {**os.environ, "PATH": str(self.python.parent), **more}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    folder = tmp_path_factory.mktemp("machine")
    checkout = folder / "checkout"
    for name in _CODE:
        shutil.copytree(ROOT / name, checkout / name, ignore=_NOT_CODE)
    for name in _FILES:
        shutil.copy(ROOT / name, checkout / name)
    venv.create(folder / "venv", with_pip=False)
    return Machine(checkout, folder / "venv" / "bin" / "python")


def test_an_editable_installation_and_a_wheel_serve_the_page_without_node(
    machine: Machine, tmp_path: Path
) -> None:
    assert shutil.which("node", path=machine.env()["PATH"]) is None
    machine.pip("install", "--no-deps", "-e", ".")
    web = machine.checkout / "web"
    assert built_from(web / "dist") == digest_of(web)
    with _served(machine, tmp_path, str(machine.checkout / "main.py")) as page:
        assert '<div id="root">' in page

    machine.pip("wheel", "--no-deps", "--wheel-dir", "wheels", ".")
    (wheel,) = (machine.checkout / "wheels").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert {"web/dist/index.html", "web/dist/build.json", "web/dist/THIRD_PARTY.txt"} <= {*names}
    assert not [name for name in names if name.startswith(("web/src", "web/node_modules"))]
    machine.pip("uninstall", "-y", "latentgraph")
    machine.pip("install", "--no-deps", str(wheel))
    with _served(machine, tmp_path, "-m", "main") as page:
        assert '<div id="root">' in page


@contextmanager
def _served(machine: Machine, folder: Path, *words: str) -> Iterator[str]:
    """Start the server with the packages that are installed here, and give its page."""
    command = [str(machine.python), *words, "--no-browser", "--port", "0"]
    env = machine.env(PYTHONPATH=sysconfig.get_path("purelib"), PYTHONNOUSERSITE="1")
    with subprocess.Popen(
        command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, (line, process.communicate(timeout=20))
            with urllib.request.urlopen(found[0], timeout=20) as answer:  # noqa: S310
                yield answer.read().decode()
        finally:
            process.terminate()


def test_the_lock_names_no_address_and_knows_every_machine() -> None:
    """An optional package, of another platform, that is not in the lock lets `npm ci` fail."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    wanted = {name for about in lock.values() for name in about.get("optionalDependencies", {})}
    known = {path.rpartition("node_modules/")[2] for path in lock}

    assert not [path for path, about in lock.items() if "resolved" in about]
    assert wanted <= known
