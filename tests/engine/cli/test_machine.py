"""The numerics of a run are known before its keys."""

from pathlib import Path

import pytest

from engine.cli.arguments import read_arguments
from engine.cli.machine import multiplies_bfloat16, resolved


@pytest.mark.parametrize(
    ("flags", "multiplies"),
    [("fpu avx512f avx512_bf16 fsrm", True), ("amx_bf16", True), ("fpu avx2", False), ("", False)],
)
def test_a_processor_tells_whether_it_multiplies_bfloat16(
    tmp_path: Path, flags: str, multiplies: bool
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: any\nflags\t\t: {flags}\n")

    assert multiplies_bfloat16(cpuinfo) is multiplies


def test_where_nothing_is_told_of_the_processor_it_does_not(tmp_path: Path) -> None:
    assert not multiplies_bfloat16(tmp_path / "missing")


def test_what_is_asked_for_stays_and_auto_becomes_what_the_machine_has() -> None:
    assert resolved("fast", "mps") == "fast"
    assert resolved("reference", "cuda") == "reference"
    assert resolved("auto", "cuda:1") == "auto"
    assert resolved("auto", "mps") == "reference"
    assert resolved("auto", "cpu") == ("auto" if multiplies_bfloat16() else "reference")


@pytest.mark.parametrize(
    ("former", "name"), [("float32", "reference"), ("bfloat16", "fast"), ("fast", "fast")]
)
def test_former_names_are_still_understood(tmp_path: Path, former: str, name: str) -> None:
    assert read_arguments(["--numerics", former], tmp_path).numerics == name
