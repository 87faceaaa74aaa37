"""Bodies nobody would write: sound requests with something in them replaced, and plain noise.

python -m tests.engine.server.odd_requests 10000 [SEED]     on a server of its own
"""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.engine.server.running import Server, description, serving
from tests.engine.workbench import document, step

SOUND = document(
    say=step("Say", text="hi", twice=True),
    other=step("Say", text="ho", tone="loud"),
    both=step("Join", parts=["@say.words", "@other.words"]),
    save=step("Save", words="@both.words"),
)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**53, 2**64 + 1, -(2**70), 1e308, "", "x", "\x00",
    "a\nb", "../x", "say.words", "x" * 3000, "\u202e", "\U0001f600", "__proto__", "__class__",
    [], {}, [[]], [{}],
    {"link": "say.words"}, {"link": 1}, {"link": "."}, {"link": "both.words"}, {"name": "x"},
    {"type": "Save"}, {"type": "Fail", "inputs": {"a": 1}}, ["say"], {"": {}},
)  # fmt: skip
NOISE = (b"NaN", b"Infinity", b"1e999", b"{", b"}", b"[", b'"', b"\\", b"\xff", b"\x00", b",", b":",
         b"\\ud800", b"\xef\xbb\xbf", b"9" * 400, b"-", b"true")  # fmt: skip

NAMES = ("1", "0", "a", "-1", "%00", "..%2f", "9" * 50, "%ff", "a%2fb", "%F0%9F")
QUERIES = ("", "?since=1", "?limit=x", "?limit=5&before=1", "?since=1&epoch=e", "?name=a")
HEADERS = ("If-Match", "If-None-Match", "Idempotency-Key", "Range")


def odd_body(draw: random.Random) -> bytes:
    """Make one body of a run."""
    body: Any = {"workflow": copy.deepcopy(SOUND), "name": "fuzz", "set": {"say.text": "ha"}}
    for _ in range(draw.choice((1, 1, 2, 5))):
        _spoil(body, draw)
    text = json.dumps(body, ensure_ascii=draw.random() < 0.5).encode(errors="replace")
    if draw.random() < 0.3:
        for _ in range(draw.choice((1, 3))):
            at = draw.randrange(len(text) + 1)
            text = text[:at] + draw.choice(NOISE) + text[at + draw.choice((0, 1, 5)) :]
    return text


def _spoil(value: Any, draw: random.Random) -> None:
    """Replace, add or drop something somewhere in a JSON value."""
    while isinstance(value, dict | list) and value:
        key = draw.choice(list(value)) if isinstance(value, dict) else draw.randrange(len(value))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and draw.random() < 0.8:
            value = inner
            continue
        what = draw.random()
        if what < 0.6:
            value[key] = copy.deepcopy(draw.choice(ODD))
        elif what < 0.8:
            del value[key]
        elif isinstance(value, dict):
            value[draw.choice(("x", "", "type", "inputs", "a.b", "version"))] = draw.choice(ODD)
        else:
            value.append(draw.choice(ODD))
        return


def odd_request(draw: random.Random) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Make one request to any address of the description."""
    path = draw.choice(sorted(description()["paths"]))
    method = draw.choice((*description()["paths"][path], "put", "patch", "options", "trace"))
    for name in ("id", "name", "number"):
        value = draw.choice(
            ("1", "0", "a", "-1", "%00", "..%2f", "9" * 50, "%ff", "a%2fb", "%F0%9F")
        )
        path = path.replace(f"{{{name}}}", value)
    query = draw.choice(
        ("", "?since=1", "?limit=x", "?limit=5&before=1", "?since=1&epoch=e", "?name=a")
    )
    headers = {"Content-Type": draw.choice(("application/json",) * 3 + ("text/plain", "x"))}
    if draw.random() < 0.3:
        headers[draw.choice(HEADERS)] = draw.choice(("*", '"x"', f'"{"0" * 64}"', "", "k"))
    return method.upper(), path + query, draw.choice((None, odd_body(draw))), headers


def fuzz(server: Server, count: int, seed: int) -> Counter[str]:
    """Send bodies and requests; no answer may be a fault. Returns how often each status came.

    Every answer is held to openapi.json on the way.
    """
    draw = random.Random(seed)  # noqa: S311 - to be repeated
    found: Counter[str] = Counter()
    json_body = {"Content-Type": "application/json"}
    for number in range(count):
        path = ("check", "plan", "runs")[number % 3]
        answer = server.ask("POST", f"/api/v1/{path}", odd_body(draw), json_body)
        found[f"POST {path} {answer.status}"] += 1
        method, address, body, headers = odd_request(draw)
        if "events" not in address:
            found[f"any {server.ask(method, address, body, headers).status}"] += 1
        while number % 100 == 99 and server.api("GET", "queue").json["queued"] > 500:
            server.api("PATCH", "queue", {"paused": False})
            time.sleep(0.1)
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        found = fuzz(server, count, seed)
        server.api("PATCH", "queue", {"paused": False})
        last = server.run(SOUND)
        memory = (
            Path(f"/proc/{server.process.pid}/status").read_text().split("VmRSS:")[1].split()[0]
        )
    sys.stdout.write(f"{count} bodies in {time.monotonic() - began:.0f} s, then {last['state']}; "
                     f"{int(memory) // 1000} MB\n")  # fmt: skip
    for name, times in sorted(found.items()):
        sys.stdout.write(f"{times:6} {name}\n")


if __name__ == "__main__":
    main()
