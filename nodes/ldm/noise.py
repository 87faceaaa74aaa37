"""Gaussian noise that belongs to an image, not to a batch, a device or a run.

Image k of a batch with seed s draws what image 0 draws with seed s + k, so any image of a batch
can be made again alone. Each image reads its numbers from SHAKE-256 over (seed + k, stream):
torch's CPU generator keeps only 32 bits of its seed, too few to hold 2**53 seeds with many streams
apart, and promises no numbers from one release to the next.
Stream 0 is the initial noise x_T, stream 1 + i the noise of sampling step i; what a step draws
beyond its first is 2**32 streams further for each draw.
"""

import hashlib
import math
import struct
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

SEED_MAX = 2**53 - 1
"""Largest seed: the largest integer that every JSON reader keeps exact."""


class StepNoise(Protocol):
    """Where samplers take noise from."""

    def __call__(self, index: int, draw: int = 0, /) -> Tensor:
        """Return standard normal noise of the shape, type and device of x.

        The same step and draw give the same noise however often and in whichever order.

        Args:
            index: Which step asks, 0 first.
            draw: Which of the step's own draws, 0 first.
        """


def noise(seed: int, shape: Sequence[int], stream: int = 0) -> Tensor:
    """Draw standard normal noise, float32 on the CPU.

    Args:
        seed: Seed of image 0, in [0, 2**53 - 1]; image k has seed + k, which must be in range too.
        shape: B followed by the shape of one image, usually B c h w.
        stream: Which draw of the image, >= 0; see the module's first lines.

    Raises:
        ValueError: A seed, the stream or the shape is out of range.
    """
    batch, *image_shape = shape
    if min(shape) < 1:
        raise ValueError(f"noise: got shape {tuple(shape)}, expected B c h w, all at least 1")
    if not 0 <= seed <= SEED_MAX - (batch - 1):
        raise ValueError(
            f"noise: got seed {seed} for {batch} images, expected seeds of 0 to {SEED_MAX}"
            " for all of them; choose another seed"
        )
    if stream < 0:
        raise ValueError(f"noise: got stream {stream}, expected 0 for the start, 1 + i for step i")
    count = math.prod(image_shape)
    rows = [_normal(struct.pack("<QQ", seed + k, stream), count) for k in range(batch)]
    return torch.stack(rows).reshape(batch, *image_shape)


def step_noise(seed: int, like: Tensor) -> StepNoise:
    """Return what samplers draw from: (step index, draw) -> noise, shaped and placed as `like`.

    Step i reads stream 1 + i, so the initial noise and every step's noise differ.
    """

    def at(index: int, draw: int = 0, /) -> Tensor:
        return noise(seed, like.shape, 1 + index + (draw << 32)).to(like)

    return at


def _normal(key: bytes, count: int) -> Tensor:
    """Turn the SHAKE-256 stream of `key` into `count` normals (Box and Muller 1958), float32."""
    pairs = (count + 1) // 2
    words = torch.frombuffer(bytearray(hashlib.shake_256(key).digest(8 * pairs)), dtype=torch.int32)
    # float64 to the end, so that rounding hides where math libraries differ in the last digit.
    uniform = (words.double() + (2**31 + 0.5)) / 2**32  # in (0, 1), never 0 or 1
    radius = torch.sqrt(-2 * torch.log(uniform[:pairs]))
    angle = 2 * math.pi * uniform[pairs:]
    normals = torch.cat([radius * torch.cos(angle), radius * torch.sin(angle)])
    return normals[:count].float()
