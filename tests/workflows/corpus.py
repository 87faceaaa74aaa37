"""Checks every seeded mistake in a process that could not load a tensor if it wanted to.

Run as `python -m tests.workflows.corpus FOLDER`; prints, for each entry of `mistakes.json`, the
problems of the workflow and those that are left after the first fix with edits.
"""

from __future__ import annotations

import copy
import json
import math
import os
import struct
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.check import Checked, check
from engine.disk import file_sha256
from engine.edits import apply
from engine.files import Files
from engine.ports import Root
from engine.problems import Problem
from engine.workflow import from_document
from nodes.checkpoints.layouts.controlnet import controlnet_shapes
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.taesd import taesd_shapes
from nodes.checkpoints.layouts.text import text_shapes
from nodes.ldm.config import UNetConfig
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.ldm.taesd_config import TaesdConfig
from nodes.ldm.text_config import TextEncoderConfig

ROOT = Path(__file__).parents[2]
MISTAKES = Path(__file__).parent / "mistakes.json"
TENSORS = frozenset({"torch", "numpy", "safetensors", "skimage", "scipy"})
MACHINE_BYTES = 16_000_000_000
"""Memory of the machine that the mistakes are made on."""

STAGE, UNET, TEXT, CLASS, BERT = "first_stage", "unet", "text", "class_embedding", "bert"
LAYOUTS = {
    "tokenizer": "boxes",
    "words": ["red sphere", "blue cube"],
    "grid": 16,
    "vocab_size": 260,
    "max_tokens": 12,
}
MODELS: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "other-space": ("scenes-autoencoder", {STAGE: {"scale_factor": 0.5}}),
    "vq": ("scenes-autoencoder", {STAGE: {"n_embed": 512}}),
    "eight-channels": ("scenes-autoencoder", {STAGE: {"embed_dim": 8, "z_channels": 8}}),
    "factor-four": ("scenes-autoencoder", {STAGE: {"ch_mult": [1, 2, 4]}}),
    "no-concat": ("scenes-inpaint", {UNET: {"in_channels": 4}}),
    "wide-words": ("scenes-inpaint", {UNET: {"context_dim": 256}, TEXT: {"width": 256}}),
    "classes": ("scenes-inpaint", {UNET: {"num_classes": 10}}),
    "pooled": ("scenes-inpaint", {TEXT: {"projection": 40}}),
    "layouts": ("scenes-inpaint", {TEXT: LAYOUTS}),
    "boxes": ("scenes-inpaint", {BERT: {"vocab_size": 8192, "width": 128, "layers": 1}}),
    "plain-classes": (
        "scenes-inpaint",
        {UNET: {"in_channels": 4}, CLASS: {"classes": 33, "width": 128}},
    ),
    "of-classes": ("scenes-inpaint", {CLASS: {"classes": 10, "width": 128}}),
}
"""Models that differ from a shipped one in its header; they have no weights worth reading."""


ATTENTION = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
CLIP = TextEncoderConfig(vocab_size=49408, width=64, layers=1, heads=1, causal=True)


def published() -> dict[str, Mapping[str, Shape]]:
    """Files of other kinds, by the shapes of their tensors."""
    control = ControlNetConfig(unet=UNetConfig(model_channels=32, num_heads=8, context_dim=768))
    return {
        "sd2-lora": {
            f"{ATTENTION}.lora_down.weight": (4, 1024),
            f"{ATTENTION}.lora_up.weight": (320, 4),
        },
        "sd1-control": {f"control_model.{n}": s for n, s in controlnet_shapes(control).items()},
        "clip": {f"text_model.{name}": shape for name, shape in text_shapes(CLIP).items()},
        "word": {"emb_params": (2, 64)},
        "wide-word": {"emb_params": (2, 768)},
        "wide-tiny": taesd_shapes(TaesdConfig(width=8, latent_channels=16), "decoder"),
    }


def write_shapes(path: Path, shapes: Mapping[str, Shape]) -> None:
    """Write a file with tensors of these shapes, all zero."""
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + end)


class Blockade:
    """Keeps whatever holds tensors from being imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in TENSORS:
            raise ModuleNotFoundError(f"{name} must not be loaded to check a workflow", name=name)


def write_model(path: Path, base: Path, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a model file whose header says what another one's does but for some changes."""
    with base.open("rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    config = json.loads(header["__metadata__"]["latentgraph"])
    for part, fields in changes.items():
        config[part] = {**(config.get(part) or {}), **fields}
    body = {
        "__metadata__": {"latentgraph": json.dumps(config)},
        next(name for name in header if name != "__metadata__"): {
            "dtype": "F32",
            "shape": [1],
            "data_offsets": [0, 4],
        },
    }
    text = json.dumps(body).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))


def make_models(folder: Path) -> None:
    """Write every model of `MODELS`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (base, changes) in MODELS.items():
        source = ROOT / f"models/{base}.safetensors"
        write_model(folder / f"{name}.safetensors", source, changes)
    for name, shapes in published().items():
        write_shapes(folder / f"{name}.safetensors", shapes)
    make_pictures(folder)


def make_pictures(folder: Path) -> None:
    """Write folders of pictures: one with a text that is called a picture, one with nothing."""
    for name in ("half", "none"):
        (folder / name).mkdir()
        (folder / name / "metadata.jsonl").write_text("")
    (folder / "half/text.png").write_text("no picture")
    (folder / "half/scene.png").write_bytes((ROOT / "workflows/inputs/scene.png").read_bytes())


def broken(mistake: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shipped workflow with the mistake made."""
    path = ROOT / f"workflows/{mistake['workflow']}.json"
    document: dict[str, Any] = json.loads(path.read_text())
    for step, kind_and_inputs in mistake.get("add", {}).items():
        document["nodes"][step] = copy.deepcopy(kind_and_inputs)
    for place, value in mistake["change"].items():
        step, name = place.split(".")
        inputs = document["nodes"][step].setdefault("inputs", {})
        if value is None:
            inputs.pop(name)
        else:
            inputs[name] = value
    return document


def checked(document: Mapping[str, Any], models: Path) -> Checked:
    """Check a document as the command line does."""
    from engine.registry import Registry
    from nodes.pack import MODULES

    roots: dict[Root, list[Path]] = {
        "inputs": [ROOT / "workflows", models],
        "models": [models, ROOT / "models"],
    }
    files = Files(roots, file_sha256)
    return check(from_document(document), Registry.of_modules(MODULES), files)


def mended(document: Mapping[str, Any], problem: Problem, models: Path) -> list[Problem] | None:
    """Problems after the first fix with edits; None when no fix has any."""
    edits = next((fix.edits for fix in problem.fixes if fix.edits), None)
    return None if edits is None else list(checked(apply(document, edits), models).problems)


def report(mistake: Mapping[str, Any], models: Path) -> dict[str, Any]:
    """What the check says of one mistake, and of what is left once it is mended."""
    document = broken(mistake)
    problems = checked(document, models).problems
    left = mended(document, problems[0], models) if problems else None
    return {
        "problems": [problem.to_json() for problem in problems],
        "left": None if left is None else [asdict(problem) for problem in left],
    }


def main(folder: Path) -> None:
    """Print the report of every mistake as one JSON object."""
    sys.meta_path.insert(0, Blockade())
    import nodes.memory

    nodes.memory.machine_bytes = lambda: MACHINE_BYTES  # type: ignore[attr-defined]
    make_models(folder)
    mistakes = json.loads(MISTAKES.read_text())
    found = {name: report(mistake, folder) for name, mistake in mistakes.items()}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
