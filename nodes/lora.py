"""LoadLora: small changes to a model's weights, kept beside the reference until they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from engine.node import Facts, File, FileRef, Finding, Fix, Inference, Range, Told, node
from nodes.checkpoints.header import CheckpointError, read_header
from nodes.checkpoints.lora.facts import LoraFacts, lora_facts
from nodes.checkpoints.widths import family_of_width
from nodes.values import ModelPart, TextEncoder, UNet

SUFFIXES = (".safetensors",)
PartT = TypeVar("PartT", bound=ModelPart)


def read_lora(path: Path) -> LoraFacts:
    """Read what a LoRA file says about itself; its header alone.

    Raises:
        ValueError: It is no LoRA, with what it is instead.
    """
    try:
        return lora_facts(read_header(path))
    except CheckpointError as error:
        raise ValueError(str(error)) from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def check_lora(path: Path) -> None:
    """Refuse what is no LoRA.

    Raises:
        ValueError: As `read_lora`.
    """
    read_lora(path)


def tell_lora(path: Path) -> Iterator[Told]:
    """Tell what a LoRA file holds.

    Raises:
        ValueError: As `read_lora`.
    """
    facts = read_lora(path)
    low, high = facts.ranks
    header = "names and shapes"
    yield Told("file", f"{path.name}, {path.stat().st_size / 1e6:,.1f} MB")
    yield Told("kind", f"LoRA for {facts.family}", header)
    yield Told(
        "changes", f"{facts.unet} weights of the UNet, {facts.text} of text encoders", header
    )
    yield Told("rank", str(low) if low == high else f"{low} to {high}", header)
    yield Told("named as", f"{facts.form} names tensors", header)


class Patched(NamedTuple):
    """A denoiser and its text encoder with a LoRA added."""

    unet: UNet
    text_encoder: TextEncoder


def _infer(given: Inference) -> Mapping[str, Facts]:
    """What is known of the networks stays true; weights that it changes are copied."""
    file = given.settings["lora"]
    if file is None:
        return dict(given.facts)
    facts = read_lora(file.path)
    sizes = {"unet": facts.unet_numbers, "text_encoder": facts.text_numbers}
    return {
        port: {**known, **_copied(known, sizes.get(port, 0), file.path.name)}
        for port, known in given.facts.items()
    }


def _copied(known: Facts, numbers: int, name: str) -> Facts:
    """Several LoRAs mostly change the same weights, whose copy they share."""
    before = known.get("patched", 0)
    loras = f"{known['loras']}, {name}" if "loras" in known else name
    return {"patched": max(numbers, before if isinstance(before, int) else 0), "loras": loras}


def _review(given: Inference) -> Iterator[Finding]:
    """A LoRA is made for one family, whose denoiser reads contexts of one width."""
    file = given.settings["lora"]
    if file is None:
        return
    facts = read_lora(file.path)
    for port in Patched._fields:
        width = given.facts.get(port, {}).get("width")
        if facts.width is not None and width not in (None, facts.width):
            model = given.facts[port].get("file", "the model")
            family = family_of_width(width)
            yield Finding(
                f"{file.name} is a LoRA for {facts.family}, but {model} is of {family}",
                port=port,
                got=f"a context of width {width}",
                expected=f"{facts.family}: a context of width {facts.width}",
                fixes=(Fix(f"choose a LoRA for {family}"), Fix(f"load {facts.family}")),
                code="lora-family",
            )
            return


@node("LoadLora", version=1, category="model", infer=_infer, review=_review)
def load_lora(
    unet: UNet,
    text_encoder: TextEncoder,
    lora: Annotated[FileRef, File("models", SUFFIXES, check_lora, tell=tell_lora)],
    unet_strength: Annotated[float, Range(ge=-10, le=10, step=0.05)] = 1.0,
    text_strength: Annotated[float, Range(ge=-10, le=10, step=0.05)] = 1.0,
) -> Patched:
    """Add a LoRA to a model: W' = W + strength (alpha / r) B A  (Hu et al. 2021, Sec. 4.1).

    Nothing is read and the model stays as it is: the references that come out remember the LoRA,
    and weights are patched on a copy when a step needs them. Several are added one after another.

    Args:
        unet: The denoiser.
        text_encoder: Its text encoder.
        lora: A .safetensors file of kohya-ss, diffusers or peft, below the model folders.
        unet_strength: How much of it for the denoiser; 0 leaves it out, below 0 takes it away.
        text_strength: How much of it for the text encoder.
    """
    return Patched(
        unet=_with(unet, lora.sha256, unet_strength),
        text_encoder=_with(text_encoder, lora.sha256, text_strength),
    )


def _with(part: PartT, sha256: str, strength: float) -> PartT:
    if strength == 0:
        return part
    return replace(part, patches=(*part.patches, (sha256, float(strength))))
