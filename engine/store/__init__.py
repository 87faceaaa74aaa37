"""The disk tier: action records by key, contents by digest, all of it safe to delete."""

from engine.store.store import LIMIT, Store

__all__ = ["LIMIT", "Store"]
