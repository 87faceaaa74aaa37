"""What the check says of TrainDiffusion: the denoiser that comes out, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.node import Absent, Edit, Estimate, Facts, Finding, Fix, Inference, Settings
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import ScheduleConfig, UNetConfig
from nodes.model_facts import SCENE_BETAS, concat_fact, unet_facts, weights_in
from nodes.sizes import by, size_of, whole
from nodes.training.shapes import GRID, TEXT_HEADS, denoiser_levels
from nodes.training_estimates import estimate_denoiser
from nodes.training_rules import multiples, review_multiples, review_width


def infer_diffusion(given: Inference) -> Mapping[str, Facts | Absent]:
    """Facts of the denoiser that comes out, and of what reads its tokens."""
    found: dict[str, Facts | Absent] = {"unet": {}}
    settings, tokens = given.settings, given.facts.get("tokens")
    if tokens is None:
        found["text_encoder"] = Absent("this denoiser is told nothing by cross-attention")
    elif tokens.get("told") == "vectors":
        found["text_encoder"] = Absent("this denoiser reads its tokens as they are")
    elif "told" in tokens and (width := _context_width(given)) is not None:
        found["text_encoder"] = {"width": width, "vector": "none", **_grid(tokens)}
    if unet := _denoiser(given):
        said = {"prediction": settings["objective"]} if settings["objective"] else {}
        found["unet"] = {**unet, **said}
    return found


def _denoiser(given: Inference) -> Facts:
    """Facts of the denoiser that comes out, but for what it predicts."""
    if "start" in given.facts:
        return _further(given, given.facts["start"])
    if not (shape := _shape(given)):
        return {}
    facts = {**unet_facts(shape, ScheduleConfig()), "weights": weights_in(unet_shapes(shape))}
    return {name: fact for name, fact in facts.items() if name != "prediction"}


def _further(given: Inference, start: Facts) -> Facts:
    """Of the one it starts from: its widths, whose weights and maps are nearly the new one's."""
    kept = ("c", "stride", "peak", "learning", "attending", "weights")
    found = {name: start[name] for name in kept if name in start}
    width = _context_width(given)
    if found and width is not None:
        found |= {"vector": "none", "betas": SCENE_BETAS, "width": width}
        if (more := _beside(given)) is not None:
            found["concat"] = concat_fact(more)
    return found


def _beside(given: Inference) -> int | None:
    """Channels beside the latent."""
    return whole(given.facts["beside"], "channels") if "beside" in given.facts else 0


def _grid(tokens: Facts) -> Facts:
    """What tells a reader of layouts from one of words."""
    return {"grid": GRID} if tokens.get("told") == "boxes" else {}


def _context_width(given: Inference) -> int | None:
    """Width of the tokens: 0 without any; as they come, as `start` reads them, or as it is set."""
    if "tokens" not in given.facts:
        return 0
    tokens, start = given.facts["tokens"], given.facts.get("start")
    known = whole(tokens, "width")
    if known is not None or tokens.get("told") in (None, "vectors"):
        return known
    if start is not None and "width" not in start:
        return None
    width: int | None = whole(start or {}, "width") or given.settings["context_width"]
    return width


def _shape(given: Inference) -> UNetConfig | None:
    """The UNet that will be trained, where all of it is known."""
    settings, channels = given.settings, whole(given.facts.get("latent", {}), "c")
    width, mult, places = settings["width"], settings["channel_mult"], settings["attention"]
    more, context = _beside(given), _context_width(given)
    if channels is None or more is None or None in (width, mult, places, context):
        return None
    try:
        levels, attention = multiples(mult), multiples(places, "attention")
        return denoiser_levels(channels + more, channels, width, levels, context or None, attention)
    except ValueError:
        return None


def review_diffusion(given: Inference) -> Iterator[Finding]:
    """Find shapes that cannot be built, and datasets that do not go together."""
    yield from review_multiples(given)
    yield from review_multiples(given, "attention", "2,4")
    yield from review_width(given, "width", 16, "the UNet's normalisation groups")
    yield from review_width(given, "context_width", TEXT_HEADS, "the text encoder's heads")
    size, beside = (size_of(given.facts.get(name, {})) for name in ("latent", "beside"))
    if size and beside and size != beside:
        yield Finding(
            f"`beside` has {by(beside)} cells but `latent` has {by(size)}",
            port="beside",
            got=by(beside),
            expected=by(size),
            fixes=(Fix("make both from one dataset with one first stage"),),
            code="sizes-differ",
        )
    stride = whole(_denoiser(given), "stride")
    if size and stride and (size[0] % stride or size[1] % stride):
        fewer = Fix("set channel_mult to 1,2", (Edit("", "channel_mult", "1,2"),))
        yield Finding(
            f"the latents have {by(size)} cells, but this UNet needs multiples of {stride}",
            port="latent",
            got=by(size),
            expected=f"multiples of {stride}",
            fixes=(
                Fix("make the pictures another size"),
                *(() if "start" in given.facts else (fewer,)),
            ),
            code="size-no-multiple",
        )


def estimate_diffusion(given: Inference, run: Settings) -> Estimate | None:
    """Memory and time of the training."""
    return estimate_denoiser(given, run, _denoiser(given))
