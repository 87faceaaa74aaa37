"""LoadModel and SaveModel: model files to references, whose header alone is read, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from engine.node import (
    Absent,
    Context,
    Edit,
    Facts,
    File,
    FileRef,
    Finding,
    Fix,
    Inference,
    Of,
    Stem,
    node,
)
from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.model_config import ModelConfig, config_of, part_size, read_model_config
from nodes.model_facts import first_stage_facts, text_facts, unet_facts
from nodes.values import Autoencoder, Judge, TextEncoder, UNet

SUFFIXES = (".safetensors",)


def check_model(path: Path) -> None:
    """Refuse what is no model file; reads its header only.

    Raises:
        ValueError: With what was looked for and what was found.
    """
    try:
        read_model_config(path)
    except CheckpointError as error:
        raise ValueError(str(error)) from error


class Model(NamedTuple):
    """The networks of a model file."""

    autoencoder: Annotated[Autoencoder, Of(c="c", f="f")]
    unet: UNet
    text_encoder: TextEncoder
    judge: Judge


def model_facts(header: Header, config: ModelConfig) -> dict[str, Facts | Absent]:
    """What a model's header says about each of its networks; `Absent` where it has none."""
    facts: dict[str, Facts | Absent] = {
        name: Absent(f"{config.title!r} holds {', '.join(config.parts)} but no {name}")
        for name in Model._fields
    }
    if stage := config.first_stage:
        facts["autoencoder"] = {
            **first_stage_facts(stage),
            "weights": part_size(header, "first_stage"),
        }
    if config.unet and config.schedule:
        space = {"space": first_stage_facts(stage)["space"]} if stage else {}
        weights = part_size(header, "unet")
        facts["unet"] = {**unet_facts(config.unet, config.schedule), **space, "weights": weights}
    if config.text:
        facts["text_encoder"] = text_facts(config.text)
    if config.judge:
        facts["judge"] = {}
    return facts


def _infer(given: Inference) -> Mapping[str, Facts | Absent] | None:
    file = given.settings["model"]
    if file is None:
        return None
    header = read_header(file.path)
    return model_facts(header, config_of(header, file.path))


@node("LoadModel", version=1, category="model", infer=_infer)
def load_model(model: Annotated[FileRef, File("models", SUFFIXES, check_model)]) -> Model:
    """Refer to the networks of a model file; weights are read when a step needs them.

    Args:
        model: A .safetensors file below the model folders.
    """
    config = read_model_config(model.path)
    stage = config.first_stage
    return Model(
        autoencoder=Autoencoder(
            model.sha256, *((stage.embed_dim, stage.factor) if stage else (0, 0))
        ),
        unet=UNet(model.sha256, config.schedule.prediction if config.schedule else "eps"),
        text_encoder=TextEncoder(model.sha256),
        judge=Judge(model.sha256),
    )


def _review_save(given: Inference) -> Iterator[Finding]:
    linked = tuple(given.facts)
    if len(linked) != 1:
        others = tuple(Edit("", name) for name in linked[1:])
        text = f"keep {linked[0]} and unlink the others" if others else "link exactly one"
        yield Finding(
            f"{len(linked)} networks are linked, and a file is saved of exactly one",
            port=linked[-1] if linked else "",
            got=", ".join(linked) or "nothing",
            expected="one network",
            fixes=(Fix(text, others),),
            code="not-one-network",
        )


@node("SaveModel", version=1, category="model", effect=True, review=_review_save)
def save_model(
    ctx: Context,
    autoencoder: Autoencoder | None = None,
    unet: UNet | None = None,
    judge: Judge | None = None,
    name: Annotated[str, Stem()] = "model",
) -> None:
    """Write the model file a network came from to the output folder.

    Args:
        autoencoder: A first stage ...
        unet: ... or a denoiser, whose file holds its text encoder too ...
        judge: ... or a judge; link exactly one of the three.
        name: File name without `.safetensors`.
    """
    linked = [part for part in (autoencoder, unet, judge) if part is not None]
    if len(linked) != 1:  # the others would be dropped without a word
        raise ValueError(f"{len(linked)} networks are linked; link exactly one")
    data = ctx.blob(linked[0].sha256).read_bytes()
    ctx.save(name, ".safetensors", data, numbered=False)
