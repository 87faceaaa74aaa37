"""The library over HTTP: the same bytes back, nothing overwritten unseen, unsaved work kept."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.server.running import API, Answer, Server
from tests.engine.server.test_runs import saying

JSON = {"Content-Type": "application/json"}
ODD = (
    b'{ "format":"latentgraph/1",\r\n\t"nodes": {"a": {"type": "FromTheFuture", "version": 99,'
    b' "inputs": {"x": 1e2, "y": "\\u00e9\xc3\xa9", "z": [1.0, {"k": null}]}}},'
    b' "layout": {"a": [0.10, -3]} }\n\n'
)
NO_NAMES = ("..%2f..%2fetc", "a%5cb", "%2e%2e", ".hidden", "a.json%00", "CON", "a" * 300, "a/b/c/d")


def put(server: Server, name: str, data: bytes, **headers: str) -> Answer:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return server.ask("PUT", f"{API}workflows/{name}", data, {**JSON, **named})


def make(server: Server, name: str, data: bytes = b"{}") -> str:
    made = put(server, name, data, If_None_Match="*")
    assert made.status == 200, made.body
    return made.headers["ETag"]


def test_unknown_nodes_and_every_space_come_back_byte_for_byte(server: Server) -> None:
    etag = make(server, "odd", ODD)
    found = server.api("GET", "workflows/odd")

    assert (found.body, found.headers["ETag"]) == (ODD, etag)
    assert (server.folder / "library" / "odd.json").read_bytes() == ODD


def test_a_version_that_is_known_is_not_sent_again(server: Server) -> None:
    etag = make(server, "known")

    assert server.api("GET", "workflows/known", If_None_Match=etag).status == 304
    assert server.api("GET", "workflows/known", If_None_Match='"other"').status == 200


def test_who_saw_an_older_version_gets_the_other_one_instead_of_replacing_it(
    server: Server,
) -> None:
    first = make(server, "shared", b'{"who": "first"}')
    second = put(server, "shared", b'{"who": "second"}', If_Match=first)
    late = put(server, "shared", b'{"who": "late"}', If_Match=first)

    assert (second.status, late.status, late.kind) == (200, 412, "changed-elsewhere")
    assert late.json["theirs"] == {
        "etag": second.json["etag"],
        "text": '{"who": "second"}',
    }
    assert server.api("GET", "workflows/shared").json == {"who": "second"}


def test_what_was_changed_on_the_disk_is_not_overwritten(server: Server) -> None:
    etag = make(server, "edited")
    (server.folder / "library" / "edited.json").write_text('{"by": "an editor"}')

    assert put(server, "edited", b'{"by": "me"}', If_Match=etag).status == 412
    assert server.api("GET", "workflows/edited").json == {"by": "an editor"}


def test_a_new_file_never_takes_the_place_of_one(server: Server) -> None:
    make(server, "taken", b'{"a": 1}')

    assert put(server, "taken", b"{}", If_None_Match="*").status == 412
    assert server.api("GET", "workflows/taken").json == {"a": 1}


@pytest.mark.parametrize("condition", [{}, {"If_Match": "*"}, {"If_Match": "etag"}])
def test_without_saying_what_it_replaces_nothing_is_written(
    server: Server, condition: dict[str, str]
) -> None:
    assert put(server, "unseen", b"{}", **condition).status == 428
    assert server.api("GET", "workflows/unseen").status == 404


def test_of_many_who_write_at_once_one_wins_and_the_others_are_told(server: Server) -> None:
    etag = make(server, "raced")
    texts = [json.dumps({"writer": number}).encode() for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda text: put(server, "raced", text, If_Match=etag), texts))

    assert sorted(answer.status for answer in found) == [200] + [412] * 11
    won = next(text for text, answer in zip(texts, found, strict=True) if answer.status == 200)
    assert server.api("GET", "workflows/raced").body == won


def test_what_was_replaced_or_deleted_is_among_the_versions(server: Server) -> None:
    first = make(server, "history", b'{"v": 1}')
    second = put(server, "history", b'{"v": 2}', If_Match=first).headers["ETag"]
    deleted = server.api("DELETE", "workflows/history", If_Match=second)
    listed = server.api("GET", "versions/history").json["versions"]
    texts = [server.api("GET", f"versions/history/{item['number']}").json for item in listed]

    assert deleted.status == 204
    assert server.api("GET", "workflows/history").status == 404
    assert texts == [{"v": 2}, {"v": 1}]
    assert server.api("GET", "versions/history/999").status == 404


def test_only_what_was_seen_is_deleted(server: Server) -> None:
    make(server, "precious")

    assert server.api("DELETE", "workflows/precious", If_Match=f'"{"0" * 64}"').status == 412
    assert server.api("DELETE", "workflows/precious").status == 428
    assert server.api("GET", "workflows/precious").status == 200


def test_a_draft_leaves_the_file_alone_and_is_forgotten_when_told(server: Server) -> None:
    make(server, "drafted", b'{"saved": true}')
    kept = server.api("PUT", "drafts/drafted", {"saved": False})
    listed = server.api("GET", "drafts").json["drafts"]
    found = server.api("GET", "drafts/drafted").json
    dropped = server.api("DELETE", "drafts/drafted")

    assert (kept.status, dropped.status) == (204, 204)
    assert "drafted" in [draft["name"] for draft in listed]
    assert found == {"saved": False}
    assert server.api("GET", "workflows/drafted").json == {"saved": True}
    assert server.api("GET", "drafts/drafted").status == 404


def test_unsaved_work_of_a_name_that_was_never_saved_is_kept(server: Server) -> None:
    server.ask("PUT", f"{API}drafts/untitled", ODD, JSON)

    assert server.api("GET", "drafts/untitled").body == ODD
    assert server.api("GET", "workflows/untitled").status == 404


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_not_found_and_leaves_no_file(server: Server, name: str) -> None:
    before = sorted(server.folder.rglob("*.json"))
    found = [
        server.api("GET", f"workflows/{name}"),
        put(server, name, b"{}", If_None_Match="*"),
        server.api("DELETE", f"workflows/{name}", If_Match=f'"{"0" * 64}"'),
        server.api("PUT", f"drafts/{name}", {}),
        server.api("GET", f"drafts/{name}"),
    ]

    assert {answer.status for answer in found} <= {404, 405}
    assert sorted(server.folder.rglob("*.json")) == before


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff"])
def test_what_is_no_json_object_is_not_saved(server: Server, data: bytes) -> None:
    assert put(server, "broken", data, If_None_Match="*").status in (400, 422)
    assert server.api("GET", "workflows/broken").status == 404


def test_the_list_names_what_can_be_read_and_run(server: Server) -> None:
    written: dict[str, Any] = saying("from the library")
    make(server, "shapes/listed", json.dumps(written).encode())
    names = [item["name"] for item in server.api("GET", "workflows").json["workflows"]]
    read = server.api("GET", "workflows/shapes/listed").json

    assert "shapes/listed" in names
    assert server.run(read)["state"] == "done"
