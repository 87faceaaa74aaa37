"""Shapes of the networks that are trained here; loads without torch."""

from nodes.ldm.config import AutoencoderConfig, UNetConfig

TEXT_HEADS = 4
"""Attention heads of the text transformer; its width is a multiple of them."""

TEXT_LAYERS = 3
"""Layers of the text transformer."""

SHRUNK = 4
"""How many times smaller the picture is that super-resolution sees."""

GRID = 16
"""Cells along each side of a picture in which a layout's corners lie."""

NEIGHBOUR_CELLS = 4
"""Cells along each side of a picture that its description keeps where neighbours are looked for."""

NORM_GROUPS = 16
"""Groups of channels that a denoiser trained here normalises together."""


def first_stage_shape(
    channels: int, levels: int, width: int, codes: int | None = None
) -> AutoencoderConfig:
    """Shape of a small E, D without attention, so that it works at any size.

    Args:
        channels: Channels of the latent.
        levels: Resolutions; f is 2 to the power of levels - 1.
        width: Channels at full resolution.
        codes: Entries of the codebook; None is KL-regularised.
    """
    return AutoencoderConfig(
        ch=width,
        ch_mult=(1, 1, 2, 4, 4, 4)[:levels],
        num_res_blocks=1,
        z_channels=channels,
        embed_dim=channels,
        mid_attention=False,
        norm_groups=min(16, width),
        n_embed=codes,
    )


def inpainting_unet(
    channels: int, width: int, channel_mult: tuple[int, ...], context_width: int
) -> UNetConfig:
    """Shape of eps_theta that sees noisy latent, mask and masked latent, and attends to words."""
    return UNetConfig(
        in_channels=2 * channels + 1,
        out_channels=channels,
        model_channels=width,
        num_res_blocks=1,
        attention_ds=(2, 4),
        channel_mult=channel_mult,
        num_heads=4,
        context_dim=context_width,
    )


def denoiser_levels(
    in_channels: int,
    out_channels: int,
    width: int,
    channel_mult: tuple[int, ...],
    context_width: int | None,
    attention: tuple[int, ...] = (2, 4),
) -> UNetConfig:
    """Shape of eps_theta that attends below its first level, to a context if there is one."""
    return UNetConfig(
        in_channels=in_channels,
        out_channels=out_channels,
        model_channels=width,
        num_res_blocks=1,
        attention_ds=attention,
        channel_mult=channel_mult,
        num_heads=4,
        context_dim=context_width,
        norm_groups=NORM_GROUPS,
    )
