"""L_simple and its variants: what the network predicts, how errors and noise levels count.

Ho et al. 2020, Eq. 14; Rombach et al. 2022, Eq. 2 and 3; v: Salimans and Ho 2022; min-SNR weights:
Hang et al. 2023, arXiv:2303.09556, Sec. 3.4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.ldm.config import Prediction
from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule

LossName = Literal["l1", "l2"]

ERRORS: Mapping[LossName, Callable[..., Tensor]] = {"l1": F.l1_loss, "l2": F.mse_loss}
"""The paper trains its dense tasks with l1, the others with l2."""

# Weight of a noise level, from its SNR and the SNR cut off at gamma.
_MIN_SNR: Mapping[Prediction, Callable[[Tensor, Tensor], Tensor]] = {
    "eps": lambda snr, cut: cut / snr,
    "v": lambda snr, cut: cut / (snr + 1),
    "x0": lambda snr, cut: cut,
}


@dataclass(frozen=True)
class Objective:
    """What is minimised.

    Attributes:
        prediction: What the network says: eps, v or x0.
        loss: How errors count: l1 or l2.
        min_snr: Cut of the signal-to-noise ratio gamma; 0 weighs every level alike (L_simple).
        lean: Timesteps are drawn as T u^lean, u uniform in 0..1: above 1 low noise comes oftener.
    """

    prediction: Prediction = "eps"
    loss: LossName = "l2"
    min_snr: float = 0.0
    lean: float = 1.0

    def timesteps(self, total: int, batch: int, generator: torch.Generator) -> Tensor:
        """Draw the noise levels of a batch, B integers in 0..total - 1."""
        drawn = torch.randint(0, total, (batch,), generator=generator).double()
        return (total * ((drawn + 0.5) / total) ** self.lean).long()

    def weights(self, schedule: NoiseSchedule, timestep: Tensor) -> Tensor:
        """Weight of the levels `timestep`, B integers: B."""
        if not self.min_snr:
            return torch.ones(len(timestep))
        alpha_bar = schedule.alpha_bar[timestep]
        snr = alpha_bar / (1 - alpha_bar)
        return _MIN_SNR[self.prediction](snr, snr.clamp(max=self.min_snr)).float()

    def target(self, z: Tensor, eps: Tensor, schedule: NoiseSchedule, timestep: Tensor) -> Tensor:
        """What the network should say of z noised by eps, B c h w."""
        signal, spread = schedule.signal_and_noise(timestep, z)
        return PREDICTIONS[self.prediction].target(z, eps, signal, spread)

    def error(self, said: Tensor, target: Tensor) -> Tensor:
        """Mean error of each picture, B."""
        return ERRORS[self.loss](said.float(), target, reduction="none").mean(dim=(1, 2, 3))
