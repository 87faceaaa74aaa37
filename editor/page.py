"""The page as main.py hands it to the server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from editor.build import build
from editor.develop import developing
from editor.errors import EditorError
from editor.node import REQUIREMENT, WANTED, find_node
from editor.sources import built_from, has_sources, is_fresh

_BUILD = "python -m pip install -e ."


@dataclass(frozen=True)
class EditorPage:
    """The page of one checkout or installation.

    Attributes:
        web: Folder of its sources, and of `dist`, where it is built.
    """

    web: Path
    advice: str = (
        f"The editor is not built. In the folder of main.py, `{_BUILD}` builds it,"
        " with the machine's Node.js or one from PyPI; then start the server again."
    )

    @property
    def folder(self) -> Path:
        """Where the built page is, or would be."""
        return self.web / "dist"

    def prepare(self, say: Callable[[str], None]) -> None:
        """Build it where it is missing or stale; say so, or what its owner has to do."""
        if is_fresh(self.web) or not has_sources(self.web):
            return
        state = "is not built" if built_from(self.folder) is None else "is older than web/"
        node = find_node()
        if node is None:
            say(f"The editor {state}, and there is no {WANTED}: `{_BUILD}` builds it.")
            return
        try:
            build(self.web, node, say)
        except EditorError as error:
            say(f"The editor {state}, and could not be built: {error}")

    @contextlib.contextmanager
    def developed(self, server_port: int, say: Callable[[str], None]) -> Iterator[int]:
        """Serve it from its sources during the block, with hot reload, and give the port.

        Raises:
            EditorError: When that cannot be.
        """
        if not has_sources(self.web):
            raise EditorError("--dev needs the sources of the editor: start it in a checkout.")
        node = find_node()
        if node is None:
            raise EditorError(f"--dev needs {WANTED}: `pip install '{REQUIREMENT}'` has one.")
        with developing(self.web, node, server_port, say) as port:
            yield port
