"""`python -m engine.server > docs/openapi.json`: the description of the interface."""

from __future__ import annotations

import sys

from engine.server.openapi import openapi_text
from engine.server.routes import ROUTES

if __name__ == "__main__":
    sys.stdout.write(openapi_text(ROUTES))
