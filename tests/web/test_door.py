"""A server that other machines may reach lets nobody in without its token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.web.axe import grave_violations
from tests.web.editor_page import EditorPage
from tests.web.serving import Server, serving
from tests.web.watching import Watch

TOKEN = "a-token-of-at-least-twenty-two-characters"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("locked")
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    with serving(folder, words=("--token-file", "token")) as running:
        yield running


def test_the_token_opens_the_editor(
    locked: Server, visit: Callable[..., EditorPage], watch: Watch
) -> None:
    watch.expect("401|no valid credentials")
    page = visit(locked).page
    page.goto(locked.url)
    form = page.get_by_label("Token")
    form.fill("not-the-token-but-as-long-as-one")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("not the token")
    assert grave_violations(page) == []
    form.fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main", name="Graph")).to_be_visible()
    page.reload()

    expect(page.get_by_role("main", name="Graph")).to_be_visible()


def test_the_printed_address_opens_it_at_once(
    locked: Server, visit: Callable[..., EditorPage]
) -> None:
    page = visit(locked).page
    page.goto(locked.address)

    expect(page.get_by_role("main", name="Graph")).to_be_visible()
    assert page.url == locked.url
