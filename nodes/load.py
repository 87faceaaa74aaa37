"""LoadModel and SaveModel: model files to references, whose header alone is read, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from engine.node import Absent, Context, Fact, Facts, File, FileRef, Inference, Of, Stem, node
from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_config import ModelConfig, read_model_config
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.values import Autoencoder, Judge, TextEncoder, UNet, betas_fact

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


def model_facts(config: ModelConfig) -> dict[str, Facts | Absent]:
    """What a model's header says about each of its networks; `Absent` where it has none."""
    facts: dict[str, Facts | Absent] = {
        name: Absent(f"{config.title!r} holds {', '.join(config.parts)} but no {name}")
        for name in Model._fields
    }
    if stage := config.first_stage:
        facts["autoencoder"] = first_stage_facts(stage)
    if config.unet and config.schedule:
        space = {"space": first_stage_facts(stage)["space"]} if stage else {}
        facts["unet"] = {**unet_facts(config.unet, config.schedule), **space}
    if config.text:
        facts["text_encoder"] = {
            "width": config.text.width,
            "max_tokens": config.text.max_tokens,
            "words": " ".join(config.text.words),
        }
    if config.judge:
        facts["judge"] = {}
    return facts


def first_stage_facts(stage: AutoencoderConfig) -> dict[str, Fact]:
    """Channels, factor, kind and latent space of a first stage.

    Two first stages of one shape still speak different languages. The scale factor, measured on the
    latents of each (Rombach et al. 2022, App. G), tells them apart, and a refined decoder keeps it.
    """
    return {
        "c": stage.embed_dim,
        "f": stage.factor,
        "kind": stage.regularizer,
        "space": f"{stage.regularizer} scaled by {stage.scale_factor:.6g}",
    }


def unet_facts(unet: UNetConfig, table: ScheduleConfig) -> dict[str, Fact]:
    """Latent channels, context width, concat channels and betas of a denoiser."""
    beside = unet.in_channels - unet.out_channels
    return {
        "c": unet.out_channels,
        "width": unet.context_dim or 0,
        "concat": f"{beside} channels" if beside else "none",
        "stride": unet.stride,
        "prediction": table.prediction,
        "betas": betas_fact(table.kind, table.beta_start, table.beta_end, table.timesteps),
    }


def _infer(given: Inference) -> Mapping[str, Facts | Absent] | None:
    file = given.settings["model"]
    return None if file is None else model_facts(read_model_config(file.path))


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


def _infer_save(given: Inference) -> None:
    _require_one(len(given.facts))


def _require_one(networks: int) -> None:
    if networks != 1:
        raise ValueError(f"{networks} networks are linked; link exactly one")


@node("SaveModel", version=1, category="model", effect=True, infer=_infer_save)
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
    _require_one(len(linked))
    data = ctx.blob(linked[0].sha256).read_bytes()
    ctx.save(name, ".safetensors", data, numbered=False)
