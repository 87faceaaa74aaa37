"""What the server costs: how soon a run that needs nothing is over, beside the targets.

Run by hand: python tests/benchmarks/server.py [--fuzz N]. Kept beside it in server.txt. Times are
those of a client on the same machine: from the first byte of the POST to `run-ended` over the
WebSocket. `--fuzz` sends N strange requests instead.
"""

import argparse
import contextlib
import http.client
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.engine.server.fuzz import strange
from tests.engine.server.listening import Listener, listening
from tests.engine.server.running import ROOT, Server, serving
from tests.engine.server.test_runs import saying, waiting
from tests.engine.workbench import document, step

REPEAT = 50
CLIENTS = 200
LINKS = 900


class Client:
    """One connection for requests and one for events, as a page has."""

    def __init__(self, server: Server, listener: Listener) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self._listener = listener
        listener.next()

    def run(self, written: Any, **values: Any) -> tuple[float, dict[str, Any]]:
        """Run to the end; milliseconds, and how it ended."""
        body = json.dumps({"workflow": written, "set": values}).encode()
        began = time.perf_counter()
        run = self.ask("POST", "/api/v1/runs", body)["id"]
        ended = self._listener.until_kind("run-ended", run)
        milliseconds = 1000 * (time.perf_counter() - began)
        assert ended["details"]["state"] == "done", ended
        return milliseconds, ended["details"]

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Ask over the open connection."""
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        return json.loads(self._connection.getresponse().read())

    def median(self, written: Any, **values: Any) -> tuple[float, float, dict[str, Any]]:
        """Median as the client sees it, as the queue notes it, and how the last one ended."""
        found = [self.run(written, **values) for _ in range(REPEAT)]
        noted = statistics.median(1000 * (e["finished"] - e["created"]) for _, e in found)
        return statistics.median(seconds for seconds, _ in found), noted, found[-1][1]


@contextlib.contextmanager
def clients(*words: str, **more: Any) -> Iterator[tuple[Server, Client]]:
    """A server in a new folder, and a client of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "workflows", folder / "library")
        with serving(folder, *words, **more) as server, listening(server) as listener:
            yield server, Client(server, listener)


def tell(name: str, value: float, unit: str, target: float | None = None) -> None:
    """Print one line."""
    beside = "" if target is None else f"  (target {target:g} {unit})"
    sys.stdout.write(f"{name:62}{value:9.1f} {unit}{beside}\n")
    sys.stdout.flush()


def memory(server: Server) -> float:
    """Megabytes that the server's process holds."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def start() -> None:
    """How soon it answers and what it holds with all nodes known."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        with clients(main=ROOT / "main.py") as (server, _):
            times.append(1000 * (time.perf_counter() - began))
            held = memory(server)
    tell("ready, and a WebSocket has its snapshot", statistics.median(times), "ms", 1500)
    tell("resident before any run", held, "MB", 120)


def inpaint() -> None:
    """The shipped workflow with few steps: unchanged, and changed where nothing computes."""
    written = json.loads((ROOT / "workflows" / "inpaint.json").read_text())
    words = ("--models", str(ROOT / "models"))
    with clients(*words, main=ROOT / "main.py") as (server, client):
        tell("inpaint.json, 2 steps, computed (starts the worker)",
             client.run(written, steps=2)[0], "ms")  # fmt: skip
        seen, noted, ended = client.median(written, steps=2)
        assert set(ended["counts"]) == {"cached"}
        tell(f"unchanged, POST to run-ended, median of {REPEAT}", seen, "ms", 3)
        tell("  of which accepted to ended, as the queue notes it", noted, "ms")
        saved = next(name for name, item in written["nodes"].items() if item["type"] == "SaveImage")
        found = [client.run(written, steps=2, **{f"{saved}.name": f"other{n}"}) for n in range(20)]
        assert found[-1][1]["counts"]["computed"] == 1
        tell("only the file prefix changed", statistics.median(t for t, _ in found), "ms", 40)
        back_and_forth(client, written)
        tell("resident after all that", memory(server), "MB")


