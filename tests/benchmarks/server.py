"""How fast the server answers, how small it is, and how it stands load.

Run by hand: python -m tests.benchmarks.server. Starts `main.py` on a free port in a folder of its
own, with the shipped models. Times are wall clock as a client on the same machine sees them, over
one connection that stays open; medians of 50.
"""

from __future__ import annotations

import contextlib
import copy
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.engine.server.running import PNG, ROOT, Server, serving
from tests.engine.server.sockets import listening

REPEAT = 50
UPLOAD = 2**30 - 2**20


class Client:
    """One connection that stays open, and one stream of events."""

    def __init__(self, server: Server, stream: Any) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        self._stream = stream

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        self._connection.request(
            method, f"/api/v1/{path}", data, {"Content-Type": "application/json"}
        )
        return json.loads(self._connection.getresponse().read())

    def run(self, workflow: Any) -> tuple[float, dict[str, Any]]:
        """Submit, hear that it has ended; seconds and the run."""
        data = {"workflow": workflow}
        began = time.perf_counter()
        run = self.ask("POST", "runs", data)["id"]
        last = self._stream.until("run-ended", run)[-1]
        return time.perf_counter() - began, last["details"]


def shipped() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "workflows" / "inpaint.json").read_text())
    document["nodes"]["schedule"]["inputs"]["steps"] = 2
    return document


def chain(length: int) -> dict[str, Any]:
    """A scene that is masked over and over, then one picture."""
    nodes: dict[str, Any] = {"n0": {"type": "DrawScene", "inputs": {"size": 32}}}
    for number in range(1, length):
        inputs = {"image": {"link": f"n{number - 1}.image"}, "mask": {"link": "n0.mask"}}
        nodes[f"n{number}"] = {"type": "MaskImage", "inputs": inputs}
    link = {"link": f"n{length - 1}.image"}
    nodes["save"] = {"type": "SaveImage", "inputs": {"image": link}}
    return {"format": "latentgraph/1", "nodes": nodes}


def tell(name: str, text: str) -> None:
    sys.stdout.write(f"{name:52} {text}\n")
    sys.stdout.flush()


def milliseconds(values: list[float], of: float = 0.5) -> str:
    return f"{sorted(values)[int(of * (len(values) - 1))] * 1000:8.1f} ms"


def memory(server: Server) -> str:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return f"{int(status.split('VmRSS:')[1].split()[0]) / 1000:8.0f} MB"


def latencies(client: Client, server: Server) -> None:
    a = shipped()
    first, ended = client.run(a)
    assert ended["state"] == "done", ended
    tell("first picture, 2 steps, model to load", f"{first:8.2f} s")
    tell("the same again, POST to done", milliseconds([client.run(a)[0] for _ in range(REPEAT)]))
    prefixed, computed = [], set()
    for number in range(REPEAT):
        other = copy.deepcopy(a)
        other["nodes"]["save"]["inputs"]["name"] = f"other_{number}"
        seconds, ended = client.run(other)
        prefixed.append(seconds)
        computed.add(ended["counts"].get("computed", 0))
    tell("only the prefix of the file changed", f"{milliseconds(prefixed)}, computed {computed}")
    b = copy.deepcopy(a)
    b["nodes"]["denoise"]["inputs"]["seed"] = 12345
    client.run(b)
    again, ended = client.run(a)
    tell("A, B, then A again", f"{again * 1000:8.1f} ms, computed "
         f"{ended['counts'].get('computed', 0)}")  # fmt: skip
    tell("memory of the server after that", memory(server))


def long_chain(client: Client, length: int) -> None:
    document = chain(length)
    first, ended = client.run(document)
    assert ended["state"] == "done", ended
    tell(f"chain of {length} steps, first", f"{first:8.2f} s")
    seconds = [client.run(document)[0] for _ in range(20)]
    tell(f"chain of {length} steps, unchanged (median of 20)", milliseconds(seconds))


@contextlib.contextmanager
def health_during(server: Server) -> Iterator[list[float]]:
    """Ask for health over and over while the block runs."""
    found: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not stop.is_set():
            began = time.perf_counter()
            connection.request("GET", "/api/v1/health")
            connection.getresponse().read()
            found.append(time.perf_counter() - began)
            time.sleep(0.005)

    asking = threading.Thread(target=ask)
    asking.start()
    yield found
    stop.set()
    asking.join()


def watched(server: Server, name: str, work: Callable[[], object]) -> None:
    with health_during(server) as found:
        work()
    figures = f"p50 {milliseconds(found)}, p99 {milliseconds(found, 0.99)} of {len(found)}"
    tell(f"health {name}", figures)


def upload(server: Server) -> None:
    """Send a gigabyte that begins as a picture does."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {"Content-Type": "image/png", "Content-Length": str(UPLOAD)}
    parts = (PNG if number == 0 else bytes(2**20) for number in range(UPLOAD // 2**20 + 1))
    connection.putrequest("POST", "/api/v1/inputs?name=large")
    for header in headers.items():
        connection.putheader(*header)
    connection.endheaders()
    left = UPLOAD
    for part in parts:
        connection.send(part[:left])
        left -= len(part[:left])
    status = connection.getresponse().status
    tell("  the upload", f"{UPLOAD / 1e9:.2f} GB, answered {status}")


def many_clients(client: Client, server: Server, count: int) -> None:
    document = shipped()
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(listening(server, "events")) for _ in range(count)]
        for stream in streams:
            stream.next()
        seconds, ended = client.run(document)
        began = time.perf_counter()
        heard = [len(stream.until("run-ended", ended["id"])) for stream in streams]
        later = 1000 * (time.perf_counter() - began)
        tell(f"{count} WebSocket clients, POST to done",
             f"{seconds * 1000:8.1f} ms; all heard {set(heard)}, {later:.0f} ms later")  # fmt: skip


def many_runs(client: Client, server: Server, count: int) -> None:
    document = shipped()
    before = memory(server)
    client.ask("PATCH", "queue", {"paused": True})
    began = time.perf_counter()
    ids = [client.ask("POST", "runs", {"workflow": document})["id"] for _ in range(count)]
    taken = time.perf_counter() - began
    client.ask("PATCH", "queue", {"paused": False})
    last = server.ended(ids[-1])
    done = time.perf_counter() - began - taken
    states = statistics.multimode(server.ended(run)["state"] for run in ids)
    tell(f"{count} runs queued, then run", f"{taken:.1f} s, {done:.1f} s; all {states}, "
         f"last {last['state']}; memory {before} ->{memory(server)}")  # fmt: skip


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = ("--models", str(ROOT / "models"), "--inputs", str(ROOT / "workflows"))
        began = time.perf_counter()
        with serving(folder, *models, main=ROOT / "main.py") as server:
            server.ask("GET", "/api/v1/health")
            tell("from the command to the first answer", f"{time.perf_counter() - began:8.2f} s")
            tell("memory before any step", memory(server))
            with listening(server, "events") as stream:
                stream.next()
                client = Client(server, stream)
                latencies(client, server)
                long_chain(client, 900)
                many = shipped()
                many["nodes"]["schedule"]["inputs"]["steps"] = 50
                watched(server, "while sampling 50 steps", lambda: client.run(many))
                watched(server, "during an upload of 1 GB", lambda: upload(server))
                many_clients(client, server, 200)
                many_runs(client, server, 500)


if __name__ == "__main__":
    main()
