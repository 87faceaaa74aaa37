"""Pictures pass the frozen first stage once; stage two then trains on latents alone.

This is the paper's two-stage split (Rombach et al. 2022, Sec. 3): the encoder never runs inside the
diffusion loop, and one first stage serves every diffusion model.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.tiled import encoded
from nodes.training.holes import Example, sample_example
from nodes.training.scenes import render
from nodes.values import TrainingLatents

TokenIds = Callable[[Sequence[str]], Tensor]


def cut_out(x: Tensor, mask: Tensor) -> Tensor:
    """Paint the hole mid-grey: `x` B 3 H W in [-1, 1], `mask` B 1 H W, grey is 0."""
    return x * (1 - mask)


def latent_mask(mask: Tensor, like: Tensor) -> Tensor:
    """Nearest-neighbour mask at latent resolution, B 1 h w, as the SD inpainting models expect."""
    return F.interpolate(mask, size=like.shape[-2:], mode="nearest")


@torch.no_grad()
def encode_mean(autoencoder: Autoencoder, x: Tensor, scale: float) -> Tensor:
    """The posterior mean of `x` (B 3 H W in [-1, 1]), times the scale factor: B c h w."""
    return encoded(autoencoder, x) * scale


def encode_examples(
    autoencoder: Autoencoder,
    scale: float,
    token_ids: TokenIds,
    seeds: Sequence[int],
    size: int,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> TrainingLatents:
    """Draw and encode the examples of `seeds` at `size` pixels, 32 at a time."""
    parts = []
    for start in range(0, len(seeds), 32):
        examples = [sample_example(seed, size) for seed in seeds[start : start + 32]]
        parts.append(_encode(autoencoder, scale, token_ids, examples, size))
        report(start + len(examples), len(seeds))
    latent, masked, mask, tokens = (torch.cat(column) for column in zip(*parts, strict=True))
    return TrainingLatents(latent.half(), masked.half(), mask.half(), tokens)


def _encode(
    autoencoder: Autoencoder,
    scale: float,
    token_ids: TokenIds,
    examples: Sequence[Example],
    size: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    device = next(autoencoder.parameters()).device
    x = render([e.scene for e in examples], size).image.to(device) * 2 - 1
    mask = torch.stack([e.mask for e in examples]).to(device)
    latent = encode_mean(autoencoder, x, scale)
    masked = encode_mean(autoencoder, cut_out(x, mask), scale)
    small = latent_mask(mask, latent)
    tokens = token_ids([e.prompt for e in examples])
    return latent.cpu(), masked.cpu(), small.cpu(), tokens
