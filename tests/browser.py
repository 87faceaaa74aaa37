"""The browser that drives the editor in tests: found, or had by `python -m tests.browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APT = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"),
)
MISSING = (
    "The editor's tests need Chromium: `python -m tests.browser` installs one, or set $CHROMIUM."
)


def find_browser() -> str | None:
    """Find a Chromium that starts: the one in $CHROMIUM, the system's, Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if _starts(named) else None
    for name in _NAMES:
        found = shutil.which(name)
        if found and _starts(found):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() and _starts(own) else None


def install_browser() -> None:
    """Install one: the distribution's where we may, else Playwright's own."""
    may = hasattr(os, "geteuid") and os.geteuid() == 0
    if may and shutil.which("apt-get"):
        for command in _APT:
            subprocess.run(command, check=False)
        if find_browser():
            return
    needed = ["--with-deps"] if may else []
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", *needed, "chromium"], check=False
    )


def _starts(browser: str) -> bool:
    """Tell whether it is more than a name: some systems have a script that says to use snap."""
    try:
        done = subprocess.run([browser, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> int:
    """Have a browser; returns the exit code."""
    found = find_browser()
    if found is None:
        install_browser()
        found = find_browser()
    print(found or MISSING)  # noqa: T201 - a command's output
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