def back_and_forth(client: Client, written: Any) -> None:
    """A, then B, then A again: nothing of A is computed twice."""
    client.run(written, steps=2, seed=1)
    client.run(written, steps=2, seed=2)
    milliseconds, ended = client.run(written, steps=2, seed=1)
    assert set(ended["counts"]) == {"cached"}, ended["counts"]
    tell("seed 1, then 2, then 1 again: nothing is computed", milliseconds, "ms")


def long_chain() -> None:
    """Nine hundred steps in a row, unchanged."""
    links = {f"n{n}": step("Add", a=f"@n{n - 1}.int" if n else 0, b=n) for n in range(LINKS)}
    written = document(**links, show=step("Show", number=f"@n{LINKS - 1}.int"))
    with clients() as (_, client):
        client.run(written)
        seen, noted, _ = client.median(written)
    tell(f"a chain of {LINKS} steps unchanged, median of {REPEAT}", seen, "ms", 40)
    tell("  of which accepted to ended, as the queue notes it", noted, "ms")


def health() -> None:
    """How soon health answers while a step computes."""
    written = json.loads((ROOT / "workflows" / "inpaint.json").read_text())
    words = ("--models", str(ROOT / "models"))
    with clients(*words, main=ROOT / "main.py") as (_, client):
        client.run(written, steps=1)
        body = json.dumps({"workflow": written, "set": {"steps": 50, "seed": 3}}).encode()
        run = client.ask("POST", "/api/v1/runs", body)["id"]
        times = []
        while client.ask("GET", f"/api/v1/runs/{run}")["state"] in ("queued", "running"):
            began = time.perf_counter()
            client.ask("GET", "/api/v1/health")
            times.append(1000 * (time.perf_counter() - began))
            time.sleep(0.005)
    tell(f"health while a step computes, p99 of {len(times)}", percentile(times), "ms", 50)


def percentile(times: list[float]) -> float:
    """What 99 of 100 are below."""
    return statistics.quantiles(times, n=100)[98]


def crowd() -> None:
    """Two hundred clients that all hear everything."""
    with clients() as (server, client), contextlib.ExitStack() as stack:
        crowded = [stack.enter_context(listening(server)) for _ in range(CLIENTS)]
        client.run(saying("crowd"))
        began = time.perf_counter()
        for _ in range(REPEAT):
            run = client.run(saying("crowd"))[1]["id"]
        client.run(waiting(0.5))
        hear_all(crowded, run)
        tell(
            f"{CLIENTS} clients have heard {REPEAT} runs",
            1000 * (time.perf_counter() - began),
            "ms",
        )
    heard = [{m["seq"] for m in one.heard if m["event"] not in ("snapshot", "step-progress")}
             for one in crowded]  # fmt: skip
    everything = set.union(*heard)
    lost = sum(len({seq for seq in everything if seq >= min(one)} - one) for one in heard)
    tell(f"messages of {len(everything)} that any of them has lost", lost, "", 0)


def hear_all(crowded: list[Listener], run: str) -> None:
    """Read all sockets to the end of a run, side by side."""

    def read(listener: Listener) -> None:
        listener.until_kind("run-ended", run)

    threads = [threading.Thread(target=read, args=(listener,)) for listener in crowded]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fuzz(count: int) -> None:
    """Send strange requests and run something afterwards."""
    with clients() as (server, client):
        statuses = Counter(strange(number).send(server) for number in range(count))
        client.ask("PATCH", "/api/v1/queue", b'{"paused": false}')
        assert server.run(saying("after"), priority=1000)["state"] == "done"
        assert server.process.poll() is None
    sys.stdout.write(f"{count} strange requests: {dict(sorted(statuses.items()))}; none 5xx\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=int, metavar="N")
    asked = parser.parse_args()
    parts: list[Callable[[], None]] = [start, inpaint, long_chain, health, crowd]
    if asked.fuzz:
        fuzz(asked.fuzz)
        return
    for part in parts:
        part()


if __name__ == "__main__":
    main()
