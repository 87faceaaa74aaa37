"""The build backend that pyproject.toml names: setuptools, after the page has been built.

A checkout holds the page's sources only. Whoever installs it builds the page, with the machine's
Node.js; where there is none, and only then, pip is asked for the one that PyPI has.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from setuptools import build_meta as setuptools

from editor.build import build
from editor.errors import EditorError
from editor.node import REQUIREMENT, WANTED, find_node
from editor.sources import has_sources, is_fresh

_WEB = Path(__file__).parents[1] / "web"
Settings = Mapping[str, Any] | None

prepare_metadata_for_build_wheel = setuptools.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = setuptools.prepare_metadata_for_build_editable


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """List what a wheel needs to be built."""
    return [*setuptools.get_requires_for_build_wheel(config_settings), *_node()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """List what an editable installation needs to be built."""
    return [*setuptools.get_requires_for_build_editable(config_settings), *_node()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """List what a source archive needs to be built."""
    return [*setuptools.get_requires_for_build_sdist(config_settings), *_node()]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel that carries the page."""
    _build_page()
    shutil.rmtree("build/lib/web", ignore_errors=True)  # setuptools would add what was there before
    return str(setuptools.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the page in the checkout, and the wheel that points to it."""
    _build_page()
    return str(setuptools.build_editable(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build a source archive with the page's sources and the page, which then needs no Node."""
    _build_page()
    return str(setuptools.build_sdist(sdist_directory, config_settings))


def _node() -> list[str]:
    needed = has_sources(_WEB) and not is_fresh(_WEB) and find_node() is None
    return [REQUIREMENT] if needed else []


def _build_page() -> None:
    if not has_sources(_WEB):
        return
    try:
        if is_fresh(_WEB):
            return
        node = find_node()
        if node is None:
            raise EditorError(f"There is no {WANTED}; `pip install '{REQUIREMENT}'` has one.")
        build(_WEB, node, lambda text: print(text, flush=True))  # noqa: T201 - pip shows it
    except EditorError as error:
        sys.exit(
            f"The editor in web/ could not be built. {error}\n"
            "Building it needs npm's registry, as installing needs PyPI. Mend what it says, or"
            " move web/ away to install the command line alone; then repeat the command."
        )
