"""What the check says about ControlNets at a denoiser: family, size of the hint, batches."""

from __future__ import annotations

from collections.abc import Iterator

from engine.node import Finding, Fix, Inference
from nodes.checkpoints.widths import family_of_width
from nodes.ldm.controlnet_config import HINT_FACTOR
from nodes.sizes import by, size_of


def review_control(given: Inference) -> Iterator[Finding]:
    """Find a control that cannot steer this denoiser, before any weight is read."""
    if "control" in given.facts:
        yield from _review_family(given)
        yield from _review_hint(given)


def _review_family(given: Inference) -> Iterator[Finding]:
    control, unet = given.facts["control"], given.facts.get("unet", {})
    wants, has = control.get("width"), unet.get("width")
    if wants is not None and has is not None and wants != has:
        theirs, ours = family_of_width(wants), family_of_width(has)
        net, model = control.get("file", "the ControlNet"), unet.get("file", "the model")
        yield Finding(
            f"{net} is a ControlNet for {theirs}, but {model} is {ours}",
            port="control",
            got=theirs,
            expected=ours,
            fixes=(
                Fix(f"load a ControlNet for {ours}"),
                Fix(f"load {theirs}"),
            ),
            code="control-family",
        )


def _review_hint(given: Inference) -> Iterator[Finding]:
    hint, cells = size_of(given.facts["control"]), size_of(given.facts.get("latent", {}))
    if hint and cells:
        wanted = (cells[0] * HINT_FACTOR, cells[1] * HINT_FACTOR)
        if hint != wanted:
            yield Finding(
                f"the hint of `control` is {by(hint)} pixels, but the latent stands for"
                f" {by(wanted)}",
                port="control",
                got=by(hint),
                expected=by(wanted),
                fixes=(Fix(f"make the hint {by(wanted)} pixels before ControlNetCondition"),),
                code="sizes-differ",
            )
