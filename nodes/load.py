"""LoadModel and SaveModel: model files to references, whose header alone is read, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

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
    Range,
    Stem,
    node,
)
from nodes.checkpoints.detection.checkpoint import Checkpoint
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import PICKLED, CheckpointError, Header
from nodes.checkpoints.model_config import PartName
from nodes.checkpoints.overrides import HeadsChoice, PredictionChoice, prediction_or, with_heads
from nodes.checkpoints.recognition import belonging, part_size, read_checkpoint
from nodes.model_card import tell_model
from nodes.model_facts import SCENE_BETAS, first_stage_facts, text_facts, unet_facts
from nodes.steer_values import Classifier
from nodes.values import Autoencoder, Judge, Segmenter, TextEncoder, UNet

SUFFIXES = (".safetensors", "model_index.json")
TEXT_PARTS: tuple[PartName, ...] = ("text", "text_2", "bert", "class_embedding")


def check_model(path: Path) -> None:
    """Refuse what is no model file; reads its header only.

    Raises:
        ValueError: With what was looked for and what was found.
    """
    try:
        read_checkpoint(path)
    except CheckpointError as error:
        raise ValueError(str(error)) from error


class Model(NamedTuple):
    """The networks of a model file."""

    autoencoder: Annotated[Autoencoder, Of(c="c", f="f")]
    unet: UNet
    text_encoder: TextEncoder
    judge: Judge
    segmenter: Segmenter
    classifier: Classifier


def model_facts(header: Header, checkpoint: Checkpoint) -> dict[str, Facts | Absent]:
    """What a model's header says about each of its networks; `Absent` where it has none."""
    config, maps = checkpoint.config, checkpoint.maps
    facts: dict[str, Facts | Absent] = {
        name: Absent(f"{config.title!r} holds {', '.join(config.parts)} but no {name}")
        for name in Model._fields
    }
    if stage := config.first_stage:
        weights = part_size(header, maps["first_stage"])
        facts["autoencoder"] = {**first_stage_facts(stage), "weights": weights}
    if config.unet and config.schedule:
        space = {"space": first_stage_facts(stage)["space"]} if stage else {}
        weights = part_size(header, maps["unet"])
        facts["unet"] = {**unet_facts(config.unet, config.schedule), **space, "weights": weights}
    if config.reads_text or config.class_embedding:
        read = [maps[part] for part in TEXT_PARTS if part in maps]
        weights = sum(part_size(header, sources) for sources in read)
        facts["text_encoder"] = {**text_facts(config), "weights": weights}
    if names := config.classifier:
        told = {"c": names.channels, "classes": len(names.names)}
        facts["classifier"] = {**told, "betas": SCENE_BETAS}
    for name in ("judge", "segmenter"):
        if getattr(config, name):
            facts[name] = {}
    return facts


def _infer(given: Inference) -> Mapping[str, Facts | Absent] | None:
    file = given.settings["model"]
    if file is None:
        return None
    header, checkpoint = read_checkpoint(file.path)
    found = model_facts(header, _overruled(checkpoint, given.settings))
    return {part: _told_by(ModelFiles(file.path).name, facts) for part, facts in found.items()}


def _told_by(name: str, facts: Facts | Absent) -> Facts | Absent:
    """Facts of a network with the name of its file, so that a fault can name it."""
    return facts if isinstance(facts, Absent) else {**facts, "file": name}


def _overruled(checkpoint: Checkpoint, settings: Mapping[str, Any]) -> Checkpoint:
    """What was detected, with what the person says instead; unknown settings overrule nothing."""
    config = checkpoint.config
    schedule, unet, stage = config.schedule, config.unet, config.first_stage
    if schedule and settings.get("prediction"):
        prediction = prediction_or(settings["prediction"], schedule.prediction)
        schedule = replace(schedule, prediction=prediction)
    if unet and settings.get("heads"):
        unet = with_heads(unet, settings["heads"])
    if stage and settings.get("scale_factor"):
        stage = replace(stage, scale_factor=settings["scale_factor"])
    changed = replace(config, schedule=schedule, unet=unet, first_stage=stage)
    return replace(checkpoint, config=changed)


@node("LoadModel", version=3, category="model", infer=_infer)
def load_model(
    model: Annotated[
        FileRef, File("models", SUFFIXES, check_model, belonging, tell_model, PICKLED)
    ],
    prediction: PredictionChoice = "as detected",
    heads: HeadsChoice = "as detected",
    scale_factor: Annotated[float, Range(ge=0, le=100, step=0.00001)] = 0.0,
) -> Model:
    """Refer to the networks of a model file; weights are read when a step needs them.

    A file that was saved here says all of itself. A published checkpoint is recognised by the names
    and shapes in its header (`python main.py --inspect FILE` shows what was found and why); what no
    shape tells can be overruled here.

    Args:
        model: A .safetensors file below the model folders, or the model_index.json of a folder.
        prediction: What the denoiser predicts: noise (eps), velocity (v) or the picture (x0).
        heads: How the denoiser's attention is divided.
        scale_factor: What latents are multiplied with; 0 takes what was detected.
    """
    given = {"prediction": prediction, "heads": heads, "scale_factor": scale_factor}
    config = _overruled(read_checkpoint(model.path)[1], given).config
    stage = config.first_stage
    shape = (stage.embed_dim, stage.factor) if stage else (0, 0)
    predicted = config.schedule.prediction if config.schedule else "eps"
    beside = tuple((file.name, file.sha256) for file in model.beside)
    return Model(
        autoencoder=Autoencoder(model.sha256, *shape, scale_factor=scale_factor, beside=beside),
        unet=UNet(model.sha256, predicted, heads, beside=beside),
        text_encoder=TextEncoder(model.sha256, beside=beside),
        judge=Judge(model.sha256, beside=beside),
        segmenter=Segmenter(model.sha256, beside=beside),
        classifier=Classifier(model.sha256, beside=beside),
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
    segmenter: Segmenter | None = None,
    classifier: Classifier | None = None,
    name: Annotated[str, Stem()] = "model",
) -> None:
    """Write the model file a network came from to the output folder.

    Args:
        autoencoder: A first stage ...
        unet: ... or a denoiser, whose file holds its text encoder too ...
        judge: ... or a judge ...
        segmenter: ... or a segmenter ...
        classifier: ... or a classifier of noisy latents; link exactly one of the five.
        name: File name without `.safetensors`.
    """
    linked = [part for part in (autoencoder, unet, judge, segmenter, classifier) if part]
    if len(linked) != 1:  # the others would be dropped without a word
        raise ValueError(f"{len(linked)} networks are linked; link exactly one")
    if linked[0].beside:
        raise ValueError("this model is in several files; only one that is in one file is saved")
    data = ctx.blob(linked[0].sha256).read_bytes()
    ctx.save(name, ".safetensors", data, numbered=False)
