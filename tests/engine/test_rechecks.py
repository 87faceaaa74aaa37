"""A check is used again only while every file it saw is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.queue.rows import RunRequest
from engine.runner import Workshop
from tests.engine.test_runner import Shop
from tests.engine.workbench import document, step


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    (tmp_path / "a.txt").write_text("one")
    return Shop(tmp_path).shop


def reading(**more: Any) -> RunRequest:
    written = document(read=step("ReadFile", file="a.txt"), save=step("Save", words="@read.words"))
    return RunRequest(written, **more)


def codes(shop: Workshop, request: RunRequest) -> list[str]:
    return [problem.code for problem in shop.checked(request)[2]]


def test_the_same_request_is_not_checked_twice(shop: Workshop) -> None:
    assert shop.checked(reading()) is shop.checked(reading())


@pytest.mark.parametrize("more", [{"name": "b"}, {"changes": ("save.name=b",)}])
def test_another_name_or_value_is_checked_anew(shop: Workshop, more: dict[str, Any]) -> None:
    assert shop.checked(reading()) is not shop.checked(reading(**more))


def test_a_file_with_other_contents_is_found_out(shop: Workshop, tmp_path: Path) -> None:
    before = shop.checked(reading())[1].graph
    (tmp_path / "a.txt").write_text("other words")
    after = shop.checked(reading())[1].graph

    assert before is not None
    assert after is not None
    assert before is not after


def test_a_file_that_is_gone_or_unfit_by_now_is_a_problem(shop: Workshop, tmp_path: Path) -> None:
    assert codes(shop, reading()) == []
    (tmp_path / "a.txt").write_text("")
    assert codes(shop, reading()) == ["file-unfit"]
    (tmp_path / "a.txt").unlink()
    assert codes(shop, reading()) == ["file-missing"]


def test_a_file_that_was_missing_is_found_when_it_is_there(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert codes(shop, reading()) == ["file-missing"]
    (tmp_path / "b.txt").rename(tmp_path / "a.txt")

    assert codes(shop, reading()) == []


def test_of_many_requests_the_newest_are_remembered(shop: Workshop) -> None:
    first, last = shop.checked(reading(name="first")), None
    for number in range(40):
        last = shop.checked(reading(name=f"n{number}"))

    assert shop.checked(reading(name="n39")) is last
    assert shop.checked(reading(name="first")) is not first
