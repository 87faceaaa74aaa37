"""The disk tier: action records by key, contents by digest, all of it safe to delete."""

from engine.store.store import Store

__all__ = ["Store"]
