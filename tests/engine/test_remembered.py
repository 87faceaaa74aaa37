from __future__ import annotations

from typing import Any

from engine.files import Files
from engine.node import Settings
from engine.workshop import Workshop
from tests.engine.workbench import Workbench, document, step

READING = document(read=step("ReadFile", file="a.txt"), save=step("Save", words="@read.words"))


def workshop(bench: Workbench, backend: Any) -> Workshop:
    files = Files({"inputs": [bench.folder / "near", bench.folder], "models": []},
                  bench.store.digest_of)  # fmt: skip
    return Workshop(bench.registry, files, bench.cache(), backend, Settings())


def test_a_document_that_has_passed_is_not_checked_again(bench: Workbench) -> None:
    (bench.folder / "a.txt").write_text("one")
    with bench.backend() as backend:
        shop = workshop(bench, backend)
        first = shop.checked(READING, "w")

        assert shop.checked(dict(READING), "w") is first
        assert shop.checked(READING, "other") is not first
        assert shop.checked(READING, "w", ["read.file=a.txt"]) is not first


def test_it_is_checked_again_when_a_file_is_another_gone_or_hidden(bench: Workbench) -> None:
    file = bench.folder / "a.txt"
    file.write_text("one")
    with bench.backend() as backend:
        shop = workshop(bench, backend)
        first = shop.checked(READING, "w")
        file.write_text("another")
        second = shop.checked(READING, "w")
        (bench.folder / "near").mkdir()
        (bench.folder / "near" / "a.txt").write_text("nearer")
        third = shop.checked(READING, "w")
        (bench.folder / "near" / "a.txt").write_text("")
        _, checked, problems = shop.checked(READING, "w")

    found = [passed[1].graph for passed in (first, second, third)]
    digests = {graph.steps["read"].settings["file"].sha256 for graph in found if graph}
    assert len(digests) == 3
    assert checked.graph is None
    assert [problem.code for problem in problems] == ["file-unfit"]


def test_what_is_wrong_is_found_every_time(bench: Workbench) -> None:
    with bench.backend() as backend:
        shop = workshop(bench, backend)
        codes = [[problem.code for problem in shop.checked(READING, "w")[2]] for _ in range(2)]

    assert codes == [["file-missing"]] * 2


def test_only_so_many_are_kept(bench: Workbench) -> None:
    with bench.backend() as backend:
        shop = workshop(bench, backend)
        first = shop.checked(document(n=step("Number", value=0)), "w")
        for value in range(1, 40):
            shop.checked(document(n=step("Number", value=value)), "w")

        assert shop.checked(document(n=step("Number", value=0)), "w") is not first
