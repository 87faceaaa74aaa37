from __future__ import annotations

import json

from tests.engine.server.running import API, Server

ODD = b'{"format": "latentgraph/1",\n\t"nodes": {"a": {"type": "NotYetKnown"}}, "x": [1 ,2.50]}'
NEW = {"If-None-Match": "*", "Content-Type": "application/json"}


def test_a_workflow_comes_back_byte_for_byte(server: Server) -> None:
    saved = server.ask("PUT", f"{API}workflows/shapes/odd", ODD, NEW)
    read = server.api("GET", "workflows/shapes/odd")

    assert saved.status == 200
    assert read.body == ODD
    assert read.headers["ETag"] == saved.headers["ETag"]
    assert (
        server.api("GET", "workflows/shapes/odd", If_None_Match=read.headers["ETag"]).status == 304
    )
    assert "shapes/odd" in [
        item["name"] for item in server.api("GET", "workflows").json["workflows"]
    ]


def test_what_was_changed_elsewhere_is_not_overwritten(server: Server) -> None:
    mine = server.api("PUT", "workflows/shared", {"v": 1}, If_None_Match="*").headers["ETag"]
    theirs = server.api("PUT", "workflows/shared", {"v": 2}, If_Match=mine).headers["ETag"]
    refused = server.api("PUT", "workflows/shared", {"v": 3}, If_Match=mine)
    again = server.api("PUT", "workflows/shared", {"v": 3}, If_None_Match="*")

    assert (refused.status, refused.kind) == (412, "changed-elsewhere")
    assert refused.json["expected"] == mine.strip('"')
    assert refused.json["theirs"]["etag"] == theirs.strip('"')
    assert json.loads(refused.json["theirs"]["text"]) == {"v": 2}
    assert again.status == 412
    assert server.api("GET", "workflows/shared").json == {"v": 2}


def test_who_does_not_say_what_is_replaced_replaces_nothing(server: Server) -> None:
    for headers in ({}, {"If-Match": "*"}, {"If-Match": 'W/"x"'}):
        sent = {"Content-Type": "application/json", **headers}
        answer = server.ask("PUT", f"{API}workflows/unsaid", b"{}", sent)
        assert (answer.status, answer.kind) == (428, "condition-missing")
    assert server.api("GET", "workflows/unsaid").status == 404


def test_what_was_replaced_or_removed_can_be_had_back(server: Server) -> None:
    one = server.api("PUT", "workflows/kept", {"v": 1}, If_None_Match="*").headers["ETag"]
    two = server.api("PUT", "workflows/kept", {"v": 2}, If_Match=one).headers["ETag"]
    stale = server.api("DELETE", "workflows/kept", If_Match=one)
    gone = server.api("DELETE", "workflows/kept", If_Match=two)
    versions = server.api("GET", "versions/kept").json["versions"]
    back = [server.api("GET", f"versions/kept/{item['number']}").json for item in versions]

    assert (stale.status, gone.status) == (412, 204)
    assert server.api("GET", "workflows/kept").status == 404
    assert back == [{"v": 2}, {"v": 1}]
    assert server.api("GET", "versions/kept/99").status == 404


def test_a_draft_is_not_the_file(server: Server) -> None:
    server.api("PUT", "workflows/work", {"v": 1}, If_None_Match="*")
    assert server.api("PUT", "drafts/work", {"v": 2}).status == 204
    assert server.api("PUT", "drafts/work", {"v": 3}).status == 204

    assert server.api("GET", "workflows/work").json == {"v": 1}
    assert server.api("GET", "drafts/work").json == {"v": 3}
    assert "work" in [item["name"] for item in server.api("GET", "drafts").json["drafts"]]
    assert server.api("DELETE", "drafts/work").status == 204
    assert server.api("GET", "drafts/work").status == 404


def test_what_is_no_json_object_is_not_saved(server: Server) -> None:
    for data in (b"{", b"[]", b'{"a": NaN}', b'{"a": 1, "a": 2}', b""):
        assert server.ask("PUT", f"{API}workflows/bad", data, NEW).status == 400
    assert server.api("GET", "workflows/bad").status == 404
