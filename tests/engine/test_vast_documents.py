"""Documents as large as nobody writes them are answered in a time that grows with their size."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.shop import Shop, opened
from tests.engine.workbench import document, step

LARGE = 20_000
SLOWEST = 8.0  # seconds, on a machine that does other things besides; it takes one


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as shop:
        yield shop


def test_very_many_wrong_changes_are_told_soon(shop: Shop) -> None:
    steps = {f"s{i}": step("Number") for i in range(5_000)}
    began = time.perf_counter()
    row = shop.run(document(**steps), *(f"t{i}.value=1" for i in range(1_000)))
    assert time.perf_counter() - began < SLOWEST
    assert row.state == "failed"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({f"s{i}": step("Add", a=1, b=2) for i in range(90_000)}, "at most 20000 are taken"),
        ({f"s{i}": step("Nope", a=f"@t{i}.int") for i in range(LARGE)}, "no node type"),
        ({f"s{i}": step("Add", a=f"@s{(i + 1) % LARGE}.int") for i in range(LARGE)}, "-> ... ->"),
        ({f"s{i}": step("Add", a=f"@t{i}.int") for i in range(LARGE)}, "t0"),
        ({"s": step("Add", **{f"x{i}": i for i in range(200_000)})}, "at most 1000 are taken"),
    ],
    ids=["too many", "unknown", "in a ring", "loose", "wide"],
)
def test_a_vast_document_is_refused_soon(shop: Shop, written: dict[str, Any], said: str) -> None:
    began = time.perf_counter()
    row = shop.run(document(**written))
    assert time.perf_counter() - began < SLOWEST
    assert row.state == "failed"
    assert row.ending is not None
    assert said in row.ending.problems[0]["message"]
