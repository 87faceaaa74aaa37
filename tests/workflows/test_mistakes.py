"""Every mistake the check must catch, seeded into a shipped workflow, one entry each.

`mistakes.json` holds them as data: what is changed, and which problem must be told.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.workflows.corpus import MISTAKES, ROOT

CORPUS: dict[str, dict[str, Any]] = json.loads(MISTAKES.read_text())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the check says of every mistake, from one process in which no torch can be loaded."""
    words = ["-W", "error", "-m", "tests.workflows.corpus", str(tmp_path_factory.mktemp("models"))]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CORPUS)
def test_a_mistake_is_the_one_thing_told_before_anything_is_loaded(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    expected, problems = CORPUS[name]["problem"], told[name]["problems"]
    compared = ("code", "step", "port", "got", "expected")

    assert len(problems) == 1, problems
    assert {key: problems[0][key] for key in compared} == {key: expected[key] for key in compared}
    assert problems[0]["severity"] == expected.get("severity", "error")
    for source in expected["because"]:
        assert any(source in reason for reason in problems[0]["because"]), problems[0]["because"]


@pytest.mark.parametrize("name", CORPUS)
def test_a_mistake_comes_with_what_to_do(told: dict[str, dict[str, Any]], name: str) -> None:
    (problem,) = told[name]["problems"]
    fixes = [fix["text"] for fix in problem["fixes"]]

    assert fixes
    assert all(fixes)


@pytest.mark.parametrize("name", [n for n in CORPUS if CORPUS[n]["problem"].get("fixable", True)])
def test_the_first_fix_that_can_be_pressed_mends_the_mistake(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    """Another problem may show once the first is gone; the same one may not."""
    (before,), left = told[name]["problems"], told[name]["left"]

    assert left is not None
    assert all(
        (now["code"], now["step"], now["port"]) != (before["code"], before["step"], before["port"])
        for now in left
    )


@pytest.mark.parametrize(
    "name", [n for n in CORPUS if not CORPUS[n]["problem"].get("fixable", True)]
)
def test_what_only_a_person_can_mend_has_no_fix_to_press(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    assert told[name]["left"] is None


def test_every_fault_a_rule_can_tell_is_in_the_corpus() -> None:
    """A new code in a rule wants its mistake here."""
    rules = [path.read_text() for path in ROOT.glob("nodes/*.py")]
    codes = {line.split('"')[1] for text in rules for line in text.splitlines() if 'code="' in line}

    assert codes - {mistake["problem"]["code"] for mistake in CORPUS.values()} == set()
