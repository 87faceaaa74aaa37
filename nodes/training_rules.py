"""What the check says about training: whether the shapes, windows and examples go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.node import Edit, Estimate, Facts, Finding, Fix, Inference, Settings
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.denoise_rules import not_inpainting
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.model_facts import stage_shape_facts, unet_facts, weights_in
from nodes.sizes import by, nearest, size_of, whole
from nodes.training.shapes import TEXT_HEADS, first_stage_shape, inpainting_unet
from nodes.training_estimates import estimate_denoiser

_UNET_GROUPS = 32


def multiples(text: str, name: str = "channel_mult") -> tuple[int, ...]:
    """Read `1,2,3`.

    Raises:
        ValueError: When it is something else.
    """
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise ValueError(f"`{name}` is {text!r}; expected whole numbers like 1,2,3")
    return numbers


def infer_new_denoiser(given: Inference) -> Mapping[str, Facts]:
    """Facts of a denoiser of the shape that is set, and of its text encoder."""
    found: dict[str, Facts] = {"unet": {}, "text_encoder": {}}
    if shape := _unet_shape(given):
        found["unet"] = _facts_of(shape)
    if width := given.settings["context_width"]:
        found["text_encoder"] = {"width": width}
    return found


def review_new_denoiser(given: Inference) -> Iterator[Finding]:
    """Find shapes that cannot be built, and examples that such a network cannot halve."""
    yield from review_multiples(given)
    width, context = given.settings["width"], given.settings["context_width"]
    if width is not None and width % _UNET_GROUPS:
        yield _uneven("width", width, _UNET_GROUPS, "the UNet's normalisation groups")
    if context is not None and context % TEXT_HEADS:
        yield _uneven("context_width", context, TEXT_HEADS, "the text encoder's heads")
    if shape := _unet_shape(given):
        yield from _review_cells(given, shape.stride)


def estimate_new_denoiser(given: Inference, run: Settings) -> Estimate | None:
    """Memory and time of training a new denoiser."""
    shape = _unet_shape(given)
    return estimate_denoiser(given, run, _facts_of(shape), "examples") if shape else None


def _facts_of(shape: UNetConfig) -> Facts:
    return {**unet_facts(shape, ScheduleConfig()), "weights": weights_in(unet_shapes(shape))}


def infer_same_denoiser(given: Inference) -> Mapping[str, Facts]:
    """Facts of a denoiser that is trained further: its own."""
    unet = dict(given.facts.get("unet", {}))
    return {"unet": unet, "text_encoder": {k: unet[k] for k in ("width",) if k in unet}}


def review_same_denoiser(given: Inference) -> Iterator[Finding]:
    """Find a denoiser for another task, and examples that it cannot halve."""
    yield from not_inpainting(given)
    if stride := whole(given.facts.get("unet", {}), "stride"):
        yield from _review_cells(given, stride)


def estimate_same_denoiser(given: Inference, run: Settings) -> Estimate | None:
    """Memory and time of training one further."""
    return estimate_denoiser(given, run, given.facts.get("unet", {}), "examples")


def infer_first_stage(given: Inference) -> Mapping[str, Facts]:
    """Facts of a first stage of the shape that is set; its space shows when it is trained."""
    shape = stage_shape(given)
    return {"autoencoder": stage_shape_facts(shape) if shape else {}}


def review_first_stage(given: Inference) -> Iterator[Finding]:
    """Find widths that do not divide, and windows that do not fit into the scenes."""
    width = given.settings["width"]
    groups = min(16, width or 16)
    if width is not None and width % groups:
        yield _uneven("width", width, groups, "its normalisation groups")
    yield from _review_source(given)
    if shape := stage_shape(given):
        yield from _review_window(given, shape.factor)


def _review_source(given: Inference) -> Iterator[Finding]:
    """Find nothing to learn from, or two things."""
    linked = [name for name in ("scenes", "pictures") if name in given.facts]
    if len(linked) != 1:
        yield Finding(
            "link either `scenes` or `pictures`: what to learn from",
            port="scenes",
            got=" and ".join(linked) or "nothing",
            expected="one of them",
            fixes=(Fix("unlink `pictures`", (Edit("", "pictures"),)),)
            if linked
            else (Fix("link a DrawScenes to `scenes`"), Fix("link a LoadDataset to `pictures`")),
            code="missing-input",
        )


def review_decoder(given: Inference) -> Iterator[Finding]:
    """Find windows that do not fit into the scenes."""
    if factor := whole(given.facts.get("autoencoder", {}), "f"):
        yield from _review_window(given, factor)


def _unet_shape(given: Inference) -> UNetConfig | None:
    settings, channels = given.settings, whole(given.facts.get("examples", {}), "c")
    width, mult, context = (settings[k] for k in ("width", "channel_mult", "context_width"))
    if channels is None or None in (width, mult, context):
        return None
    try:
        return inpainting_unet(channels, width, multiples(mult), context)
    except ValueError:
        return None


def stage_shape(given: Inference) -> AutoencoderConfig | None:
    """The first stage that will be trained, where all of its shape is known."""
    names = ("channels", "levels", "width", "regularizer", "codes")
    channels, levels, width, regularizer, codes = (given.settings[name] for name in names)
    if None in (channels, levels, width, regularizer, codes):
        return None
    try:
        return first_stage_shape(channels, levels, width, codes if regularizer == "vq" else None)
    except ValueError:
        return None


def review_multiples(
    given: Inference, name: str = "channel_mult", instead: str = "1,2,3"
) -> Iterator[Finding]:
    """Find a setting that is no list of whole numbers."""
    text = given.settings[name]
    try:
        if text is not None:
            multiples(text, name)
    except ValueError as error:
        yield Finding(
            str(error),
            port=name,
            got=text,
            expected="whole numbers like 1,2,3",
            fixes=(Fix(f"set {name} to {instead}", (Edit("", name, instead),)),),
            code="wrong-value",
        )


def _review_cells(given: Inference, stride: int) -> Iterator[Finding]:
    size = size_of(given.facts.get("examples", {}))
    if size and (size[0] % stride or size[1] % stride):
        yield Finding(
            f"the examples have {by(size)} cells, but this UNet needs multiples of {stride}",
            port="examples",
            got=by(size),
            expected=f"multiples of {stride}",
            fixes=(Fix("draw the scenes at another size"),),
            code="size-no-multiple",
        )


def _review_window(given: Inference, factor: int) -> Iterator[Finding]:
    """Refuse windows that do not fit into the pictures or into whole latent cells."""
    source = "pictures" if "pictures" in given.facts else "scenes"
    crop, side = given.settings["crop"], whole(given.facts.get(source, {}), "h")
    if crop is None or side is None or (crop <= side and crop % factor == 0):
        return
    fitting = min(crop, side) // factor * factor
    yield Finding(
        f"`crop` is {crop}, but a window is a multiple of the factor {factor} up to {side}, the "
        f"size of the {source}",
        port="crop",
        got=str(crop),
        expected=f"a multiple of {factor} up to {side}",
        fixes=(Fix(f"set crop to {fitting}", (Edit("", "crop", fitting),)),) if fitting else (),
        code="size-no-multiple",
    )


def review_width(given: Inference, name: str, step: int, why: str) -> Iterator[Finding]:
    """Find a width that does not divide into what needs it."""
    value = given.settings[name]
    if value is not None and value % step:
        yield _uneven(name, value, step, why)


def _uneven(name: str, value: int, step: int, why: str) -> Finding:
    return Finding(
        f"`{name}` is {value}, which does not divide into {why}, {step}",
        port=name,
        got=str(value),
        expected=f"a multiple of {step}",
        fixes=tuple(
            Fix(f"set {name} to {near}", (Edit("", name, near),)) for near in nearest(value, step)
        ),
        code="size-no-multiple",
    )
