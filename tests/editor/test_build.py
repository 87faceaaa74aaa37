"""The page is built once for what its sources say, and is there whole or not at all."""

from __future__ import annotations

import json

import pytest

from editor.build import build
from editor.errors import EditorError
from editor.sources import built_from, digest_of, is_fresh
from tests.editor.toy_web import ToyWeb


def test_a_build_says_what_it_was_made_of_and_under_which_licences(web: ToyWeb) -> None:
    build(web.folder, web.node)
    record = json.loads((web.dist / "build.json").read_text())
    licences = (web.dist / "THIRD_PARTY.txt").read_text()

    assert record == {"digest": digest_of(web.folder)}
    assert is_fresh(web.folder)
    assert "lib 1.0 (MIT)\n\nTake it." in licences
    assert "vite" not in licences


def test_packages_come_as_locked_and_run_nothing(web: ToyWeb) -> None:
    build(web.folder, web.node)

    assert web.calls == ["ci --ignore-scripts --no-audit --no-fund"]


def test_what_is_fresh_is_not_built_again(web: ToyWeb) -> None:
    build(web.folder, web.node)
    (web.dist / "assets" / "app.js").write_text("mark")
    build(web.folder, web.node)

    assert (web.dist / "assets" / "app.js").read_text() == "mark"


@pytest.mark.parametrize("name", ["src/main.ts", "src/new.css", "package-lock.json", "index.html"])
def test_a_change_of_any_source_makes_it_stale(web: ToyWeb, name: str) -> None:
    build(web.folder, web.node)
    web.write(name, '{"packages": {}}')

    assert not is_fresh(web.folder)


@pytest.mark.parametrize("name", ["src/main.test.ts", "node_modules/x/y.js", ".cache/z", "dist/a"])
def test_what_is_not_in_the_page_does_not(web: ToyWeb, name: str) -> None:
    build(web.folder, web.node)
    web.write(name, "changed")

    assert is_fresh(web.folder)


def test_a_file_that_moves_is_a_change(web: ToyWeb) -> None:
    before = digest_of(web.folder)
    (web.folder / "src" / "main.ts").rename(web.folder / "src" / "other.ts")

    assert digest_of(web.folder) != before


def test_packages_are_fetched_again_only_when_the_lock_changes(web: ToyWeb) -> None:
    for text in ("1", "2"):
        web.write("src/main.ts", text)
        build(web.folder, web.node)
    assert len(web.calls) == 1
    web.write("package-lock.json", '{"packages": {"": {}}}')
    build(web.folder, web.node)

    assert len(web.calls) == 2


def test_a_build_that_fails_says_why_and_leaves_the_former_page(web: ToyWeb) -> None:
    build(web.folder, web.node)
    web.write("src/main.ts", "syntax error")
    with pytest.raises(EditorError, match="unexpected word"):
        build(web.folder, web.node)

    assert built_from(web.dist) is not None
    assert (web.dist / "assets" / "app.js").read_text() == "export const one = 1"
    assert not list(web.folder.glob(".dist-*"))


def test_a_first_build_that_fails_leaves_nothing(web: ToyWeb) -> None:
    web.write("no-registry", "")
    with pytest.raises(EditorError, match="registry cannot be reached"):
        build(web.folder, web.node)

    assert not web.dist.exists()
    assert not list(web.folder.glob(".dist-*"))


def test_a_page_without_its_first_file_counts_as_none(web: ToyWeb) -> None:
    build(web.folder, web.node)
    (web.dist / "index.html").unlink()

    assert not is_fresh(web.folder)


def test_an_installed_page_has_no_sources_to_be_compared_with(web: ToyWeb) -> None:
    build(web.folder, web.node)
    (web.folder / "package.json").unlink()
    web.write("src/main.ts", "changed")

    assert is_fresh(web.folder)
