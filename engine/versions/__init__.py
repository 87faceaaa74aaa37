"""Holds authors to raising a node's version when its code changes: `python -m engine.versions`."""
