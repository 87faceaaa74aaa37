"""Why there is no page, and what to do."""

from __future__ import annotations


class EditorError(RuntimeError):
    """The page cannot be made; the sentence says what to do."""
