"""Why a request was not served: problem documents (RFC 9457), one table of all kinds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from engine.errors import EngineError
from engine.problems import Problem

MEDIA_TYPE = "application/problem+json"
_URN = "urn:latentgraph:problem:"

KINDS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "no-credential": (401, "The token is missing or wrong"),
    "foreign-host": (403, "This server does not go by that name"),
    "foreign-origin": (403, "Another site may not do this"),
    "not-found": (404, "There is no such thing"),
    "wrong-method": (405, "This cannot be done here"),
    "slow": (408, "The request took too long to arrive"),
    "conflict": (409, "The request contradicts an earlier one"),
    "changed-elsewhere": (412, "It was changed elsewhere meanwhile"),
    "too-large": (413, "The request is too large"),
    "wrong-media-type": (415, "The content is of a kind that is not taken"),
    "wrong-workflow": (422, "The workflow has problems"),
    "wrong-value": (422, "A value is wrong"),
    "no-socket": (426, "This address speaks WebSocket only"),
    "condition-missing": (428, "Say which version this replaces"),
    "flooded": (429, "Too much at once"),
    "many-headers": (431, "The headers are too large"),
    "fault": (500, "This is a fault of Latentgraph"),
    "storage": (507, "The disk does not take it"),
    "stopping": (503, "The server is stopping"),
}
"""Status and title by the stable name of the kind."""


class RefusedError(EngineError):
    """A request that is not served.

    Args:
        kind: Name in `KINDS`.
        detail: One sentence: what was got and expected, what to do.
        problems: What is wrong with a workflow, one by one.
        headers: Further headers of the answer.
        more: Further members of the document.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.problems = tuple(problems)
        self.headers = dict(headers or {})
        self.more = more

    def document(self) -> dict[str, Any]:
        """Encode as RFC 9457 asks; our own members follow."""
        listed = [problem.to_json() for problem in self.problems]
        return {
            "type": f"{_URN}{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": str(self),
            **({"problems": listed} if listed else {}),
            **self.more,
        }

    def response(self) -> web.Response:
        """Make the answer."""
        body = json.dumps(self.document()).encode()
        return web.Response(
            status=self.status, body=body, content_type=MEDIA_TYPE, headers=self.headers
        )
