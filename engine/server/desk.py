"""Runs as the interface tells them: between the queue's rows and the documents that go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.server.feed import Feed


@dataclass(frozen=True)
class Desk:
    """Takes runs in and tells about them; every method may be called from any thread."""

    feed: Feed

    def health(self) -> dict[str, Any]:
        return {"status": "ok", "epoch": self.feed.epoch}
