"""Write the same LoRA as each tool would: names by the tool's own rule, matrices at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from nodes.checkpoints.layouts.diffusers_unet import diffusers_unet_map
from nodes.ldm.config import UNetConfig

TINY = UNetConfig(
    model_channels=32, num_res_blocks=1, channel_mult=(1, 2), attention_ds=(1, 2), num_heads=2,
    context_dim=24,
)  # fmt: skip
RANK, ALPHA = 3, 2.0


@dataclass(frozen=True)
class Form:
    """How a tool names a weight's two matrices.

    Attributes:
        stem: Our name of a weight -> what the tool calls the weight.
        down: What follows for A.
        up: What follows for B.
        alpha: Whether alpha is written beside them.
    """

    stem: Callable[[str], str]
    down: str
    up: str
    alpha: bool = True


def theirs(ours: str) -> str:
    """Diffusers' name of a module of the tiny UNet."""
    return diffusers_unet_map(TINY)[f"{ours}.weight"].name.removesuffix(".weight")


def processor(ours: str) -> str:
    """The attention processor that older files name."""
    attention, _, part = theirs(ours).removesuffix(".0").rpartition(".")
    return f"unet.{attention}.processor.{part}"


FORMS: dict[str, Form] = {
    "kohya, diffusers names": Form(
        lambda name: "lora_unet_" + theirs(name).replace(".", "_"),
        ".lora_down.weight",
        ".lora_up.weight",
    ),
    "kohya, names of the paper": Form(
        lambda name: "lora_unet_" + name.replace(".", "_"), ".lora_down.weight", ".lora_up.weight"
    ),
    "peft": Form(lambda n: f"unet.{theirs(n)}", ".lora_A.weight", ".lora_B.weight", alpha=False),
    "peft, bare": Form(theirs, ".lora_A.weight", ".lora_B.weight", alpha=False),
    "diffusers, older": Form(
        lambda n: f"unet.{theirs(n)}", ".lora.down.weight", ".lora.up.weight", alpha=False
    ),
    "processors": Form(processor, "_lora.down.weight", "_lora.up.weight", alpha=False),
}


def matrices(weight: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Random A and B for a weight: of a convolution, A has the kernel and B is 1x1."""
    generator = torch.Generator().manual_seed(seed)
    down = torch.randn(RANK, *weight.shape[1:], generator=generator)
    up = torch.randn(weight.shape[0], RANK, *(1 for _ in weight.shape[2:]), generator=generator)
    return down, up


def lora_tensors(
    form: Form, weights: dict[str, Tensor], modules: Iterable[str], seed: int = 0
) -> dict[str, Tensor]:
    """A LoRA for some modules, by our name, as a tool would name its tensors."""
    tensors: dict[str, Tensor] = {}
    for i, module in enumerate(modules):
        down, up = matrices(weights[f"{module}.weight"], seed + i)
        stem = form.stem(module)
        tensors |= {stem + form.down: down, stem + form.up: up}
        if form.alpha:
            tensors[f"{stem}.alpha"] = torch.tensor(ALPHA)
    return tensors


def written(folder: Path, tensors: dict[str, Tensor], **metadata: str) -> Path:
    """Write a file named `lora.safetensors`."""
    path = folder / "lora.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)
    return path
