"""Write a Stable Diffusion 1.5 at random weights, float16, 2.1 GB, in the published layout.

python tests/benchmarks/random_checkpoint.py FILE
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[2]))

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import KL_F8, SD15
from nodes.ldm.text_config import CLIP_L
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.published import random_network


def write_model(path: Path) -> None:
    """Write the file, network by network."""
    makers: dict[str, Callable[[], torch.nn.Module]] = {
        "model.diffusion_model.": lambda: UNet(SD15),
        "first_stage_model.": lambda: Autoencoder(KL_F8),
        "cond_stage_model.transformer.text_model.": lambda: TextEncoder(CLIP_L),
    }
    tensors: dict[str, Tensor] = {}
    for seed, (prefix, make) in enumerate(makers.items()):
        with torch.device("meta"):
            network = make()
        network = random_network(network.to_empty(device="cpu"), seed)
        tensors |= {prefix + n: t.half().contiguous() for n, t in network.state_dict().items()}
    save_file(tensors, path)


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
