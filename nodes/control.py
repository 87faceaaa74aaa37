"""LoadControlNet and ControlNetCondition: a picture that says where things are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from engine.node import Edit, Facts, File, FileRef, Finding, Fix, Inference, Range, Told, node
from nodes.checkpoints.detection.controlnet import controlnet_config
from nodes.checkpoints.header import CheckpointError, read_header
from nodes.checkpoints.recognition import part_size
from nodes.checkpoints.widths import family_of_width
from nodes.control_values import Control, ControlNet, Hint
from nodes.ldm.controlnet_config import HINT_FACTOR, ControlNetConfig
from nodes.memory import waiting_floats
from nodes.sizes import largest_batch, picture_facts, size_of, sizes_differ
from nodes.values import Image

SUFFIXES = (".safetensors",)


def read_controlnet(path: Path) -> ControlNetConfig:
    """Read what a ControlNet's header says; no tensor is read.

    Raises:
        ValueError: It is no ControlNet, with what it is instead.
    """
    try:
        return controlnet_config(read_header(path))[0]
    except CheckpointError as error:
        raise ValueError(str(error)) from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def check_controlnet(path: Path) -> None:
    """Refuse what is no ControlNet.

    Raises:
        ValueError: As `read_controlnet`.
    """
    read_controlnet(path)


def tell_controlnet(path: Path) -> Iterator[Told]:
    """Tell what a ControlNet file holds.

    Raises:
        ValueError: As `read_controlnet`.
    """
    config = read_controlnet(path)
    width = config.unet.context_dim or 0
    yield Told("file", f"{path.name}, {path.stat().st_size / 1e6:,.1f} MB")
    yield Told("kind", f"ControlNet for {family_of_width(width)}", "names and shapes")
    yield Told("hint", f"{config.hint_channels} channels", "names and shapes")


def _infer_load(given: Inference) -> Mapping[str, Facts] | None:
    file = given.settings["controlnet"]
    if file is None:
        return None
    header = read_header(file.path)
    config, names = controlnet_config(header)
    told: Facts = {
        "width": config.unet.context_dim or 0,
        "file": file.path.name,
        "weights": part_size(header, names),
        "beside": int(2 * waiting_floats(config.unet)),
    }
    return {"control_net": told}


@node("LoadControlNet", version=1, category="model", infer=_infer_load)
def load_control_net(
    controlnet: Annotated[
        FileRef, File("models", SUFFIXES, check_controlnet, tell=tell_controlnet)
    ],
) -> ControlNet:
    """Refer to a ControlNet; its weights are read when a step needs them.

    Args:
        controlnet: A .safetensors file in the published layout or in that of diffusers.
    """
    return ControlNet(controlnet.sha256)


def _infer(given: Inference) -> Mapping[str, Facts]:
    net = given.facts.get("control_net", {})
    size = picture_facts(size_of(given.facts.get("hint", {})), None)
    batch = largest_batch(given, "hint", "control")
    told = {name: net[name] for name in ("width", "file", "beside") if name in net}
    before = given.facts.get("control", {}).get("weights", 0)
    both = (before, net.get("weights"))
    weights = sum(n for n in both if isinstance(n, int)) if None not in both else None
    known = {name: n for name, n in (("n", batch), ("weights", weights)) if n}
    return {"control": {**told, **size, **known}}


def _review(given: Inference) -> Iterator[Finding]:
    start, end = given.settings["start"], given.settings["end"]
    if start is not None and end is not None and start >= end:
        yield Finding(
            f"it starts at {start:g} of the way and ends at {end:g}, so it never counts",
            port="start",
            got=f"{start:g}",
            expected=f"less than {end:g}",
            fixes=(Fix("count from the beginning", (Edit("", "start", 0.0),)),),
            severity="warning",
            code="setting-ignored",
        )
    yield from sizes_differ(given, "hint", "control")
    one, other = (given.facts.get(port, {}) for port in ("control_net", "control"))
    if None not in (one.get("width"), other.get("width")) and one["width"] != other["width"]:
        yield Finding(
            f"{one.get('file', 'this ControlNet')} is for {family_of_width(one['width'])}, but"
            f" {other.get('file', 'the one before')} is for {family_of_width(other['width'])}",
            port="control",
            got=family_of_width(other["width"]),
            expected=family_of_width(one["width"]),
            fixes=(Fix("load ControlNets of one family"),),
            code="control-family",
        )


@node("ControlNetCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def control_net_condition(
    control_net: ControlNet,
    hint: Image,
    strength: Annotated[float, Range(ge=0, le=10, step=0.05)] = 1.0,
    start: Annotated[float, Range(ge=0, le=1, step=0.05)] = 0.0,
    end: Annotated[float, Range(ge=0, le=1, step=0.05)] = 1.0,
    control: Control | None = None,
) -> Control:
    """Show a ControlNet a picture: edges, a pose, depths  (Zhang et al. 2023, arXiv:2302.05543).

    Args:
        control_net: The network; it must be of the denoiser's family.
        hint: The picture in the form the ControlNet was trained on, as large as the result.
        strength: What its output is multiplied with.
        start: Share of the way from noise to picture from which it counts; counted in timesteps,
            so that it does not depend on the number of steps.
        end: Share of the way after which it does not count any more.
        control: Another control that steers together with this one.
    """
    height, width = hint.data.shape[-2:]
    if height % HINT_FACTOR or width % HINT_FACTOR:
        raise ValueError(
            f"the hint is {width} x {height}, but its sides must be multiples of {HINT_FACTOR}"
        )
    before = () if control is None else control.hints
    return Control((*before, Hint(control_net.sha256, hint.data, strength, start, end)))
