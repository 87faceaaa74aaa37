"""Measuring: figures on held-out scenes, judged the same way for every model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple

from engine.node import Context, Facts, Finding, Inference, Of, Range, Seed, Stem, node
from nodes.denoise_rules import not_inpainting
from nodes.measuring.layout import SHOWN, sheet_size
from nodes.model_facts import SCENE_BETAS
from nodes.sizes import batches_differ, scenes_uneven, size_of, sized, sizes_differ, whole
from nodes.values import Autoencoder, Curve, Image, Judge, Metrics, Scenes, TextEncoder, UNet


class Measured(NamedTuple):
    """Figures, and the pictures they were taken from."""

    metrics: Metrics
    sheet: Image


def _sheet(given: Inference, rows: int) -> Mapping[str, Facts]:
    """Facts of a sheet that shows each of the first scenes in so many rows."""
    scenes = given.facts.get("scenes", {})
    size, count = size_of(scenes), whole(scenes, "n")
    if size is None or count is None:
        return {}
    return {"sheet": sized(*sheet_size(*size, min(count, SHOWN), rows), 1)}


def _infer_reconstruction(given: Inference) -> Mapping[str, Facts]:
    return _sheet(given, rows=2)


@node(
    "MeasureReconstruction",
    version=2,
    category="measuring",
    infer=_infer_reconstruction,
    review=scenes_uneven,
)
def measure_reconstruction(
    autoencoder: Autoencoder,
    scenes: Scenes,
    ctx: Context,
    title: str = "Autoencoder reconstruction",
) -> Measured:
    """Measure PSNR and SSIM of D(E(x)), means over pictures (Rombach et al. 2022, Tab. 8).

    Besides: the spread of rescaled latents, which should be 1 (App. G); the KL term, or how many
    codes of a codebook are in use. The sheet shows pictures above their reconstructions.

    Args:
        autoencoder: First stage to measure.
        scenes: Held-out scenes.
        title: Heading of the figures.
    """
    from nodes.measuring.reconstruction import measure
    from nodes.runtime import computing, open_autoencoder

    model = open_autoencoder(ctx, autoencoder)
    with computing(ctx):
        figures, sheet = measure(model.network, scenes, ctx.progress)
    return Measured(Metrics(title, figures), Image(sheet))


@node("MeasureJudge", version=1, category="measuring")
def measure_judge(judge: Judge, scenes: Scenes, ctx: Context) -> Metrics:
    """Share of objects whose colour and shape the judge names rightly, on drawn scenes.

    Args:
        judge: Classifier to measure before its word counts.
        scenes: Held-out scenes.
    """
    from nodes.measuring.judging import measure
    from nodes.runtime import computing, open_judge

    network = open_judge(ctx, judge)
    with computing(ctx):
        figures = measure(network, scenes, ctx.progress)
    return Metrics("Judge on drawn scenes", figures)


TITLES = {"boxes": "Inpainting", "brush": "Inpainting, free-form holes"}


def _infer_inpainting(given: Inference) -> Mapping[str, Facts]:
    return _sheet(given, rows=4)


def _review_inpainting(given: Inference) -> Iterator[Finding]:
    yield from scenes_uneven(given)
    yield from not_inpainting(given)


@node(
    "MeasureInpainting",
    version=2,
    category="measuring",
    infer=_infer_inpainting,
    review=_review_inpainting,
)
def measure_inpainting(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    unet: Annotated[UNet, Of(c="c", space="s", width="d", betas=SCENE_BETAS)],
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    judge: Judge,
    scenes: Scenes,
    ctx: Context,
    steps: Annotated[int, Range(ge=1, le=1000, step=1)] = 25,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 2.0,
    seed: Annotated[int, Seed()] = 0,
    holes: Literal["boxes", "brush"] = "boxes",
) -> Measured:
    """Cut an object out of each scene, let the model paint it from its name, and judge the result.

    Figures: colour and shape right by the judge; PSNR inside the hole, beside the biharmonic fill
    that knows no objects; values outside the hole that changed (must be none). The sheet shows
    picture, hole, biharmonic fill and the model's.

    Args:
        autoencoder: First stage.
        unet: Inpainting denoiser.
        text_encoder: Its text encoder.
        judge: Classifier of colour and shape.
        scenes: Held-out scenes.
        steps: Denoising steps, DDIM, eta 0, trailing.
        guidance: Scale of classifier-free guidance.
        seed: Seed of the first scene's noise; scene k has seed + k.
        holes: Boxes as the model was trained on, or free-form ones as a brush leaves them.
    """
    from nodes.measuring.inpainting import Painter, measure
    from nodes.runtime import computing, open_autoencoder, open_judge, open_unet, open_word_encoder

    stage, text = open_autoencoder(ctx, autoencoder), open_word_encoder(ctx, text_encoder)
    painter = Painter(
        stage.network,
        stage.scale,
        open_unet(ctx, unet).network,
        text.network,
        text.tokenizer,
        unet.prediction,
        steps,
        guidance,
    )
    with computing(ctx):
        figures, sheet = measure(painter, open_judge(ctx, judge), scenes, seed, holes, ctx.progress)
    return Measured(Metrics(TITLES[holes], figures), Image(sheet))


def _review_difference(given: Inference) -> Iterator[Finding]:
    yield from sizes_differ(given, "target", "image")
    yield from batches_differ(given, "target", "image")


@node("MeasureDifference", version=1, category="measuring", review=_review_difference)
def measure_difference(image: Image, target: Image, title: str = "Difference") -> Metrics:
    """Measure how far pictures are from what they should be: PSNR, SSIM, largest difference.

    Args:
        image: B 3 H W.
        target: What they should be, B 3 H W.
        title: Heading of the figures.
    """
    from statistics import fmean

    from nodes.measuring.quality import psnr, ssim

    most = max(len(image.data), len(target.data))  # a single one goes with many
    seen, wanted = (part.data.expand(most, -1, -1, -1) for part in (image, target))
    figures = (
        ("PSNR, dB", fmean(psnr(seen, wanted))),
        ("SSIM", fmean(ssim(seen, wanted))),
        ("largest difference", float((seen - wanted).abs().max())),
    )
    return Metrics(title, figures)


def _infer_plot(given: Inference) -> Mapping[str, Facts]:
    return {"image": sized(given.settings["width"], given.settings["height"], 1)}


@node("PlotCurve", version=1, category="measuring", infer=_infer_plot)
def plot_curve(
    curve: Curve,
    width: Annotated[int, Range(ge=128, le=2048, step=64)] = 640,
    height: Annotated[int, Range(ge=128, le=2048, step=64)] = 360,
) -> Image:
    """Draw a training curve: every step's loss, and its running mean, on a logarithmic scale.

    Args:
        curve: Losses by step.
        width: Pixels across.
        height: Pixels down.
    """
    from nodes.measuring.plot import draw_curve

    return Image(draw_curve(curve, width, height))


@node("SaveMetrics", version=1, category="measuring", effect=True)
def save_metrics(
    metrics: list[Metrics], ctx: Context, name: Annotated[str, Stem()] = "metrics"
) -> None:
    """Write figures to the output folder as a Markdown table and as JSON.

    Args:
        metrics: Figures of one or more measurements.
        name: File name without its suffix.
    """
    from nodes.measuring.table import as_json, as_markdown

    ctx.save(name, ".md", as_markdown(metrics).encode())
    ctx.save(name, ".json", as_json(metrics).encode())
