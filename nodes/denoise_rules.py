"""What the check says about the inputs of UNetDenoise: guidance, concat, sizes, batches, memory."""

from __future__ import annotations

from collections.abc import Iterator

from engine.node import Edit, Finding, Fix, Inference
from nodes.control_rules import review_control
from nodes.memory import review_denoising
from nodes.model_facts import concat_fact
from nodes.previews import review_preview
from nodes.sampling_rules import review_sampling
from nodes.sizes import by, mask_differs, nearest, nearest_sizes, size_of, whole


def review(given: Inference) -> Iterator[Finding]:
    """Find what is wrong or doubtful about the inputs of UNetDenoise."""
    yield from review_told(given)
    yield from mask_differs(given)
    yield from _review_second_part(given)
    yield from review_control(given)
    yield from review_sampling(given)
    yield from review_preview(given)


def review_told(given: Inference) -> Iterator[Finding]:
    """Find what is wrong or doubtful about a latent, and what its denoiser is told beside it."""
    yield from _review_guidance(given)
    yield from _review_cond(given)
    yield from _review_vector(given)
    yield from _review_concat(given)
    yield from _review_size(given)
    yield from _review_concat_size(given)
    yield from _review_steer_size(given)
    yield from _review_batches(given)
    yield from _review_tile(given)
    yield from review_denoising(given)


def _review_guidance(given: Inference) -> Iterator[Finding]:
    guidance = given.settings["guidance"]
    if guidance is not None and guidance != 1 and "uncond" not in given.facts:
        yield Finding(
            f"guidance is {guidance:g} but `uncond` is not linked",
            port="uncond",
            got="nothing",
            expected="what guidance points away from",
            fixes=(
                Fix("link a CrossAttnCondition with an empty (or negative) prompt"),
                Fix("set guidance to 1", (Edit("", "guidance", 1.0),)),
            ),
            code="missing-input",
        )


def _review_cond(given: Inference) -> Iterator[Finding]:
    """A model that reads tokens needs some; one that reads none is refused them by their width."""
    if whole(given.facts.get("unet", {}), "width") and "cond" not in given.facts:
        yield Finding(
            "this UNet is told what to draw but `cond` is not linked",
            port="cond",
            got="nothing",
            expected="what to draw",
            fixes=(Fix("link a CrossAttnCondition, or what else its text encoder reads"),),
            code="missing-input",
        )


def _review_vector(given: Inference) -> Iterator[Finding]:
    """What the UNet is told beside the tokens: nothing, or pooled text and sizes."""
    expects = given.facts.get("unet", {}).get("vector")
    for name in ("cond", "uncond"):
        carried = given.facts.get(name, {}).get("vector")
        got = f"a vector of {carried}" if isinstance(carried, int) else carried
        of_classes = carried == 1 and str(expects).endswith("classes")
        if expects is None or got is None or got == expects or of_classes:
            continue
        told = "nothing but tokens" if expects == "none" else expects
        sizes = "put a SizeCondition before it"
        other = "link one made with this model's text encoder"
        yield Finding(
            f"this UNet is told {told}, but `{name}` carries {got}",
            port=name,
            got=str(got),
            expected=str(expects),
            fixes=(Fix(other if "none" in (expects, got) else sizes),),
            code="vector-differs",
        )
        return


def _review_concat(given: Inference) -> Iterator[Finding]:
    expects = given.facts.get("unet", {}).get("concat")
    linked = "concat" in given.facts
    if expects == "none" and linked:
        yield Finding(
            "this UNet takes no concat conditioning but `concat` is linked",
            port="concat",
            got="a link",
            expected="none, or an inpainting model",
            fixes=(Fix("unlink it", (Edit("", "concat"),)), Fix("load an inpainting model")),
            code="concat-unexpected",
        )
    elif expects not in (None, "none") and not linked:
        yield Finding(
            f"this UNet expects {expects} beside the latent",
            port="concat",
            got="nothing",
            expected=str(expects),
            fixes=(Fix("link `concat` to a ConcatCondition, or what else the model was taught"),),
            code="concat-missing",
        )
    elif linked and expects is not None:
        concat = given.facts.get("concat", {})
        beside, same = concat.get("channels"), concat.get("c") == given.facts["unet"].get("c")
        if beside is not None and same and expects != f"{beside} channels":
            yield Finding(
                f"this UNet expects {expects} beside the latent, not {beside}",
                port="concat",
                got=f"{beside} channels",
                expected=str(expects),
                fixes=(Fix("link a ConcatCondition made with this model's autoencoder"),),
                code="concat-channels",
            )


