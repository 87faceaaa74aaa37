"""What a denoising pass and a decoding really take of memory, beside what the check predicts.

Run by hand: python tests/benchmarks/memory.py. Each line is a new process with random weights; the
weights themselves are not counted, as they are before the first pass.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig, UNetConfig
from nodes.ldm.unet import UNet
from nodes.memory import FLOAT, decoding_floats, denoising_floats

UNETS = {
    "scenes UNet": UNetConfig(
        in_channels=9,
        model_channels=64,
        channel_mult=(1, 2, 3),
        num_res_blocks=1,
        attention_ds=(2, 4),
        num_heads=4,
        context_dim=128,
    ),
    "UNet like SD, a fifth as wide": UNetConfig(
        in_channels=9, model_channels=64, num_heads=8, context_dim=768
    ),
}
STAGES = {
    "scenes first stage": AutoencoderConfig(
        ch=32, ch_mult=(1, 1, 2, 4), num_res_blocks=1, mid_attention=False, norm_groups=16
    ),
    "KL-f8, half as wide": AutoencoderConfig(ch=64),
}
RUNS = [
    ("scenes UNet", 192, 2),
    ("scenes UNet", 256, 2),
    ("UNet like SD, a fifth as wide", 64, 16),
    ("UNet like SD, a fifth as wide", 64, 32),
    ("scenes first stage", 64, 4),
    ("scenes first stage", 128, 1),
    ("KL-f8, half as wide", 64, 1),
    ("KL-f8, half as wide", 96, 1),
]


def memory(name: str) -> int:
    """Bytes of this process, now (VmRSS) or at most so far (VmHWM)."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


@torch.no_grad()
def measure(name: str, side: int, batch: int) -> None:
    """Print predicted and real gigabytes of one pass over `batch` latents of side x side cells."""
    torch.set_num_threads(1)
    if config := UNETS.get(name):
        unet = UNet(config).eval()
        context = torch.randn(batch, 28, config.context_dim or 0)

        def step(cells: int, count: int) -> None:
            unet(torch.randn(count, 9, cells, cells), torch.zeros(count), context[:count])

        predicted = denoising_floats(config) * side * side
    else:
        stage = STAGES[name]
        decoder = Autoencoder(stage).eval()

        def step(cells: int, count: int) -> None:
            decoder.decode(torch.randn(count, stage.embed_dim, cells, cells))

        predicted = decoding_floats(stage) * (side * stage.factor) ** 2
    step(8, 1)  # what is loaded and copied once
    before = memory("VmRSS")
    step(side, batch)
    real, expected = memory("VmHWM") - before, FLOAT * batch * predicted
    sys.stdout.write(
        f"{name}, {batch} x {side} x {side}: {expected / 1e9:.2f} GB predicted, "
        f"{real / 1e9:.2f} GB taken, {expected / real - 1:+.0%}\n"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    for run in RUNS if len(sys.argv) == 1 else []:
        subprocess.run([sys.executable, __file__, *map(str, run)], check=True)
