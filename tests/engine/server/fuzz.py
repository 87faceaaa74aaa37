"""Requests that no well-meaning client sends, made from a number."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from tests.engine.server.running import API, Server
from tests.engine.workbench import REGISTRY, document, step

_LARGE = 1_000_000
_PATIENCE = 120.0
ADDRESSES = ("check", "plan", "runs")
_TYPES = ("application/json",) * 12 + (
    "text/plain", "application/json; charset=utf-16", "", "application/xml", "multipart/form-data",
    "image/png", "application/x-www-form-urlencoded", "application/json, text/html", "\x7f",
)  # fmt: skip
_LEAVES: Sequence[Any] = (
    None, True, False, 0, -1, 1, 2**63, -(2**63), 10**400, 0.5, 1e308, -0.0, "", "a", "\x00",
    "\ud800", "../../x", "latentgraph/1", "a" * 5000, "__proto__", "é\u202e", "NaN", [], {},
)  # fmt: skip
_KEYS = ("workflow", "set", "name", "priority", "format", "nodes", "type", "version", "inputs",
         "link", "value", "parameters", "layout", "meta", "$schema", "", "a", "a.b", "\x00",
         "x" * 1000, "__class__")  # fmt: skip
_TEXTS = (
    b"", b"null", b"NaN", b'{"workflow": NaN}', b'{"workflow": {"nodes": Infinity}}', b"{" * 5000,
    b'{"workflow": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"workflow": {}, "workflow": {}}',
    b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"workflow": {"nodes": {"a": ' + b"9" * 100_000 + b"}}}",
    b'{"workflow": {}}garbage', b"\x00" * 1000, b'{"workflow": "\\ud800"}',
    b'{"workflow": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
)  # fmt: skip


@dataclass(frozen=True)
class Strange:
    """A request: where, what, and as what."""

    address: str
    body: bytes
    media_type: str

    def send(self, server: Server) -> int:
        """Send it and return the status; no 5xx passes `Server.ask`.

        0: a large body of a wrong type was refused before all of it was sent.
        """
        headers = {"Content-Type": self.media_type} if self.media_type else {}
        try:
            path = API + self.address
            return server.ask("POST", path, self.body, headers, _PATIENCE).status
        except ConnectionError:
            if len(self.body) < _LARGE or self.media_type.startswith("application/json"):
                raise
            return 0


def strange(number: int) -> Strange:
    """Make the request of a number; the same number makes the same one."""
    dice = random.Random(number)  # noqa: S311 - repeatable, not secret
    kind = dice.choices((_any_shape, _text, _bent, _cut, wide), (30, 20, 40, 10, 1))[0]
    return Strange(dice.choice(ADDRESSES), kind(dice), dice.choice(_TYPES))


def _any_shape(dice: random.Random) -> bytes:
    """JSON of any shape, often under the names that mean something."""
    body = _value(dice, 5)
    return _dumped({"workflow": body} if dice.random() < 0.6 else body)


def _text(dice: random.Random) -> bytes:
    """What is hardly JSON."""
    return dice.choice(_TEXTS)


def _bent(dice: random.Random) -> bytes:
    """A workflow that would run, with some of it replaced."""
    body: Any = {"workflow": _sound(dice), "name": "bent", "set": {}, "priority": 0}
    for _ in range(dice.randint(1, 4)):
        _bend(dice, body)
    return _dumped(body)


def _cut(dice: random.Random) -> bytes:
    """A sound request with bytes missing or changed."""
    data = bytearray(_dumped({"workflow": _sound(dice)}))
    for _ in range(dice.randint(1, 5)):
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
    return bytes(data)


def wide(dice: random.Random) -> bytes:
    """Ninety thousand steps, in a row or in a heap, sound or not."""
    last = '{"link": "n%d.int"}' if dice.random() < 0.5 else "%d"
    kind = dice.choice(("Add", "Nothing"))
    steps = ",".join(
        f'"n{n}":{{"type":"{kind}","inputs":{{"a":{last % (n - 1)}}}}}' for n in range(1, 90_001)
    )
    return f'{{"workflow":{{"format":"latentgraph/1","nodes":{{{steps}}}}}}}'.encode()


def _sound(dice: random.Random) -> dict[str, Any]:
    quick = ("Number", "Add", "Halves", "Parity", "Scale", "Say", "Roll", "Coin", "Weave", "Fold")
    steps = {f"s{n}": step(dice.choice(quick)) for n in range(dice.randint(0, 5))}
    for name in steps:
        node = REGISTRY.get(steps[name]["type"])
        steps[name]["inputs"] = {port: dice.randint(0, 9) for port in node.inputs} if node else {}
    return document(**steps, say=step("Say", text="x"), save=step("Save", words="@say.words"))


def _bend(dice: random.Random, body: Any) -> None:
    """Replace, add or remove one member somewhere."""
    place = body
    while isinstance(place, dict) and place and dice.random() < 0.75:
        inner = place[dice.choice(list(place))]
        if not isinstance(inner, dict):
            break
        place = inner
    acts: Sequence[Callable[[], Any]] = (
        lambda: place.update({dice.choice(list(place) or ["a"]): _value(dice, 2)}),
        lambda: place.update({dice.choice(_KEYS): _value(dice, 3)}),
        lambda: place.pop(dice.choice(list(place))) if place else None,
    )
    dice.choice(acts)()


def _value(dice: random.Random, depth: int) -> Any:
    if depth == 0 or dice.random() < 0.3:
        return copy(dice.choice(_LEAVES))
    if dice.random() < 0.3:
        return [_value(dice, depth - 1) for _ in range(dice.randint(0, 4))]
    return {dice.choice(_KEYS): _value(dice, depth - 1) for _ in range(dice.randint(0, 6))}


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()
