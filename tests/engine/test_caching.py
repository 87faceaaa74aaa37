"""What is reused and what is not: the promises of the cache, most of them as properties."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.keys import action_key
from tests.engine.workbench import Workbench, document, step

Written = dict[str, Any]
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def sums(draw: st.DrawFn) -> Written:
    """Draw a DAG of numbers, sums and parities, with a random number of steps."""
    numbers = draw(st.integers(1, 3))
    steps = {f"n{i}": step("Number", value=draw(st.integers(-3, 3))) for i in range(numbers)}
    for i in range(draw(st.integers(1, 6))):
        sources = st.sampled_from([f"@{name}.int" for name in steps])
        kind = draw(st.sampled_from(["Add", "Subtract", "Parity"]))
        second = {} if kind == "Parity" else {"b": draw(sources)}
        steps[f"s{i}"] = step(kind, a=draw(sources), **second)
    return document(**steps)


def results(bench: Workbench, written: Written) -> dict[str, object]:
    """Run, then read the value of every target."""
    bench.run(written)
    plan = bench.plan(written)
    return {
        name: bench.cache().load(entry.record.outputs["int"], int)
        for name, entry in plan.entries.items()
        if entry.record
    }


def descendants(written: Written, origin: str) -> set[str]:
    found = {origin}
    for name, body in written["nodes"].items():
        links = [value["link"] for value in body["inputs"].values() if isinstance(value, dict)]
        if any(link.split(".")[0] in found for link in links):
            found.add(name)
    return found


@many
@given(sums())
def test_a_cached_run_equals_an_uncached_one_and_computes_nothing(written: Written) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        bench = Workbench(Path(one))
        fresh = results(bench, written)

        assert bench.fresh().computed(written) == set()
        assert results(bench.fresh(), written) == fresh
        assert results(Workbench(Path(other)), written) == fresh


@many
@given(sums(), st.integers(4, 9))
def test_a_change_re_runs_only_the_step_and_what_follows_from_it(
    written: Written, value: int
) -> None:
    changed = {**written, "nodes": {**written["nodes"], "n0": step("Number", value=value)}}
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        bench.run(written)

        assert bench.computed(changed) <= descendants(written, "n0")


@many
@given(sums(), st.data())
def test_losing_any_contents_between_runs_never_changes_a_result(
    written: Written, data: st.DataObject
) -> None:
    shows = {f"show {name}": step("Show", number=f"@{name}.int") for name in written["nodes"]}
    shown = document(**written["nodes"], **shows)
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        bench.run(shown)
        fresh = sorted(bench.files().values())
        shutil.rmtree(bench.output)
        kept = [*bench.contents(), *(bench.store.folder / "ac").rglob("*.json")]
        for path in data.draw(st.sets(st.sampled_from(sorted(kept)))):
            path.unlink()
        for path in data.draw(st.sets(st.sampled_from(sorted(kept)))):
            if path.exists():
                path.write_bytes(path.read_bytes()[:-1])
        again = bench.fresh()
        outcome = again.run(shown)

        assert outcome.status == "done"
        assert sorted(again.files().values()) == fresh


def test_nothing_runs_below_a_step_whose_result_did_not_change(bench: Workbench) -> None:
    def written(value: int) -> Written:
        return document(
            n=step("Number", value=value),
            parity=step("Parity", a="@n.int"),
            below=step("Add", a="@parity.int", b=1),
            show=step("Show", number="@below.int"),
        )

    bench.run(written(4))

    assert bench.fresh().computed(written(6)) == {"n", "parity"}
    assert bench.fresh().computed(written(7)) == {"n", "parity", "below", "show"}


def test_swapping_two_sockets_changes_the_result(bench: Workbench) -> None:
    numbers = {"x": step("Number", value=5), "y": step("Number", value=3)}
    one = document(**numbers, d=step("Subtract", a="@x.int", b="@y.int"))
    other = document(**numbers, d=step("Subtract", a="@y.int", b="@x.int"))

    assert results(bench, one)["d"] == 2
    assert results(bench, other)["d"] == -2


def test_the_order_of_a_list_is_part_of_the_key(bench: Workbench) -> None:
    words = {"x": step("Say", text="x"), "y": step("Say", text="y")}
    bench.run(document(**words, j=step("Join", parts=["@x.words", "@y.words"])))

    assert bench.computed(document(**words, j=step("Join", parts=["@y.words", "@x.words"]))) == {
        "j"
    }


def test_an_unkeyed_setting_does_not_re_run_its_step(bench: Workbench) -> None:
    bench.run(document(say=step("Say", text="hi", label="first try")))

    assert bench.computed(document(say=step("Say", text="hi", label="second"))) == set()


def test_a_number_in_either_spelling_is_one_setting(bench: Workbench) -> None:
    bench.run(document(x=step("Scale", a=1, factor=2), n=step("Number", value=3)))

    assert (
        bench.computed(document(x=step("Scale", a=1.0, factor=2.0), n=step("Number", value=3.0)))
        == set()
    )


def test_numerics_are_part_of_the_key_and_the_device_is_not(bench: Workbench) -> None:
    written = document(n=step("Number", value=3))
    (one,) = bench.graph(written)

    assert action_key(one, {}, "float32") != action_key(one, {}, "bfloat16")


def test_a_file_counts_by_its_content_and_not_by_its_name(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "b.txt").write_text("hello")
    bench.run(document(read=step("ReadFile", file="a.txt")))

    assert bench.computed(document(read=step("ReadFile", file="b.txt"))) == set()

    (tmp_path / "b.txt").write_text("other")

    assert bench.computed(document(read=step("ReadFile", file="b.txt"))) == {"read"}


def test_a_saved_file_that_is_gone_or_changed_is_saved_again(bench: Workbench) -> None:
    written = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
    bench.run(written)
    saved = bench.output / "words_00001.txt"
    saved.write_text("scribbled over")

    assert "is missing or was changed" in bench.plan(written).entries["save"].reason
    assert bench.fresh().computed(written) == {"save"}
    assert bench.files() == {"words_00001.txt": "scribbled over", "words_00002.txt": "alto: hi"}

    (bench.output / "words_00002.txt").unlink()

    assert bench.fresh().computed(written) == {"save"}


def test_a_cached_run_names_the_files_that_are_there(bench: Workbench) -> None:
    written = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
    first = bench.run(written).files
    again = bench.fresh().run(written)

    assert again.count("computed") == 0
    assert again.files == first == [str(bench.output / "words_00001.txt")]


def test_without_reading_the_cache_everything_is_computed_once_more(bench: Workbench) -> None:
    written = document(n=step("Number", value=3), twice=step("Add", a="@n.int", b="@n.int"))
    bench.run(written)
    anew = Workbench(bench.folder, reading=False)

    assert anew.computed(written) == {"n", "twice"}
    assert bench.fresh().computed(written) == set()


def test_a_plan_says_what_would_run_and_why(bench: Workbench) -> None:
    written = document(n=step("Number", value=1), more=step("Add", a="@n.int"))
    before = bench.plan(written)
    bench.run(written)
    after = bench.plan(written)

    assert [entry.state for entry in before.entries.values()] == ["run", "may run"]
    assert before.entries["more"].reason == "depends on n"
    assert [entry.state for entry in after.entries.values()] == ["cached", "cached"]
