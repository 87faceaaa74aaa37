from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import MISSING, find_browser
from tests.web.editor_page import EditorPage
from tests.web.serving import Server, serving
from tests.web.watching import Watch

_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage")  # fmt: skip


expect.set_options(timeout=20_000)  # two cores that compute a picture meanwhile


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = find_browser()
    if found is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=[*_SWITCHES])
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it running."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be killed and started again."""
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What pages must not do: complain, break, or ask anybody else."""
    watching = Watch()
    yield watching
    assert watching.faults == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what the pages looked like when a test fails, where $SHOTS names a folder for it."""
    report = yield
    pages = getattr(item, "funcargs", {}).get("pages", [])
    if report.failed and call.when == "call" and "SHOTS" in os.environ:
        for number, page in enumerate(pages):
            page.screenshot(path=f"{os.environ['SHOTS']}/{item.name}-{number}.png")
    return report


@pytest.fixture
def pages() -> list[Page]:
    """The pages that the test has opened."""
    return []


@pytest.fixture
def visit(browser: Browser, watch: Watch, pages: list[Page]) -> Iterator[Callable[..., EditorPage]]:
    """Open pages, each in a browser profile of its own unless one is given."""
    contexts = []

    def open_page(
        server: Server, beside: EditorPage | None = None, **options: object
    ) -> EditorPage:
        if beside:
            context = beside.page.context
        else:
            shape = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB",
                     "color_scheme": "dark", "reduced_motion": "reduce"}  # fmt: skip
            context = browser.new_context(**{**shape, **options})  # type: ignore[arg-type]
            context.set_default_timeout(15_000)
            contexts.append(context)
        page = context.new_page()
        watch.over(page, server.url)
        pages.append(page)
        return EditorPage(page, server)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def editor(server: Server, visit: Callable[..., EditorPage]) -> EditorPage:
    """The page of the shared server, not opened yet."""
    return visit(server)
