"""Under which keys the application carries what its handlers need."""

from __future__ import annotations

from aiohttp import web

from engine.server.access import Access
from engine.server.hub import Hub
from engine.server.limits import Limits, Turnstiles
from engine.server.services import Services

SERVICES = web.AppKey("services", Services)
ACCESS = web.AppKey("access", Access)
LIMITS = web.AppKey("limits", Limits)
TURNSTILES = web.AppKey("turnstiles", Turnstiles)
HUB = web.AppKey("hub", Hub)
INTERFACE = web.AppKey("interface", bytes)
