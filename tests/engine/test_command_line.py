"""The command line as a user types it, over toy nodes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from engine.cli.run import run_command_line
from engine.registry import Registry
from tests.engine.shell import MAIN, Shell
from tests.engine.workbench import REGISTRY, document, step

GREETING = {
    **document(say=step("Say", text="hi"), save=step("Save", words="@say.words")),
    "parameters": {"greeting": "say.text"},
}


def test_a_run_says_what_it_did_and_where_the_files_are(shell: Shell) -> None:
    shell.write(GREETING)
    first, second = shell.run(), shell.run()
    file = shell.folder / "output" / "words_00001.txt"

    assert (first.returncode, second.returncode) == (0, 0)
    assert file.read_text() == "alto: hi"
    assert "done     say (Say) in" in first.stdout
    assert "2 computed, 0 from the cache" in first.stdout
    assert "cached   save (Save)" in second.stdout
    assert "0 computed, 2 from the cache" in second.stdout
    assert str(file) in first.stdout
    assert str(file) in second.stdout


def test_parameters_and_inputs_are_set_by_name(shell: Shell) -> None:
    shell.write(GREETING)
    done = shell.run("--set", "greeting=a=b", "--set", "say.tone=loud", "--set", "say.twice=true",
                     "--output", "elsewhere")  # fmt: skip

    assert done.returncode == 0
    assert shell.saved("elsewhere") == {"words_00001.txt": "alto: A=BA=B"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--workflow", "no.json"], "error: no.json does not exist; check the path"),
        (["--workflow", "."], "error: . is a folder; give the path"),
        (["--workflow", "bad.json"], "error: bad.json: not valid JSON at line 1, column 2"),
        (["--workflow", "list.json"], "error: list.json: expected a JSON object, got []."),
        (["--workflow", "w.json", "--set", "greting=x"],
         '--set greting=x: there is no parameter "greting"; did you mean "greeting"?'),
        (["--workflow", "w.json", "--set", "greeting"], "write it as NAME=VALUE."),
        (["--workflow", "w.json", "--set", "say.txt=x"], 'no input "txt"; did you mean "text"?'),
        (["--workflow", "w.json", "--set", "sy.text=x"], 'no step "sy"; did you mean "say"?'),
        (["--workflow", "w.json", "--set", "say.twice=yes"], 'expected true or false, got "yes".'),
        (["--workflow", "w.json", "--set", "say.tone=lou"], 'did you mean "loud"?'),
        (["--workflow", "w.json", "--set", "save.words=x"], "takes a link to Words"),
        (["--workflow", "w.json", "--count", "0"], 'expected a whole number from 1 to 99999'),
        (["--workflow", "w.json", "--device", "gpu"], "expected cpu, cuda, cuda:1 or mps"),
        (["--workflow", "w.json", "--numerics", "half"], "invalid choice: 'half'"),
        (["--workflow", "w.json", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["--workflow", "w.json", "--models", "nowhere"], "--models nowhere is no folder"),
        (["--workflow", "w.json", "--output", "w.json"], "--output w.json is a file"),
        (["--workflow", "w.json", "--check", "--plan"], "exclude each other"),
        (["--check"], "need a workflow; add --workflow FILE."),
        (["--nodes", "Numbr"], 'no node type "Numbr"; did you mean "Number"?\n'),
        (["--workflow", "x" * 5000], "cannot be read (File name too long)."),
        (["--workflow", "w.json", "--models", "x" * 5000], "is no folder; give an existing one."),
        (["--port", "80x"], 'expected a port from 0 to 65535, got "80x"'),
        (["--listen", "0.0.0.0"], "lets other machines in"),
    ],
)  # fmt: skip
def test_what_is_mistyped_gets_one_sentence_and_exit_code_2(
    shell: Shell,
    words: list[str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell.write(GREETING)
    (shell.folder / "bad.json").write_text("{")
    (shell.folder / "list.json").write_text("[]")
    monkeypatch.chdir(shell.folder)
    code = run_command_line(words, shell.folder, lambda: REGISTRY)
    error = capsys.readouterr().err

    assert code == 2
    assert sentence in error
    assert len(error.splitlines()) == 1
    assert not (shell.folder / "output").exists()


def test_a_fault_of_the_program_itself_is_one_line_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.write(GREETING)
    monkeypatch.chdir(shell.folder)
    words = ["--workflow", "w.json"]
    code = run_command_line(words, shell.folder, lambda: Registry([1]))  # type: ignore[list-item]
    error = capsys.readouterr().err

    assert code == 1
    assert error.startswith("error: AttributeError: ")
    assert error.endswith("this is a fault of Latentgraph, --debug shows where.\n")


def test_inputs_that_are_no_object_stay_a_problem_when_one_is_set(shell: Shell) -> None:
    shell.write(document(say={"type": "Say", "inputs": [1]}))
    done = shell.run("--set", "say.text=x")

    assert done.returncode == 2
    assert done.stderr == 'error: say: "inputs" must be an object, got [1].\n'


def test_a_check_lists_all_problems_and_runs_nothing(shell: Shell) -> None:
    shell.write(document(a=step("Numbr"), b=step("Add", a="x"), c=step("Save")))
    text, data = shell.run("--check"), shell.run("--check", "--json")
    found = json.loads(data.stdout)

    assert (text.returncode, data.returncode) == (2, 2)
    assert len(text.stderr.splitlines()) == 3
    assert {problem["code"] for problem in found["problems"]} == {
        "unknown-type", "wrong-value", "missing-input",
    }  # fmt: skip
    assert not (shell.folder / "output").exists()


def test_a_check_without_problems_says_so(shell: Shell) -> None:
    shell.write(GREETING)
    done = shell.run("--check")

    assert (done.returncode, done.stdout) == (0, "no problems found\n")


FAINT = document(cloth=step("Weave"), fold=step("Fold", cloth="@cloth.cloth", times=1))
FAINTLY = "fold.times: folding once hardly shows."


def test_a_check_tells_warnings_and_still_succeeds(shell: Shell) -> None:
    shell.write(FAINT)
    text, data = shell.run("--check"), shell.run("--check", "--json")
    found = json.loads(data.stdout)

    assert (text.returncode, text.stderr) == (0, f"warning: {FAINTLY}\n")
    assert text.stdout == "no errors found, 1 warning\n"
    assert (data.returncode, found["ok"]) == (0, True)
    assert [problem["severity"] for problem in found["problems"]] == ["warning"]


def test_a_run_tells_warnings_before_it_begins(shell: Shell) -> None:
    shell.write(FAINT)
    text, data = shell.run(), shell.run("--json")
    first = json.loads(data.stdout.splitlines()[0])

    assert (text.returncode, data.returncode) == (0, 0)
    assert text.stderr == f"warning: {FAINTLY}\n"
    assert first == {"event": "warned", "message": FAINTLY}


def test_a_check_says_how_many_problems_follow_from_one(shell: Shell) -> None:
    shell.write(
        document(
            odd=step("Weave", width=5), even=step("Weave", width=4),
            fold=step("Fold", cloth="@odd.cloth"),
            sew=step("Sew", left="@fold.cloth", right="@even.cloth"),
        )
    )  # fmt: skip
    text, data = shell.run("--check"), shell.run("--check", "--json")
    found = json.loads(data.stdout)

    assert text.stderr.endswith("(1 later problem follows from this.)\n")
    assert (found["hidden"], found["problems"][0]["hidden"]) == (1, 1)
    assert found["problems"][0]["fixes"][0]["edits"][0]["step"] == "fold"


def test_a_plan_shows_what_would_run_and_runs_nothing(shell: Shell) -> None:
    shell.write(GREETING)
    before = shell.run("--plan")
    shell.run()
    after = json.loads(shell.run("--plan", "--json", "--set", "say.label=new").stdout)

    assert "run      say (Say)" in before.stdout
    assert "may run  save (Save)  depends on say" in before.stdout
    assert [entry["state"] for entry in after["steps"]] == ["cached", "cached"]


def test_a_plan_tells_why_and_how_long_it_took_in_the_past(shell: Shell) -> None:
    shell.write(document(wait=step("Wait", a=1, seconds=0.05)))
    shell.run()
    words = ("--plan", "--set", "wait.a=2")
    lines = shell.run(*words).stdout.splitlines()
    (entry,) = json.loads(shell.run(*words, "--json").stdout)["steps"]

    assert re.fullmatch(r"run +wait \(Wait\)  a was 1, is 2; about 0\.\d\d s", lines[0])
    assert re.fullmatch(r"1 to run, 0 may run, 0 cached; about 0\.\d\d s", lines[1])
    assert 0.05 <= entry["seconds"] < 5


def test_json_prints_one_event_per_line(shell: Shell) -> None:
    shell.write(GREETING)
    done = shell.run("--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["event"] == "run-started"
    assert events[-1]["files"] == [str(shell.folder / "output" / "words_00001.txt")]


def test_a_step_that_fails_gives_one_line_and_exit_code_1(shell: Shell) -> None:
    shell.write(document(clear=step("Fail", a=1), broken=step("Fail", a=1, how="broken")))
    done, debugged = shell.run(), shell.run("--debug")

    assert done.returncode == 1
    assert "failed   clear (Fail): cannot work with 1; give another number\n" in done.stderr
    assert "failed   broken (Fail): KeyError: 'nothing here' (--debug shows the" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Traceback" in debugged.stderr


def test_a_count_runs_with_the_next_seeds_and_shares_the_rest(shell: Shell) -> None:
    shell.write(
        document(
            wait=step("Wait", a=1, seconds=0.01),
            roll=step("Roll", seed=7),
            both=step("Add", a="@wait.int", b="@roll.int"),
            show=step("Show", number="@both.int"),
        )
    )
    done = shell.run("--count", "3")
    alone = shell.run("--set", "roll.seed=9")

    assert done.returncode == 0
    assert done.stdout.count("done     wait") == 1
    assert done.stdout.count("done     roll") == 3
    assert "0 from the cache" not in alone.stdout
    assert "done" not in alone.stdout.split("finished")[0]


def test_a_count_without_seeds_warns(shell: Shell) -> None:
    shell.write(GREETING)

    assert "no input is a seed" in shell.run("--count", "2").stderr


def test_no_cache_computes_everything_anew(shell: Shell) -> None:
    shell.write(GREETING)
    shell.run()
    done = shell.run("--no-cache")

    assert "2 computed, 0 from the cache" in done.stdout
    assert sorted(shell.saved()) == ["words_00001.txt", "words_00002.txt"]


def test_a_store_that_cannot_be_used_is_a_warning(shell: Shell) -> None:
    shell.write(GREETING)
    (shell.folder / ".latentgraph").touch()
    done = shell.run()

    assert done.returncode == 0
    assert "warning: the store .latentgraph cannot be used" in done.stderr
    assert shell.saved() == {"words_00001.txt": "alto: hi"}


def test_control_characters_never_reach_the_terminal(shell: Shell) -> None:
    shell.write(document(say=step("Say", tone="\x1b[2Jboo"), fail=step("Say", voice="\x9b31m")))
    done = shell.run()

    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\x9b" not in done.stderr


def test_nodes_and_schema_can_be_listed(shell: Shell) -> None:
    listed, one = shell.type("--nodes"), shell.type("--nodes", "Scale")
    schema = json.loads(shell.type("--schema").stdout)

    assert "  Subtract                 Take one number from another." in listed.stdout
    assert "factor: float, from 0, to 10, default 1.0" in one.stdout
    assert schema["$schema"].endswith("2020-12/schema")


def test_a_closed_pipe_is_no_crash(shell: Shell) -> None:
    command = f"{sys.executable} {MAIN} --nodes | head -1"
    done = subprocess.run(  # noqa: S602 - the pipe is what is tested
        command, shell=True, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout == "toys\n"
    assert "Traceback" not in done.stderr


def test_a_terminal_gets_bars_and_the_same_summary(shell: Shell) -> None:
    shell.write(
        document(wait=step("Wait", a=1, seconds=0.3), show=step("Show", number="@wait.int"))
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-W", "error", str(MAIN), "--workflow", "w.json"]
    process = subprocess.Popen(command, cwd=shell.folder, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    os.close(ours)

    assert process.wait() == 0
    assert "━".encode() in seen
    assert b"2 computed, 0 from the cache" in seen


def test_json_keeps_every_character_of_a_text(shell: Shell) -> None:
    text = "3\u202fpm \u00e9"
    shell.write(document(add=step("Add", a=text)))
    (found,) = [json.loads(line) for line in shell.run("--check", "--json").stdout.splitlines()]

    assert found["problems"][0]["message"] == f'expected a whole number, got "{text}"'


def test_a_seed_that_leaves_its_bounds_ends_the_count_with_a_sentence(shell: Shell) -> None:
    shell.write(document(coin=step("Coin"), show=step("Show", number="@coin.int")))
    done = shell.run("--count", "3")

    assert done.returncode == 1
    assert done.stderr == "error: coin.seed: 2 is above the maximum 1; use 1.\n"
    assert sorted(shell.saved()) == ["number_00001.txt", "number_00002.txt"]
