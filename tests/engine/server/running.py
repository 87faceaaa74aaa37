"""The real server in a process of its own, and a client that holds every answer to openapi.json."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[3]
TOY_MAIN = ROOT / "tests" / "engine" / "toy_main.py"
API = "/api/v1/"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080200000090775"
    "3de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""One red point."""
_PATIENCE = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        """The kind of a refusal, without its prefix."""
        return str(self.json["type"]).rpartition(":")[2]


@dataclass
class Server:
    """A server that runs, and where."""

    folder: Path
    process: subprocess.Popen[str]
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> Answer:
        """Ask as a program does: a body that is no bytes is sent as JSON."""
        sent = {**self.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            found = Answer(response.status, dict(response.getheaders()), response.read())
        if path.startswith(API):
            hold_to_description(method, path, found)
        return found

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask below /api/v1/; `If_Match=...` becomes the header If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(method, API + path, body, named)

    def raw(self, request: bytes, *, patience: float = 5.0) -> bytes:
        """Send bytes as they are and return what comes until the server closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            found = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.sendall(request)
                while part := connection.recv(65_536):
                    found += part
                    if b"\r\n\r\n" in found and _is_whole(found):
                        break
        return found

    def run(self, document: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Run a workflow to its end."""
        taken = self.api("POST", "runs", {"workflow": document, **more})
        assert taken.status == 202, taken.body
        return self.ended(taken.json["id"])

    def ended(self, run: str) -> dict[str, Any]:
        """Wait until a run has ended."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            found: dict[str, Any] = self.api("GET", f"runs/{run}").json
            if found["state"] not in ("queued", "running"):
                return found
            time.sleep(0.01)
        raise TimeoutError(f"run {run} has not ended: {found}")

    def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_PATIENCE)


@contextlib.contextmanager
def serving(folder: Path, *words: str, main: Path = TOY_MAIN) -> Iterator[Server]:
    """Start a server in a folder, on a free port."""
    (folder / "models").mkdir(exist_ok=True)
    (folder / "library").mkdir(exist_ok=True)
    command = [sys.executable, "-W", "error", str(main), "--json", "--no-browser", "--port", "0",
               "--models", "models", "--workflows", "library", *words]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        told = json.loads(line)
        assert "url" in told, told["message"]
        yield Server(folder, process, told["url"])
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_PATIENCE)
        if process.poll() is None:
            process.kill()
            process.communicate()


def request_text(method: str, path: str, *lines: str, host: str | None) -> bytes:
    """Write a request by hand."""
    head = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host else []), *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def status_of(answer: bytes) -> int:
    """Read the status of a raw answer; 0 when the connection was closed without one."""
    match = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(match[1]) if match else 0


@cache
def description() -> Any:
    return json.loads((ROOT / "docs" / "openapi.json").read_text())


def hold_to_description(method: str, path: str, answer: Answer) -> None:
    """Refuse an answer that the committed openapi.json does not describe."""
    operation = _operation("get" if method == "HEAD" else method.lower(), path.partition("?")[0])
    assert answer.status < 500, answer.body
    if operation is None:
        assert answer.status in (400, 401, 403, 404, 405, 426, 431), answer
        return
    described = operation["responses"].get(str(answer.status))
    assert described is not None, (method, path, answer.status, answer.body)
    media = answer.headers.get("Content-Type", "").partition(";")[0]
    schema = described.get("content", {}).get(media, {}).get("schema")
    if schema and media.endswith("json") and method != "HEAD":
        whole = {**schema, "components": description()["components"]}
        Draft202012Validator(whole).validate(answer.json)


def _operation(method: str, path: str) -> Any:
    known = description()["paths"]
    for template in sorted(known, key=len, reverse=True):  # the most special one first
        methods = known[template]
        pattern = re.sub(r"\\{(\w+)\\}", _varying, re.escape(template))
        if re.fullmatch(pattern, path) and method in methods:
            return methods[method]
    return None


def _varying(found: re.Match[str]) -> str:
    return ".+" if found[1] == "name" else "[^/]+"


def _is_whole(found: bytes) -> bool:
    head, _, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return length is not None and len(body) >= int(length[1])
