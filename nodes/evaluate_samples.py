"""Measuring the family: draw samples for a held-out dataset's own conditions, and judge them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from engine.node import Context, Facts, Inference, Of, Range, Seed, node
from nodes.dataset_values import BesideSet, PictureSet, TokenSet
from nodes.model_facts import SCENE_BETAS
from nodes.sizes import size_of, sized
from nodes.steer_values import Steer
from nodes.values import Autoencoder, Image, Latent, Metrics, Segmenter, UNet

if TYPE_CHECKING:
    from torch import Tensor, nn

    from nodes.checkpoints.model_config import PartName
    from nodes.training.conditioned import ConditionedUNet


def _infer(given: Inference) -> Mapping[str, Facts]:
    pictures = given.facts.get("pictures", {})
    width, height = size_of(pictures) or (None, None)
    return {"image": sized(width, height, pictures.get("n"))}


@node("SampleExamples", version=1, category="measuring", infer=_infer)
def sample_examples(
    unet: Annotated[UNet, Of(c="c", space="s", betas=SCENE_BETAS)],
    pictures: Annotated[PictureSet, Of(n="n")],
    ctx: Context,
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")] | None = None,
    tokens: Annotated[TokenSet, Of(n="n")] | None = None,
    beside: Annotated[BesideSet, Of(n="n", f="f", space="s")] | None = None,
    start: Annotated[Latent, Of(n="n", c="c", f="f", space="s")] | None = None,
    steps: Annotated[int, Range(ge=1, le=1000, step=1)] = 30,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 1.0,
    seed: Annotated[int, Seed()] = 0,
    strength: Annotated[float, Range(ge=0.05, le=1, step=0.05)] = 1.0,
    steer: Annotated[Steer, Of(c="c", space="s", betas=SCENE_BETAS)] | None = None,
) -> Image:
    """Draw a picture for each example of a dataset, told what the dataset tells of it.

    Args:
        unet: A denoiser from TrainDiffusion.
        pictures: Held-out dataset; only its size and count are looked at.
        autoencoder: First stage; none for a denoiser of pixels.
        tokens: What is told by cross-attention.
        beside: What lies beside the latent.
        start: Latents of pictures to begin with, where `strength` is below 1.
        steps: Denoising steps, DDIM, eta 0, trailing.
        guidance: Scale of classifier-free guidance.
        seed: Seed of the first picture's noise; picture k has seed + k.
        strength: Share of the way to pure noise at which to begin.
        steer: What shall become likely, for each picture or for all.
    """
    import torch

    from nodes.runtime import computing
    from nodes.steer_runtime import likelihoods_of
    from nodes.training.conditioned import Examples
    from nodes.training.denoising import Drawing, drawn

    network, decode = open_conditioned(ctx, unet), decoder_of(ctx, autoencoder)
    count, _, height, width = pictures.pictures.shape
    factor = 1 if autoencoder is None else autoencoder.factor
    channels = network.unet.config.out_channels
    if start is None and strength < 1:
        raise ValueError(f"strength is {strength:g} but `start` is not linked")
    empty = torch.zeros(count, channels, height // factor, width // factor)
    examples = Examples(empty if start is None else start.data, tokens, beside)
    how, parts = Drawing(steps, guidance, seed, strength), []
    with computing(ctx):
        fits = likelihoods_of(ctx, steer)
        for z in drawn(network, examples, unet.prediction, how, fits):
            x = decode(z).float() / 2 + 0.5
            parts.append(x.clamp(0, 1).cpu())
            ctx.progress(sum(map(len, parts)), count)
    return Image(torch.cat(parts))


def decoder_of(ctx: Context, autoencoder: Autoencoder | None) -> Callable[[Tensor], Tensor]:
    """From scaled latents to pictures in [-1, 1]; pixels are their own."""
    from nodes.runtime import open_autoencoder

    return (lambda z: z) if autoencoder is None else open_autoencoder(ctx, autoencoder).decode


def open_conditioned(ctx: Context, unet: UNet) -> ConditionedUNet:
    """The denoiser with what reads its conditions, all of one file."""
    from nodes.checkpoints import model_file
    from nodes.checkpoints.recognition import read_checkpoint
    from nodes.runtime import model_files, open_unet
    from nodes.training.conditioned import ConditionedUNet

    files = model_files(ctx, unet)
    model = open_unet(ctx, unet)
    loaders: dict[PartName, Callable[..., nn.Module]] = {
        "text": model_file.load_text_encoder,
        "class_embedding": model_file.load_class_embedding,
        "label_map": model_file.load_label_map,
    }
    parts = read_checkpoint(files)[1].config.parts
    readers = {part: loaders[part](files, model.device) for part in parts if part in loaders}
    return ConditionedUNet(model.network, readers)


@node("MeasureSamples", version=1, category="measuring")
def measure_samples(
    samples: Image,
    pictures: PictureSet,
    segmenter: Segmenter,
    ctx: Context,
    what: Literal[
        "classes", "boxes", "captions", "labels", "low resolution", "grey", "spread", "colours"
    ] = "spread",
    title: str = "Samples",
) -> Metrics:
    """Measure samples by what a segmenter sees in them, and the real pictures the same way.

    Args:
        samples: Drawn by SampleExamples; sample k belongs to picture k.
        pictures: The held-out dataset.
        segmenter: Network that labels every pixel.
        what: Which figures: class asked for; class and IoU of boxes; colours,
            shapes, classes, number and order of captions' objects; mIoU of label maps; PSNR and
            SSIM beside bicubic; grey kept; whether there are objects, how various, how close; or
            colours beside those of the real pictures, whatever belongs to which.
        title: Heading of the figures.
    """
    from nodes.measuring.samples import FIGURES, Seen
    from nodes.runtime import computing, open_segmenter

    with computing(ctx):
        figures = FIGURES[what](Seen(open_segmenter(ctx, segmenter), samples.data, pictures))
    return Metrics(title, (("pictures", float(len(samples.data))), *figures))
