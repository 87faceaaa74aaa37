"""What the server may know, and what nobody outside may."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.server.access import Access, AccessError, Ticket, is_loopback, read_token
from engine.server.places import refuse_overlaps
from engine.server.private import Private
from tests.engine.server.running import ROOT


def imported(path: Path) -> set[str]:
    """Top-level names of what a file imports."""
    found = set()
    for item in ast.walk(ast.parse(path.read_text())):
        if isinstance(item, ast.Import):
            found |= {name.name.partition(".")[0] for name in item.names}
        elif isinstance(item, ast.ImportFrom):
            found.add((item.module or "").partition(".")[0])
    return found


def test_only_the_server_knows_the_web() -> None:
    for path in [*ROOT.glob("engine/**/*.py"), *ROOT.glob("nodes/**/*.py")]:
        if "server" not in path.parts:
            assert "aiohttp" not in imported(path), path


def test_paths_of_this_machine_become_names_in_every_text(tmp_path: Path) -> None:
    private = Private({"output": tmp_path / "out", "models": tmp_path / "out" / "models"})
    told = private.value({
        "a": [f"in {tmp_path}/out/models/x.png; also {tmp_path}/out."],
        f"{tmp_path}/out": (1, None),
        "other": f"{tmp_path}/outside {Path.home()}/x",
    })  # fmt: skip

    assert told == {
        "a": ["in models/x.png; also output."],
        "output": [1, None],
        "other": f"{tmp_path}/outside ~/x",
    }


NEAR = ("127.0.0.1", "127.9.9.9", "::1", "localhost")
FAR = ("0.0.0.0", "::", "192.168.1.2", "localhost.example", "2130706433", "")


def test_only_this_machine_is_this_machine() -> None:
    assert [is_loopback(host) for host in NEAR] == [True] * len(NEAR)
    assert [is_loopback(host) for host in FAR] == [False] * len(FAR)


def test_a_server_goes_by_its_names_and_by_an_address_only_with_a_token() -> None:
    near, far = Access.of("127.0.0.1", 80, None), Access.of("192.0.2.1", 9, "t" * 30)

    assert near.goes_by("localhost", "127.0.0.1:80")
    assert not near.goes_by("10.0.0.1:80", "10.0.0.1:80")
    assert far.goes_by("10.0.0.1:9", "10.0.0.1:9")
    assert not far.goes_by("localhost:9", "192.0.2.1:9")


def test_a_credential_opens_and_nothing_else_does() -> None:
    access = Access.of("127.0.0.1", 9, "secret-secret-secret-secret")

    assert access.admits(access.token, None)
    assert access.admits(None, access.cookie)
    for wrong in ("", "x", "\udcff", access.cookie[:-1]):
        assert not access.admits(wrong, wrong)
    assert access.cookie != Access.of("127.0.0.1", 9, "another-another-another").cookie


def test_a_ticket_is_good_once() -> None:
    ticket = Ticket()

    assert [ticket.redeem(given) for given in ("", ticket.secret, ticket.secret)] == [
        False, True, False,
    ]  # fmt: skip


def test_a_token_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    token = read_token(tmp_path / "token")

    assert len(token) >= 32
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert read_token(tmp_path / "token") == token


def test_folders_beside_each_other_are_fine_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "code")
    refuse_overlaps({"a": tmp_path / "a", "b": tmp_path / "b"}, {"code": tmp_path / "code"})
    for folder in ("code", "code/in", ".", "link"):
        with pytest.raises(AccessError, match="lie in each other"):
            refuse_overlaps({"a": tmp_path / folder}, {"code": tmp_path / "code"})
