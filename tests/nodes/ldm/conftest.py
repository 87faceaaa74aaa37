"""What the parity tests share: random weights that leave no layer silent."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

Randomize = Callable[[nn.Module], None]


@pytest.fixture
def randomize() -> Randomize:
    """Draw every weight from N(0, 0.05), norm gains from N(1, 0.05); zero-init layers too."""

    def draw(module: nn.Module) -> None:
        generator = torch.Generator().manual_seed(0)
        for name, parameter in module.named_parameters():
            nn.init.normal_(parameter, std=0.05, generator=generator)
            if parameter.ndim == 1 and name.endswith("weight"):
                parameter.data += 1.0

    return draw
