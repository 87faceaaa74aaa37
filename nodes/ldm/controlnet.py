"""ControlNet: a picture that says where things are  (Zhang et al. 2023, arXiv:2302.05543).

A copy of the UNet's first half that also sees the picture; what it finds is added to what the UNet
carries across. Tensor names are those of the published files below `control_model.`.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from nodes.ldm.controlnet_config import HINT_FACTOR, ControlNetConfig
from nodes.ldm.layers import conv1x1, conv3x3, zero_init
from nodes.ldm.prepared import Context
from nodes.ldm.unet import UNetEncoder


class ControlNet(UNetEncoder):
    """From noisy latents and a hint to what is added inside a UNet (Sec. 3.1, Eq. 2)."""

    def __init__(self, config: ControlNetConfig) -> None:
        super().__init__(config.unet)
        self.hint_channels = config.hint_channels
        self.input_hint_block = _hint_network(config)
        self.zero_convs = nn.ModuleList(
            nn.Sequential(zero_init(conv1x1(width, width))) for width in self.skip_widths
        )
        width = config.unet.widths[-1]
        self.middle_block_out = nn.Sequential(zero_init(conv1x1(width, width)))

    def see(self, hint: Tensor) -> Tensor:
        """Bring a hint to latent size; it is the same in every step.

        Args:
            hint: B 3 8h 8w, in [0, 1].

        Returns:
            B C h w.

        Raises:
            ValueError: The hint has other channels, or sides that are no multiples of 8.
        """
        height, width = hint.shape[-2:]
        if hint.ndim != 4 or hint.shape[1] != self.hint_channels:
            raise ValueError(
                f"the hint is {tuple(hint.shape)}, expected B {self.hint_channels} H W"
            )
        if height % HINT_FACTOR or width % HINT_FACTOR:
            raise ValueError(f"the hint is {height} x {width}, expected multiples of {HINT_FACTOR}")
        seen: Tensor = self.input_hint_block(hint.to(self.dtype))
        return seen

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        seen: Tensor,
        context: Context | None = None,
        y: Tensor | None = None,
    ) -> list[Tensor]:
        """Find what to add in a UNet.

        Args:
            x: B c h w, the noisy latents, without concatenated conditioning.
            timesteps: B, in 0..T-1.
            seen: B C h w, the hint as `see` returns it.
            context: B T D, as the UNet gets it, or what `prepare` made of it.
            y: B D, as the UNet gets it, when the config takes a vector.

        Returns:
            For the output of each input block and, last, of the middle: B C' h' w'.

        Raises:
            ValueError: When an input the config asks for is missing or has a wrong shape.
        """
        self.check(x, y)
        emb, h, added = self.embed(timesteps, y), x.to(self.dtype), list[Tensor]()
        keys_values = self.prepare(context)
        for i, (block, zero_conv) in enumerate(
            zip(self.input_blocks, self.zero_convs, strict=True)
        ):
            h = block(h, emb, keys_values)
            if i == 0:
                h = h + seen
            added.append(zero_conv(h))
        return [*added, self.middle_block_out(self.middle_block(h, emb, keys_values))]


def _hint_network(config: ControlNetConfig) -> nn.Sequential:
    """Convolutions that halve the picture three times, to the width of the first block."""
    first = config.hint_widths[0]
    layers: list[nn.Module] = [conv3x3(config.hint_channels, first), nn.SiLU()]
    for width, wider in pairwise(config.hint_widths):
        halving = nn.Conv2d(width, wider, 3, stride=2, padding=1)
        layers += [conv3x3(width, width), nn.SiLU(), halving, nn.SiLU()]
    last = zero_init(conv3x3(config.hint_widths[-1], config.unet.model_channels))
    return nn.Sequential(*layers, last)
