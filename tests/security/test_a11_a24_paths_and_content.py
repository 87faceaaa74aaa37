"""Names that lead elsewhere, and content that a browser would run.

| A11-A20, A22-A24 | tested here, by name |
| A12 | names inside workflows: held by tests of engine.files; here through the running server |
| A16 | roots that lie in each other: `tests/engine/server/test_places.py` as well |
| A21 | the DOM itself is tested with the editor; here: the policy, and that text stays text |
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.server.contained import open_inside
from engine.server.refusals import RefusedError
from engine.server.routes import ROUTES
from engine.server.serving import disposition
from tests.engine.server.running import API, PNG, Server
from tests.engine.workbench import document, step

WORKFLOW = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
ESCAPES = [
    "../secret.json", "..%2fsecret.json", "%2e%2e%2fsecret.json", "%252e%252e%252fsecret.json",
    "..\\secret.json", "..%5csecret.json", "/etc/passwd", "%2fetc%2fpasswd", "C:x", "C:%5cx",
    "\\\\server\\share", "a%00b", "a::$DATA", "CON", "nul.json", "a.", "a%20", "%20a",
    "%ef%bc%8e%ef%bc%8e%2fsecret", "a/..%5c../secret", "....//secret", "a/b/c/d", "x" * 5000, ".",
    "..", "%2e", "a%0d%0ab", "~/x", "a%0ab=c", "[x]=1", "%ed%a0%80",
]  # fmt: skip
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module", autouse=True)
def secret(server: Server) -> Iterator[Path]:
    """A file beside the roots that nobody may read, write or delete."""
    path = server.folder / "secret.json"
    path.write_text('{"secret": "canary-7f3a"}')
    yield path
    assert path.read_text() == '{"secret": "canary-7f3a"}'


def outside(server: Server) -> set[Path]:
    """All files but those that uploads and savings may make."""
    mine = {"input", "library", ".library.kept"}
    return {path for path in server.folder.rglob("*") if not mine & set(path.parts)}


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("place", ["workflows/", "drafts/", "versions/", "artifacts/", "runs/"])
def test_a11_no_name_in_an_address_leads_out(server: Server, place: str, name: str) -> None:
    sent = name.replace("\\", "%5c").replace(" ", "%20")
    before = outside(server)
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"format": "x"})):
        headers = {"If-None-Match": "*"} if method == "PUT" else {"If-Match": f'"{"0" * 64}"'}
        answer = server.ask(method, API + place + sent, body, headers)
        assert answer.status in (200, 204, 400, 404, 405, 412), (method, answer)
        assert b"canary" not in answer.body
    assert outside(server) == before


@pytest.mark.parametrize("name", ESCAPES)
def test_a11_no_name_of_an_upload_leads_out(server: Server, name: str) -> None:
    before = outside(server)
    answer = server.ask("POST", f"{API}inputs?name={name.replace(chr(92), '%5c')}", PNG,
                        {"Content-Type": "image/png"})  # fmt: skip

    assert answer.status in (201, 400, 422)
    if answer.status == 201:
        assert (server.folder / "input" / answer.json["name"]).resolve().is_file()
    assert outside(server) == before


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_a11_any_text_opens_something_inside_or_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "root").mkdir(exist_ok=True)
    (tmp_path / "root" / "a").write_text("inside")
    (tmp_path / "b").write_text("outside")
    read: bytes | None = None
    refused: int | None = None
    try:
        with open_inside(tmp_path / "root", name) as file:
            read = file.read()
    except RefusedError as error:
        refused = error.status
    assert (read, refused) in ((b"inside", None), (None, 404))


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "..\\secret.txt", "a\x00.txt"])
def test_a12_a_node_cannot_be_made_to_read_outside(server: Server, name: str) -> None:
    (server.folder / "secret.txt").write_text("canary-7f3a")
    written = document(read=step("ReadFile", file=name), save=step("Save", words="@read.words"))
    ended = server.run(written)

    assert ended["state"] == "failed"
    assert ended["problems"][0]["code"] == "file-outside"
    assert "canary" not in json.dumps(ended)


def test_a13_a_link_that_leads_out_is_not_there(server: Server) -> None:
    ended = server.run(document(say=step("Say", text="link"), s=step("Save", words="@say.words")))
    artifact = ended["artifacts"][0]
    saved = server.folder / "output" / artifact["name"]
    saved.unlink()
    saved.symlink_to(server.folder / "secret.json")
    (server.folder / "library" / "out.json").symlink_to(server.folder / "secret.json")
    (server.folder / "models" / "out.safetensors").symlink_to(server.folder / "secret.json")

    assert server.ask("GET", artifact["href"]).status == 404
    assert server.api("GET", "workflows/out").status == 404
    assert "out" not in [item["name"] for item in server.api("GET", "workflows").json["workflows"]]
    assert server.api("GET", "models").json == {"models": []}


def test_a13_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("inside")
    (tmp_path / "root").symlink_to(tmp_path / "real")

    with open_inside(tmp_path / "root", "a") as file:
        assert file.read() == b"inside"


def test_a14_missing_forbidden_and_wrong_are_alike(server: Server) -> None:
    (server.folder / "library" / "folder.json").mkdir(exist_ok=True)
    names = ("missing", "folder", "..%2fsecret", "%2fetc%2fpasswd")
    found = {name: server.api("GET", f"workflows/{name}") for name in names}
    artifacts = [server.api("GET", f"artifacts/{name}") for name in ("9-9", "x", "1-99", "-1-0")]

    assert {answer.status for answer in found.values()} == {404}
    assert {answer.kind for answer in found.values()} == {"not-found"}
    assert len({answer.body for answer in artifacts}) == 1


def test_a15_a_folder_swapped_for_a_link_meanwhile_leads_nowhere(tmp_path: Path) -> None:
    root, away = tmp_path / "root", tmp_path / "away"
    for folder, text in ((root / "in", "inside"), (away, "canary")):
        folder.mkdir(parents=True)
        (folder / "a").write_text(text)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(root / "in", root / "kept")
            os.symlink(away, root / "in")
            os.unlink(root / "in")
            os.rename(root / "kept", root / "in")

    swapping = threading.Thread(target=swap)
    swapping.start()
    found = set()
    for _ in range(2000):
        try:
            with open_inside(root, "in/a") as file:
                found.add(file.read())
        except RefusedError:
            continue
    stop.set()
    swapping.join()

    assert found <= {b"inside"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_a17_files_are_not_changed_by_their_path(server: Server, method: str) -> None:
    for path in ("output/words_00001.txt", "input/a.png", "engine/__init__.py", "page.js"):
        assert server.ask(method, f"/{path}").status in (404, 405)
        assert server.ask(method, f"{API}artifacts/{path}").status in (404, 405)


def test_a18_no_text_of_a_request_is_kept_as_a_setting(server: Server) -> None:
    for name in ("a\r\n[server]\r\nlisten = 0.0.0.0", "a\nb = c", "\x00"):
        answer = server.api("POST", "runs", {"workflow": WORKFLOW, "name": name})
        assert (answer.status, answer.kind) == (422, "wrong-value")
    taken = server.api("POST", "runs", {"workflow": WORKFLOW, "name": "[x] = 1"})

    assert taken.json["name"] == "[x] = 1"
    assert not [path for path in server.folder.rglob("*.ini")]


@pytest.mark.parametrize(
    "number", ["-1", "1e9", "0x1", "1.5", "NaN", "9" * 30, "%2d1", "1_0", "+1", "٣"]
)
def test_a19_only_plain_numbers_are_indices(server: Server, number: str) -> None:
    sent = quote(number, safe="%")

    assert server.api("GET", f"artifacts/1-{sent}").status == 404
    assert server.api("GET", f"runs/{sent}").status == 404
    assert server.api("GET", f"versions/a/{sent}").status in (200, 404)
    assert server.api("GET", f"runs?limit={quote(number)}").status == 422
    assert server.api("GET", f"events?since={quote(number)}").status in (422, 426)


HARMFUL = {
    "a.html": b"<!doctype html><script>1</script>", "a.svg": b"<svg xmlns='x'><script/></svg>",
    "a.xml": b"<?xml version='1.0'?><x/>", "a.js": b"alert(1)", "a.css": b"*{}",
    "a.pdf": b"%PDF-1.7", "a.swf": b"FWS\x09", "a.mht": b"MIME-Version: 1.0",
    "a": b"GIF89a" + b"0" * 20,
    "a.png": b"<html>" + b" " * 20, "a.svgz": b"\x1f\x8b\x08" + b"0" * 20, "b.png": b"",
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a20_only_raster_pictures_come_in(server: Server, name: str) -> None:
    answer = server.ask("POST", f"{API}inputs?name={name}", HARMFUL[name],
                        {"Content-Type": "image/png"})  # fmt: skip

    assert (answer.status, answer.kind) == (415, "wrong-media-type")


def test_a20_a_picture_is_named_by_what_it_is(server: Server) -> None:
    answer = server.ask("POST", f"{API}inputs?name=evil.html", PNG, {"Content-Type": "text/html"})

    assert answer.json["name"] == "evil.png"
    assert answer.json["type"] == "image/png"


def test_a20_every_address_that_gives_bytes_gives_them_harmless(server: Server) -> None:
    """The routes come from the table: whoever adds one is asked here."""
    server.run(WORKFLOW)
    for route in ROUTES:
        if route.method != "GET" or not route.path.startswith(API):
            continue  # the page has tests of its own
        path = route.path.replace("{id}", "1").replace("{name:.+}", "a")
        answer = server.ask("GET", path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        media = answer.headers.get("Content-Type", "application/json").partition(";")[0]
        assert media in ("application/json", "application/problem+json",
                         "application/octet-stream"), path  # fmt: skip


def test_a20_a_result_that_is_no_picture_is_kept_not_shown(server: Server) -> None:
    written = document(say=step("Say", text=SCRIPT), save=step("Save", words="@say.words"))
    answer = server.ask("GET", server.run(written)["artifacts"][0]["href"])

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a21_no_script_runs_but_the_page_s_own(server: Server) -> None:
    policy = server.ask("GET", "/").headers["Content-Security-Policy"]
    page = server.ask("GET", "/").body.decode()

    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "script-src 'self'" in policy
    assert "<script>" not in page
    assert " on" not in page.replace(" one ", "")


def test_a21_a22_text_of_strangers_is_only_ever_json(server: Server) -> None:
    written = {"workflow": {"format": SCRIPT + "\u2028"}, "name": SCRIPT}
    answer = server.api("POST", "check", written)

    assert answer.headers["Content-Type"].startswith("application/json")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "\u2028".encode() not in answer.body
    assert SCRIPT not in server.ask("GET", f"/{quote(SCRIPT)}").body.decode()
    assert SCRIPT not in server.ask("GET", "/").body.decode()


@given(st.text(max_size=60))
def test_a23_no_name_ends_its_header_or_begins_another(name: str) -> None:
    header = disposition(name, inline=False)

    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert header.startswith("attachment; filename=")


def test_a24_a_huge_title_can_be_saved_seen_and_deleted(server: Server) -> None:
    written = {**WORKFLOW, "meta": {"title": "x" * 10_000_000}}
    saved = server.api("PUT", "workflows/large", written, If_None_Match="*")
    etag = saved.headers["ETag"]

    assert server.api("GET", "workflows").status == 200
    assert server.api("DELETE", "workflows/large", If_Match=etag).status == 204
