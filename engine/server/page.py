"""The page: its files, read once, so that no request names a file."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INDEX = "index.html"
_TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What a page is made of, and nothing else."""
_PLACE = re.compile(r"(?:[\w~%-]+/)*[\w~%-]*", re.ASCII)
"""A place inside the page, as a bookmark has it: no dots, nothing empty, nothing to climb with."""
_MISSING = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>Latentgraph</title>
</head>
<body>
<h1>Latentgraph</h1>
<p>The server runs; its page is not here.</p>
<p>{advice}</p>
<p>The interface is described by <a href="/api/v1/openapi.json">openapi.json</a>.</p>
</body>
</html>
"""


@dataclass(frozen=True)
class Asset:
    """One file of the page."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Page:
    """What a browser gets.

    Attributes:
        assets: The files by their address, without the first slash.
        etag: Changes when any of them does.
    """

    assets: Mapping[str, Asset]
    etag: str

    @classmethod
    def read(cls, folder: Path | None, advice: str = "") -> Page:
        """Read a built page; where there is none, make one that says how to get it.

        Args:
            folder: Where it was built.
            advice: One sentence for that case.
        """
        assets = dict(_files_of(folder)) if folder else {}
        if INDEX not in assets:
            text = _MISSING.format(advice=html.escape(advice))
            assets = {INDEX: Asset(text.encode(), _TYPES[".html"])}
        digest = hashlib.sha256()
        for name in sorted(assets):
            digest.update(name.encode() + b"\0" + hashlib.sha256(assets[name].content).digest())
        return cls(assets, f'"{digest.hexdigest()[:32]}"')

    def at(self, address: str) -> Asset | None:
        """Find what is at an address: a file, or the page itself at a place inside it."""
        found = self.assets.get(address)
        return found or (self.assets[INDEX] if _PLACE.fullmatch(address) else None)


def _files_of(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        media_type = _TYPES.get(path.suffix)
        if media_type and path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), Asset(path.read_bytes(), media_type)
