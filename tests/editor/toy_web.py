"""A page with sources, and a Node that is Python in disguise, so that every machine has one."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from editor.node import Node

_NODE = f"""#!{sys.executable}
import os, runpy, sys
words = sys.argv[1:]
if words == ["--version"]:
    print("v22.12.0")
    sys.exit()
if words[0] == "--import":
    words = words[2:]
sys.argv = words
runpy.run_path(words[0], run_name="__main__")
"""
_NPM = f"""#!{sys.executable}
import pathlib, sys
with open("calls.txt", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if pathlib.Path("no-registry").exists():
    sys.exit("npm error network: the registry cannot be reached")
vite = pathlib.Path("node_modules/vite/bin/vite.js")
vite.parent.mkdir(parents=True, exist_ok=True)
vite.write_text(pathlib.Path("vite.py").read_text())
"""
_VITE = """
import http.server, os, pathlib, sys, threading
if "build" in sys.argv:
    out = pathlib.Path(sys.argv[sys.argv.index("--outDir") + 1])
    (out / "assets").mkdir()
    (out / "index.html").write_text("<!doctype html><title>built</title>")
    source = pathlib.Path("src/main.ts").read_text()
    if "syntax error" in source:
        sys.exit("error: src/main.ts:1:1 unexpected word")
    (out / "assets" / "app.js").write_text(source)
else:
    pathlib.Path("proxy.txt").write_text(os.environ["LATENTGRAPH_SERVER"])
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    port = int(sys.argv[sys.argv.index("--port") + 1])
    files = http.server.SimpleHTTPRequestHandler
    http.server.HTTPServer(("127.0.0.1", port), files).serve_forever()
"""


@dataclass(frozen=True)
class ToyWeb:
    """A checkout of a page."""

    folder: Path
    tools: Path

    @property
    def node(self) -> Node:
        return Node(str(self.tools / "node"), (str(self.tools / "npm"),))

    @property
    def dist(self) -> Path:
        return self.folder / "dist"

    @property
    def calls(self) -> list[str]:
        """What npm was asked for."""
        return (self.folder / "calls.txt").read_text().splitlines()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)


def make_toy_web(folder: Path) -> ToyWeb:
    """Make the page and the tools that build it."""
    web = ToyWeb(folder / "web", folder / "tools")
    lock = {"packages": {
        "": {}, "node_modules/lib": {"version": "1.0", "license": "MIT"},
        "node_modules/vite": {"version": "8", "license": "MIT", "dev": True},
    }}  # fmt: skip
    web.write("package.json", "{}")
    web.write("package-lock.json", json.dumps(lock))
    web.write("vite.py", _VITE)
    web.write("src/main.ts", "export const one = 1")
    web.write("node_modules/lib/LICENSE", "Take it.")
    web.tools.mkdir()
    for name, text in (("node", _NODE), ("npm", _NPM)):
        (web.tools / name).write_text(text)
        (web.tools / name).chmod(0o755)
    return web


def path_with(web: ToyWeb) -> str:
    """Write a PATH on which its Node comes first."""
    return os.pathsep.join([str(web.tools), os.environ["PATH"]])
