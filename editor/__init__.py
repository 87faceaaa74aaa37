"""The page in `web/`: built where it is missing or stale, and developed with hot reload.

Installing needs this before anything is installed, so it uses the standard library alone.
"""
