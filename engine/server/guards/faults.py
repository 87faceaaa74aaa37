"""Outermost guard: whatever goes wrong inside leaves as a problem document, never as a page."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.errors import EngineError
from engine.server.refusals import RefusedError

_LOG = logging.getLogger("latentgraph.server")
_ROUTING = {404: "not-found", 405: "wrong-method", 413: "too-large"}
_DETAILS = {
    "not-found": "There is nothing at this address; GET /api/v1/openapi.json lists what there is.",
    "wrong-method": "This address does not take that method; the Allow header lists those it does.",
    "too-large": "The body is larger than this address takes.",
    "malformed": "The request is not understood.",
}


@web.middleware
async def guard_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception into an answer of its kind."""
    try:
        return await handler(request)
    except RefusedError as refusal:
        return refusal.response()
    except web.HTTPException as error:
        return _of_routing(error)
    except EngineError as error:
        return RefusedError("wrong-value", str(error)).response()
    except (ConnectionError, asyncio.CancelledError):
        raise  # the client has left: nobody is there to be told
    except Exception:  # noqa: BLE001 - the border: a fault of ours must not look like theirs
        _LOG.exception("a request failed")
        detail = "The request failed inside the server; its log shows where. Nothing else stopped."
        return RefusedError("fault", detail).response()


def _of_routing(error: web.HTTPException) -> web.StreamResponse:
    """Say what the router refuses in our words; redirects pass."""
    if error.status < 400:
        return error
    kind = _ROUTING.get(error.status, "malformed")
    allow = error.headers.get("Allow")
    return RefusedError(
        kind, _DETAILS[kind], headers={"Allow": allow} if allow else None
    ).response()
