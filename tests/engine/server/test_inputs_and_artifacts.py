"""Pictures in, results out."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engine.server.running import API, PNG, Answer, Server
from tests.engine.server.test_events import sketching
from tests.engine.server.test_runs import saying, submit

OTHER = PNG[:-1] + b"\x83"
HEADS = {
    ".png": PNG,
    ".jpg": b"\xff\xd8\xff\xe0" + b"\x00" * 20,
    ".webp": b"RIFF\x14\x00\x00\x00WEBPVP8 " + b"\x00" * 16,
    ".bmp": b"BM" + b"\x00" * 30,
    ".tif": b"II*\x00" + b"\x00" * 30,
}


def upload(server: Server, data: bytes, name: str = "photo.png") -> Answer:
    return server.ask("POST", f"{API}inputs?name={name}", data, {"Content-Type": "image/png"})


@pytest.mark.parametrize("suffix", HEADS)
def test_a_picture_is_kept_under_its_name_with_the_suffix_of_its_content(
    server: Server, suffix: str
) -> None:
    data = HEADS[suffix]
    found = upload(server, data, f"kind{suffix[1:]}.anything")

    assert found.status == 201
    assert found.json["name"] == f"kind{suffix[1:]}{suffix}"
    assert found.json["sha256"] == hashlib.sha256(data).hexdigest()
    assert (server.folder / "input" / found.json["name"]).read_bytes() == data


def test_the_same_picture_again_is_the_same_file_and_another_gets_another_name(
    server: Server,
) -> None:
    first, again, other = (upload(server, data).json["name"] for data in (PNG, PNG, OTHER))

    assert first == again == "photo.png"
    assert other.startswith("photo-")
    assert (server.folder / "input" / "photo.png").read_bytes() == PNG
    assert (server.folder / "input" / other).read_bytes() == OTHER


def test_pictures_of_one_name_that_come_at_once_are_all_kept(server: Server) -> None:
    pictures = [PNG + bytes([number]) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda data: upload(server, data, "crowd.png"), pictures))

    assert [answer.status for answer in found] == [201] * 12
    names = [answer.json["name"] for answer in found]
    kept = [(server.folder / "input" / name).read_bytes() for name in names]
    assert kept == pictures


def test_what_is_no_picture_leaves_nothing_behind(server: Server) -> None:
    before = sorted((server.folder / "input").glob("*"))
    for data in (b"", b"GIF89a" + b"0" * 30, b"<svg/>" + b" " * 30, b"%PDF-1.7" + b" " * 30):
        assert upload(server, data, "no.png").status == 415

    assert sorted((server.folder / "input").glob("*")) == before


@pytest.mark.parametrize("name", ["", "..", "a/b.png", "%2e%2e%2fx.png", "CON.png", "a%00.png"])
def test_a_name_that_is_none_is_refused(server: Server, name: str) -> None:
    assert upload(server, PNG, name).status == 422


def test_a_result_is_sent_as_it_was_saved(server: Server) -> None:
    run = server.run(saying("to keep"))
    artifact = run["artifacts"][0]
    found = server.ask("GET", artifact["href"])

    assert found.body == (server.folder / "output" / artifact["name"]).read_bytes()
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert found.headers["Content-Disposition"].startswith("attachment;")


def test_a_picture_is_shown_in_the_page(server: Server) -> None:
    run = server.run(sketching(1, 0.0))
    found = server.ask("GET", run["artifacts"][0]["href"])

    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["Content-Disposition"].startswith("inline;")
    assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_a_result_that_was_deleted_is_not_found(server: Server) -> None:
    run = server.run(saying("to delete"))
    (server.folder / "output" / run["artifacts"][0]["name"]).unlink()

    assert server.ask("GET", run["artifacts"][0]["href"]).status == 404


@pytest.mark.parametrize("ending", ["-1", "-01", "-99999", "", "-0-0", "-x", "-0/..", "-%30%00"])
def test_what_is_no_result_is_not_found(server: Server, ending: str) -> None:
    run = server.run(saying("one file"))

    assert server.api("GET", f"artifacts/{run['id']}{ending}").status == 404


def test_a_run_that_has_not_ended_has_no_results(server: Server) -> None:
    server.api("PATCH", "queue", {"paused": True})
    run = submit(server, saying("later"))
    missing = server.api("GET", f"artifacts/{run}-0").status
    server.api("PATCH", "queue", {"paused": False})

    assert missing == 404
    assert server.ended(run)["artifacts"]


def test_a_picture_that_went_in_is_shown_by_the_name_workflows_call_it_by(server: Server) -> None:
    name = upload(server, PNG, "shown.png").json["name"]
    found = server.api("GET", f"inputs/{name}")

    assert found.body == PNG
    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.png", "..%2fmodels", "%00", "words.txt", "a/../b.png"])
def test_only_pictures_among_the_inputs_are_shown(server: Server, name: str) -> None:
    (server.folder / "library" / "words.txt").write_text("no picture, however it is called")

    assert server.api("GET", f"inputs/{name}").status == 404
