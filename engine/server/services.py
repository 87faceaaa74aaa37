"""What the handlers work with: made once, by whoever starts the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.library import Library
from engine.registry import Registry
from engine.server.desk import Desk
from engine.server.page import Page


@dataclass(frozen=True)
class Services:
    """What the handlers work with.

    Attributes:
        registry: Node types.
        desk: Runs: the queue, its history, and the thread that works on it.
        library: Workflow files.
        inputs: Where uploads go.
        pictures: Where workflows find the pictures they name, in this order.
        output: Where results are.
        models: Where models are.
        check_picture: Raises ValueError when a file is no picture, or too large a one, judged by
            its header; the engine itself knows no pictures.
        page: What a browser gets.
    """

    registry: Registry
    desk: Desk
    library: Library
    inputs: Path
    pictures: tuple[Path, ...]
    output: Path
    models: tuple[Path, ...]
    check_picture: Callable[[Path], None]
    page: Page
