"""What an unfinished latent looks like: by a tiny autoencoder where one is given, else linearly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.node import Context, Edit, FileRef, Finding, Fix, Inference, Snapshot, Told
from nodes.checkpoints.detection.taesd import TaesdFound, taesd_config
from nodes.checkpoints.header import CheckpointError, read_header
from nodes.sizes import whole

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".safetensors",)
LARGEST = 64
"""Latent cells a side that are decoded; of larger ones a shrunk copy is, for previews are small."""


def read_tiny(path: Path) -> TaesdFound:
    """Read what the header of a tiny autoencoder says; no tensor is read.

    Raises:
        ValueError: It is something else, or holds an encoder only.
    """
    try:
        found = taesd_config(read_header(path))
    except CheckpointError as error:
        raise ValueError(str(error)) from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if "decoder" not in found.maps:
        raise ValueError(f"{path.name}: it holds TAESD's encoder but no decoder")
    return found


def check_tiny(path: Path) -> None:
    """Refuse what cannot decode previews.

    Raises:
        ValueError: As `read_tiny`.
    """
    read_tiny(path)


def tell_tiny(path: Path) -> Iterator[Told]:
    """Tell what a tiny autoencoder's file holds.

    Raises:
        ValueError: As `read_tiny`.
    """
    found = read_tiny(path)
    yield Told("kind", f"TAESD, for previews: {' and '.join(found.maps)}", "names and shapes")
    yield Told("latent channels", str(found.config.latent_channels), "names and shapes")


def review_preview(given: Inference) -> Iterator[Finding]:
    """Find a tiny autoencoder of other latents."""
    file, channels = given.settings.get("preview"), whole(given.facts.get("latent", {}), "c")
    if file is None or not channels:
        return
    takes = read_tiny(file.path).config.latent_channels
    if takes != channels:
        yield Finding(
            f"{file.path.name} decodes latents of {takes} channels, but these have {channels}",
            port="preview",
            got=f"{takes} channels",
            expected=f"{channels} channels",
            fixes=(
                Fix("leave it away", (Edit("", "preview"),)),
                Fix("name the TAESD of this model"),
            ),
            code="preview-channels",
        )


def snapshot(
    ctx: Context, denoised: Tensor, tiny: FileRef | None, beta_start: float, *, vector: bool
) -> Snapshot:
    """Show the first picture of a batch as it stands.

    Args:
        ctx: Of the step that shows it.
        denoised: What the denoiser takes for the latent without noise, B c h w.
        tiny: The tiny autoencoder that decodes it; without one, one pixel for each latent cell.
        beta_start: First beta of the denoiser's schedule, which tells latent spaces apart.
        vector: Whether the denoiser is told a vector, as above.
    """
    from nodes.ldm.latent_rgb import latent_rgb
    from nodes.picture_files import png_bytes

    first = denoised[:1]
    if tiny is None:
        colours = latent_rgb(first, beta_start, vector=vector)
    else:
        colours = _decoded(ctx, first, tiny)
    return Snapshot("image/png", png_bytes(colours[0].cpu()))


def _decoded(ctx: Context, latent: Tensor, tiny: FileRef) -> Tensor:
    from torch.nn import functional as F

    from nodes.runtime import open_tiny_decoder

    shrunk = min(1.0, LARGEST / max(latent.shape[-2:]))
    if shrunk < 1:
        sides = [max(1, round(side * shrunk)) for side in latent.shape[-2:]]
        latent = F.interpolate(latent, sides, mode="area")
    network = open_tiny_decoder(ctx, tiny.sha256)
    colours: Tensor = network(latent.float())
    return colours.clamp(0, 1)
