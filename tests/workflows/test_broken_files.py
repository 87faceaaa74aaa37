"""A broken file is answered in one sentence that says where and what to do; nothing is written."""

import json
import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.cli.run import run_command_line
from main import make_registry

ROOT = Path(__file__).parents[2]
Break = Callable[[dict[str, Any], Path], None]


def a_cycle(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["cut"]["inputs"]["image"] = {"link": "compose.image"}


def a_wrong_type(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["decode"]["inputs"]["latent"] = {"link": "photo.image"}


def a_word_for_a_number(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["schedule"]["inputs"]["steps"] = "many"


def a_number_out_of_bounds(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["schedule"]["inputs"]["steps"] = 0


def an_unknown_node(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["decode"]["type"] = "Decoder"


def a_foreign_schedule(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["schedule"]["inputs"]["beta_end"] = 0.012


def guidance_without_uncond(document: dict[str, Any], folder: Path) -> None:
    del document["nodes"]["denoise"]["inputs"]["uncond"]


def a_part_the_model_lacks(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["decode"]["inputs"]["autoencoder"] = {"link": "model.autoencoder"}


def a_missing_picture(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["photo"]["inputs"]["file"] = "inputs/gone.png"


def a_picture_outside(document: dict[str, Any], folder: Path) -> None:
    document["nodes"]["photo"]["inputs"]["file"] = "../../../../etc/passwd.png"


def a_huge_picture(document: dict[str, Any], folder: Path) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (folder / "inputs/scene.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)


def a_text_named_png(document: dict[str, Any], folder: Path) -> None:
    (folder / "inputs/scene.png").write_text("no picture at all")


def a_pickle_named_safetensors(document: dict[str, Any], folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models/scenes-inpaint.safetensors").write_bytes(pickle.dumps({"weight": [1.0]}))


def a_header_bomb(document: dict[str, Any], folder: Path) -> None:
    (folder / "models").mkdir()
    bomb = struct.pack("<Q", 2**62) + b'{"weight":{}}'
    (folder / "models/scenes-inpaint.safetensors").write_bytes(bomb)


BREAKS: list[tuple[Break, str]] = [
    (a_cycle, "cut: these steps wait for each other: cut -> encode -> denoise"),
    (a_wrong_type, "decode.latent"),
    (a_word_for_a_number, "schedule.steps"),
    (a_number_out_of_bounds, "schedule.steps"),
    (an_unknown_node, "decode"),
    (a_foreign_schedule, "denoise"),
    (guidance_without_uncond, "denoise"),
    (a_part_the_model_lacks, "decode.autoencoder"),
    (a_missing_picture, "photo.file"),
    (a_picture_outside, "photo.file"),
    (a_huge_picture, "photo.file"),
    (a_text_named_png, "photo.file"),
    (a_pickle_named_safetensors, "model.model"),
    (a_header_bomb, "model.model"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds inpaint.json and its pictures."""
    (tmp_path / "inputs").mkdir()
    for name in ("scene.png", "mask.png"):
        (tmp_path / "inputs" / name).write_bytes((ROOT / "workflows/inputs" / name).read_bytes())
    return tmp_path


def run(folder: Path, document: dict[str, Any]) -> int:
    """Run a document as a file in `folder`, its own models before the shipped ones."""
    file = folder / "broken.json"
    file.write_text(json.dumps(document))
    words = ["--workflow", str(file), "--store", str(folder / "store")]
    words += ["--output", str(folder / "out"), "--set", "steps=1"]
    if (folder / "models").exists():
        words += ["--models", str(folder / "models")]
    words += ["--models", str(ROOT / "models")]
    if document["nodes"]["schedule"]["inputs"]["steps"] in ("many", 0):
        words.remove("--set")
        words.remove("steps=1")
    return run_command_line(words, ROOT, make_registry)


@pytest.mark.parametrize(
    ("broken", "where"), BREAKS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_broken_file_is_refused_before_anything_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], broken: Break, where: str
) -> None:
    document = json.loads((ROOT / "workflows/inpaint.json").read_text())
    broken(document, folder)
    code = run(folder, document)
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert code == 2, said
    assert all(line.startswith("error: ") for line in lines), said.err
    assert any(line.startswith(f"error: {where}") for line in lines), said.err
    assert "Traceback" not in said.err + said.out
    assert not (folder / "out").exists()


def test_a_truncated_picture_fails_its_step_and_what_depends_on_it_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (folder / "inputs/scene.png").read_bytes()
    (folder / "inputs/scene.png").write_bytes(whole[: len(whole) // 2])
    code = run(folder, json.loads((ROOT / "workflows/inpaint.json").read_text()))
    said = capsys.readouterr()
    assert code == 1
    assert "photo" in said.err
    assert "scene.png is damaged" in said.err
    assert "Traceback" not in said.err + said.out
    assert not list((folder / "out").glob("*.png"))


def test_several_problems_are_told_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((ROOT / "workflows/inpaint.json").read_text())
    for broken in (a_wrong_type, a_number_out_of_bounds, a_missing_picture):
        broken(document, folder)
    assert run(folder, document) == 2
    told = capsys.readouterr().err
    assert all(where in told for where in ("decode.latent", "schedule.steps", "photo.file"))
