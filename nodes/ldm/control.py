"""A denoiser with ControlNets beside it, as one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from nodes.ldm.controlnet import ControlNet
from nodes.ldm.guidance import Network
from nodes.ldm.prepared import Context, Prepared
from nodes.ldm.unet import UNet
from nodes.ldm.windows import Span


@dataclass(frozen=True, eq=False)
class Control:
    """One ControlNet and what it is shown.

    Attributes:
        network: The ControlNet.
        hint: 1 or B pictures, 3 8h 8w, in [0, 1], on the network's device.
        strength: What its output is multiplied with.
        start: Share of the way from noise to picture from which it counts, 0 is the beginning.
        end: Share of the way after which it does not count any more, 1 is the end.
    """

    network: ControlNet
    hint: Tensor
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0


def controlled(unet: UNet, controls: Sequence[Control], last: int) -> Network:
    """Bind a denoiser to its ControlNets; what several add is summed.

    Args:
        unet: The denoiser.
        controls: With what it is steered.
        last: The timestep of pure noise, T - 1; the way from noise to picture is counted in
            timesteps, so that it does not depend on how many steps are taken.

    Returns:
        A network that is called as the denoiser is.

    Raises:
        ValueError: A ControlNet is of another family, or a hint of another form.
    """
    for control in controls:
        if control.network.skip_widths != unet.skip_widths:
            raise ValueError(
                f"the ControlNet adds to blocks of {control.network.skip_widths} channels, but the"
                f" denoiser has {unet.skip_widths}; take one of the denoiser's family"
            )
    seen = tuple(control.network.see(control.hint) for control in controls)
    return Controlled(unet, tuple(controls), seen, last)


@dataclass(frozen=True, eq=False)
class Controlled:
    """A denoiser and the ControlNets beside it.

    Attributes:
        unet: The denoiser.
        controls: With what it is steered.
        seen: The hint of each at latent size, the same in every step.
        last: The timestep of pure noise.
    """

    unet: UNet
    controls: tuple[Control, ...]
    seen: tuple[Tensor, ...]
    last: int

    def __call__(
        self, x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        """Predict as the denoiser does, B c h w."""
        way = 1.0 - float(timesteps[0]) / self.last  # one timestep for the whole batch
        total: list[Tensor] = []
        for control, seen in zip(self.controls, self.seen, strict=True):
            if control.strength and control.start <= way <= control.end:
                added = _added(control.network, x, timesteps, seen, context, y)
                scaled = [tensor * control.strength for tensor in added]
                total = [a + b for a, b in zip(total, scaled, strict=True)] if total else scaled
        out: Tensor = self.unet(x, timesteps, context, y, control=total)
        return out

    def prepare(self, context: Context | None) -> Prepared:
        """Prepare a context for the denoiser and for every ControlNet."""
        made = self.unet.prepare(context)
        for control in self.controls:
            made = made | control.network.prepare(context)
        return made

    def window(self, rows: Span, columns: Span) -> Network:
        """The same for a window of the latent, which sees its own part of the hints."""
        parts = (seen[..., slice(*rows), slice(*columns)] for seen in self.seen)
        return replace(self, seen=tuple(parts))


def _added(
    network: ControlNet,
    x: Tensor,
    timesteps: Tensor,
    seen: Tensor,
    context: Context | None,
    y: Tensor | None,
) -> list[Tensor]:
    """What one ControlNet adds; it sees the latent alone, and its hint with every row."""
    latent = x[:, : network.config.in_channels]
    rows = seen.repeat(len(x) // len(seen), 1, 1, 1)  # guidance runs [uncond; cond] as one batch
    added: list[Tensor] = network(
        latent, timesteps, rows, context, y if network.config.takes_vector else None
    )
    return added
