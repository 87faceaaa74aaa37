"""Whose noise a seed stands for: ours, or that of programs whose seeds people know.

A convention gives the noise that a walk starts from and that of its steps. The foreign ones draw
from one generator after another draw, for the whole batch at once, so picture k of a batch is not
the single picture of seed + k there. Here each draw is known by its number, and a walk that goes on
in the middle has its generator wound forward to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.ldm.noise import StepNoise, noise, step_noise


@dataclass(frozen=True)
class Convention:
    """Where noise comes from.

    Attributes:
        start: (seed, B c h w) -> the initial noise, float32 on the CPU.
        steps: (seed, x, draws of a step) -> the noise of the steps.
    """

    start: Callable[[int, Sequence[int]], Tensor]
    steps: Callable[[int, Tensor, int], StepNoise]


class Drawn:
    """The draws of one torch generator on the CPU, by number.

    Args:
        seed: What the generator is seeded with, 0..2**63 - 1.
        shape: Shape of every draw.
    """

    def __init__(self, seed: int, shape: Sequence[int]) -> None:
        self._seed, self._shape = seed, tuple(shape)
        self._begin()

    def __call__(self, number: int) -> Tensor:
        """Return draw `number`, 0 first, float32: what torch.randn gives at that call."""
        if number < self._next - 1:
            self._begin()
        while self._next <= number:
            self._last = torch.randn(self._shape, generator=self._generator)
            self._next += 1
        return self._last

    def _begin(self) -> None:
        self._generator = torch.Generator("cpu").manual_seed(self._seed)
        self._next, self._last = 0, torch.empty(0)


def _first(seed: int, shape: Sequence[int]) -> Tensor:
    """The first draw of a generator of this seed."""
    return Drawn(seed, shape)(0)


def _in_order(seed: int, like: Tensor, draws: int, before: int) -> StepNoise:
    """Draw step after step, `before` draws having been made."""
    drawn = Drawn(seed, like.shape)

    def at(index: int, draw: int = 0, /) -> Tensor:
        return drawn(before + index * draws + draw).to(like)

    return at


CONVENTIONS: dict[str, Convention] = {
    "latentgraph": Convention(noise, lambda seed, like, draws: step_noise(seed, like)),
    # Its initial noise and that of its steps come from two generators; on a GPU the latter is the
    # GPU's own, of the same seed, which a CPU cannot draw.
    "comfyui": Convention(_first, lambda seed, x, draws: _in_order(seed + 1, x, draws, 0)),
    # One generator, given to the pipeline as torch.Generator("cpu").manual_seed(seed).
    "diffusers": Convention(_first, lambda seed, x, draws: _in_order(seed, x, draws, 1)),
}
"""By name."""
