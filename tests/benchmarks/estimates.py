"""What whole runs really take of memory, beside what `--plan` says before they start.

Run by hand: python tests/benchmarks/estimates.py [--file FILE] [--only TEXT]. Every line is two
commands, `--plan` and the run itself in one process, on a Stable Diffusion 1.5 of random weights
(made for that when no file is given), and on a LoRA and a ControlNet of its size, all zero. Taken
is the largest resident size of that process. One step is walked: more take no more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from nodes.checkpoints.layouts.controlnet import controlnet_shapes
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import SD15
from nodes.ldm.controlnet_config import ControlNetConfig
from tests.workflows.corpus import write_shapes

ROOT = Path(__file__).parents[2]
MODEL, LORA, CONTROL = "v1-5-pruned-emaonly", "lora", "control_v11p_sd15_canny"
RUNS = [
    ("sd_text_to_image", 256, "fast"),
    ("sd_text_to_image", 256, "reference"),
    ("sd_text_to_image", 512, "fast"),
    ("sd_text_to_image", 512, "reference"),
    ("sd_text_to_image", 768, "fast"),
    ("sd_lora", 256, "fast"),
    ("sd_controlnet", 256, "fast"),
    ("sd_controlnet", 512, "fast"),
]
RANK = 8


def write_beside(folder: Path) -> None:
    """Write a LoRA for every linear layer of the attentions, and a ControlNet."""
    config = ControlNetConfig(unet=SD15)
    shapes = {f"control_model.{name}": shape for name, shape in controlnet_shapes(config).items()}
    write_shapes(folder / f"{CONTROL}.safetensors", shapes)
    lora = {}
    for name, shape in unet_shapes(SD15).items():
        if ".attn" in name and len(shape) == 2:
            stem = f"lora_unet_{name.removesuffix('.weight').replace('.', '_')}"
            lora[f"{stem}.lora_down.weight"] = (RANK, shape[1])
            lora[f"{stem}.lora_up.weight"] = (shape[0], RANK)
    write_shapes(folder / f"{LORA}.safetensors", lora)


def command(workflow: str, side: int, numerics: str, models: Path, folder: Path) -> list[str]:
    """The command line of a run."""
    sizes = {"width": side, "height": side, "steps": 1}
    if workflow == "sd_controlnet":
        sizes |= {"hint_width": side, "hint_height": side}
    return [
        *(sys.executable, str(ROOT / "main.py")),
        *("--workflow", str(ROOT / f"workflows/{workflow}.json"), "--backend", "inline"),
        *("--models", str(models), "--models", str(folder), "--store", str(folder / "store")),
        *("--output", str(folder / "output"), "--numerics", numerics, "--no-cache"),
        *(word for name, value in sizes.items() for word in ("--set", f"{name}={value}")),
    ]


def predicted(words: list[str]) -> int:
    """Bytes at most at one time, as the plan says."""
    told = subprocess.run([*words, "--plan", "--json"], check=True, capture_output=True, text=True)
    peak: int = json.loads(told.stdout.splitlines()[-1])["memory"]["peak"]
    return peak


def taken(words: list[str]) -> int:
    """Bytes that the process held at most."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the run failed")
    return usage.ru_maxrss * 1024


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_beside(folder)
        file = given.file or folder / f"{MODEL}.safetensors"
        if given.file is None:
            maker = Path(__file__).with_name("random_checkpoint.py")
            subprocess.run([sys.executable, str(maker), str(file)], check=True)
        for workflow, side, numerics in RUNS:
            name = f"{workflow}, {side} px, {numerics}"
            if given.only in name:
                words = command(workflow, side, numerics, file.parent, folder)
                expected, real = predicted(words), taken(words)
                sys.stdout.write(
                    f"{name:<36} {expected / 1e9:5.2f} GB predicted, {real / 1e9:5.2f} GB taken,"
                    f" {expected / real - 1:+.0%}\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
