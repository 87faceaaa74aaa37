"""What `--inspect` tells of a model file, from its header alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nodes.model_card import tell_model
from tests.nodes.tiny import TinyModels

ROOT = Path(__file__).parents[2]


def told(path: Path) -> dict[str, str]:
    return {line.fact: line.value for line in tell_model(path)}


def test_a_file_tells_its_networks_and_how_large_they_are(models: TinyModels) -> None:
    found = told(models.file("inpainting").path)

    assert "M parameters" in found["unet"]
    assert "in_channels 9" in found["unet"]
    assert "stored as" in found
    assert "file" in found


@pytest.mark.parametrize("name", sorted(path.stem for path in ROOT.glob("models/*.safetensors")))
def test_every_shipped_model_tells_its_licence_and_how_to_make_it_again(name: str) -> None:
    found = told(ROOT / "models" / f"{name}.safetensors")

    assert found["license"] == "MIT"
    assert found["title"].startswith("Latentgraph")
    assert found["trained with"].startswith("steps ")
    assert "batch" in found["trained with"]


def test_what_is_no_model_is_told_to_be_none_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "holiday.safetensors").write_bytes(b"not a model at all")
    with pytest.raises(ValueError, match=r"holiday\.safetensors"):
        list(tell_model(tmp_path / "holiday.safetensors"))


def test_the_command_prints_it_without_loading_a_tensor() -> None:
    words = ("main.py", "--inspect", "models/scenes-class.safetensors")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    assert "class_embedding" in done.stdout
    assert "trained with" in done.stdout
    assert " torch" not in done.stderr