def _review_size(given: Inference) -> Iterator[Finding]:
    """Cells that the UNet's levels cannot halve; the picture has to be another size."""
    latent, stride = given.facts.get("latent", {}), whole(given.facts.get("unet", {}), "stride")
    size = size_of(latent)
    if size and stride and (size[0] % stride or size[1] % stride):
        factor = whole(latent, "f") or 1
        near = (by((w * factor, h * factor)) for w, h in nearest_sizes(size, stride))
        unit = "pixels" if factor > 1 else "cells"
        yield Finding(
            f"the latent has {by(size)} cells, but this UNet needs multiples of {stride}",
            port="latent",
            got=by(size),
            expected=f"multiples of {stride}",
            fixes=tuple(Fix(f"make the picture {other} {unit}") for other in near),
            code="size-no-multiple",
        )


def _review_concat_size(given: Inference) -> Iterator[Finding]:
    size, beside = (size_of(given.facts.get(name, {})) for name in ("latent", "concat"))
    if size and beside and size != beside:
        yield Finding(
            f"`concat` has {by(beside)} cells but `latent` has {by(size)}",
            port="concat",
            got=by(beside),
            expected=by(size),
            fixes=(Fix("make both from pictures of one size"),),
            code="sizes-differ",
        )


def _review_steer_size(given: Inference) -> Iterator[Finding]:
    """Find a picture to steer to that is not as large as what is drawn."""
    steer, latent = given.facts.get("steer", {}), given.facts.get("latent", {})
    size, cells, factor = size_of(steer), size_of(latent), whole(latent, "f")
    if size and cells and factor and size != (cells[0] * factor, cells[1] * factor):
        wanted = by((cells[0] * factor, cells[1] * factor))
        yield Finding(
            f"the picture of `steer` is {by(size)} pixels, but the latent stands for {wanted}",
            port="steer",
            got=by(size),
            expected=wanted,
            fixes=(Fix(f"make the picture {wanted} before PictureGuidance"),),
            code="sizes-differ",
        )


def _review_batches(given: Inference) -> Iterator[Finding]:
    for name in ("cond", "uncond", "concat", "mask", "control", "steer"):
        size, batch = given.facts.get(name, {}).get("n"), given.facts.get("latent", {}).get("n")
        if size is not None and batch is not None and size not in (1, batch):
            yield Finding(
                f"`{name}` is a batch of {size} but `latent` is a batch of {batch}",
                port=name,
                got=str(size),
                expected=f"{batch}, or a single one",
                fixes=(Fix("link one of the same size, or a single one"),),
                code="batches-differ",
            )


def not_inpainting(given: Inference) -> Iterator[Finding]:
    """Find a denoiser that does not see mask and masked latent, where one that does is needed."""
    unet = given.facts.get("unet", {})
    channels, expects = whole(unet, "c"), unet.get("concat")
    if channels and expects is not None and expects != concat_fact(channels + 1):
        yield Finding(
            f"this UNet expects {expects} beside the latent, but filling holes needs "
            f"{channels + 1}: mask and masked latent",
            port="unet",
            got=str(expects),
            expected=concat_fact(channels + 1),
            fixes=(Fix("load an inpainting model"),),
            code="concat-channels",
        )


def _review_second_part(given: Inference) -> Iterator[Finding]:
    """What is kept is the latent itself, which a second part gets with noise in it."""
    first = given.facts.get("schedule", {}).get("first")
    if first and "mask" in given.facts:
        yield Finding(
            "`mask` keeps parts of the latent, but the second part of a walk gets it with noise",
            port="mask",
            got=f"a walk from step {first} on",
            expected="a whole walk, or its first part",
            fixes=(Fix("unlink it", (Edit("", "mask"),)), Fix("do not split the walk")),
            code="mask-in-second-part",
        )


def _review_tile(given: Inference) -> Iterator[Finding]:
    """Windows that the UNet's levels cannot halve."""
    tile, stride = given.settings["tile"], whole(given.facts.get("unet", {}), "stride")
    if tile and stride and tile % stride:
        yield Finding(
            f"`tile` is {tile} cells, but this UNet needs multiples of {stride}",
            port="tile",
            got=str(tile),
            expected=f"a multiple of {stride}",
            fixes=tuple(
                Fix(f"set tile to {near}", (Edit("", "tile", near),))
                for near in nearest(tile, stride)
            ),
            code="size-no-multiple",
        )
