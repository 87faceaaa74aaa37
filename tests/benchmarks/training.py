"""Our training loop beside a plain loop of diffusers on the same network, in one run.

Run by hand: python tests/benchmarks/training.py [--steps N] [--batch N] [--width N] [--fp32]. Both
train the UNet of `UNet2DModel`'s make: ours as `nodes.ldm.unet.UNet` of the same widths, blocks and
attention, in `nodes.training`; theirs as diffusers' examples do (AdamW, DDPMScheduler.add_noise,
EMAModel, gradient clipping). Same batch, same latents, same precision, one thread; the two take
turns step by step, so other load on the machine falls on both. Told are medians and their ratio.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nodes.training.conditioned import Examples, new_denoiser
from nodes.training.denoising import denoising_trainer
from nodes.training.objective import Objective
from nodes.training.optimizer import Recipe
from nodes.training.shapes import denoiser_levels

WARM = 3
GROUPS = 16


def ours(latent: torch.Tensor, width: int, batch: int, steps: int, bf16: bool) -> Iterator[int]:
    """One step of the loop of this repository at each turn; first its number of weights."""
    examples = Examples(latent)
    network = new_denoiser(examples, denoiser_levels(4, 4, width, (1, 2, 2), None), 128, 0)
    recipe = Recipe(steps, batch, lr=1e-4, bf16=bf16)
    yield sum(p.numel() for p in network.parameters())
    for step in denoising_trainer(network, examples, Objective(), recipe, 0.0, None).train():
        yield step.step


def theirs(latent: torch.Tensor, width: int, batch: int, steps: int, bf16: bool) -> Iterator[int]:
    """The same with diffusers."""
    from diffusers import DDPMScheduler, UNet2DModel
    from diffusers.training_utils import EMAModel

    network: Any = UNet2DModel(
        sample_size=latent.shape[-1],
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(width, 2 * width, 2 * width),
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=2 * width // 4,
        norm_num_groups=GROUPS,
    )
    schedule: Any = DDPMScheduler(1000, 0.0015, 0.0195, "scaled_linear")
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, betas=(0.9, 0.99))
    average: Any = EMAModel(network.parameters(), decay=0.999)
    yield sum(p.numel() for p in network.parameters())
    for step in range(1, steps + 1):
        z = latent[torch.randint(0, len(latent), (batch,))]
        eps, timestep = torch.randn_like(z), torch.randint(0, 1000, (batch,))
        z_t = schedule.add_noise(z, eps, timestep)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            said = network(z_t, timestep, return_dict=False)[0]
        loss = F.mse_loss(said.float(), eps)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.step(network.parameters())
        yield step


def seconds(turn: Callable[[], int]) -> float:
    """How long one turn takes."""
    begun = time.perf_counter()
    turn()
    return time.perf_counter() - begun


def main() -> None:
    """Read the arguments, train both in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=48)
    parser.add_argument("--fp32", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    latent = torch.randn(256, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    how = (latent, given.width, given.batch, WARM + given.steps, not given.fp32)
    loops = {"ours": ours(*how), "diffusers": theirs(*how)}
    weights = {name: next(loop) for name, loop in loops.items()}
    times: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(WARM + given.steps):
        for name, loop in loops.items():
            times[name].append(seconds(loop.__next__))
    each = {name: median(found[WARM:]) for name, found in times.items()}
    for name, took in each.items():
        sys.stdout.write(
            f"{name:10} {weights[name] / 1e6:5.2f} M weights {1000 * took:7.1f} ms a step"
            f" {given.batch / took:7.1f} examples/s\n"
        )
    sys.stdout.write(f"ours / diffusers: {each['diffusers'] / each['ours']:.2f} times as fast\n")


if __name__ == "__main__":
    main()
