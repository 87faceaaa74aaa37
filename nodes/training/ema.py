"""The exponential moving average of a network's weights, which is what sampling uses.

Rombach et al. 2022 keep it as `LitEma`: theta_bar <- d theta_bar + (1 - d) theta with a warm-up
d = min(decay, (1 + n) / (10 + n)) so that the first average is not the random start.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn

NetworkT = TypeVar("NetworkT", bound=nn.Module)


class Ema:
    """Averaged copy of every float parameter and buffer of `network`, kept in float32.

    Args:
        network: The network being trained; its own weights are never changed here.
        decay: Share of the old average kept at each update, 0..1.
    """

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.updates = 0
        self.weights = {
            name: value.detach().clone().float() for name, value in network.state_dict().items()
        }

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the average one step towards the present weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, value in network.state_dict().items():
            self.weights[name].lerp_(value.detach().float(), 1 - decay)

    def into(self, network: NetworkT) -> NetworkT:
        """Give `network` the averaged weights, ready to compute."""
        network.load_state_dict(self.state())
        network.eval()
        return network

    def state(self) -> dict[str, Tensor]:
        """The averaged weights by parameter name."""
        return dict(self.weights)
