"""Put together what a file holds: its networks, where their tensors are, its family.

Names and shapes decide; what they cannot tell comes from the family's published config, and every
such fact is noted with its source, so that a person can see it and overrule it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nodes.checkpoints.detection.families import KL_F8_SCALE, XL_SCALE, Family, Found, family_of
from nodes.checkpoints.detection.first_stage import first_stage_config
from nodes.checkpoints.detection.fitting import check_fit
from nodes.checkpoints.detection.places import (
    EMA_NETWORK,
    EMA_PREFIX,
    FEWEST_EMA,
    FIRST_STAGES,
    TEXTS,
    UNETS,
    UNUSED,
    UNUSED_BEGINNINGS,
    UNUSED_ENDINGS,
    WRAPPERS,
    Place,
)
from nodes.checkpoints.detection.prediction import prediction_of
from nodes.checkpoints.detection.readers import READERS
from nodes.checkpoints.detection.refusals import other_kind
from nodes.checkpoints.detection.tensors import Tensors
from nodes.checkpoints.detection.unet import Heads, unet_config
from nodes.checkpoints.header import Header
from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.checkpoints.model_config import ModelConfig, PartName
from nodes.checkpoints.source import KeyMap, same_names
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.ldm.text_config import BertConfig, ClassConfig

"""Vocabulary of the model that reads boxes instead of words."""


@dataclass(frozen=True)
class Note:
    """A fact and who said so."""

    fact: str
    value: str
    source: str


@dataclass(frozen=True)
class Checkpoint:
    """What a model file holds.

    Attributes:
        config: Its networks.
        maps: Where the tensors of each network are.
        family: What it is, for people.
        notes: Facts with their sources.
        unused: Tensors that no network here needs.
    """

    config: ModelConfig
    maps: Mapping[PartName, KeyMap]
    family: str
    notes: tuple[Note, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass
class _Parts:
    """What has been found so far."""

    configs: dict[str, object] = field(default_factory=dict)
    maps: dict[PartName, KeyMap] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)


def detect(header: Header, name: str) -> Checkpoint:
    """Recognise a checkpoint that says nothing about itself.

    Args:
        header: Of the file.
        name: Of the file; a hint where nothing else tells.

    Raises:
        ValueError: It is of no known kind, with what it is instead or what was looked for.
    """
    shapes = {tensor: info.shape for tensor, info in header.tensors.items()}
    parts = _parts(shapes)
    if not parts.maps:
        raise ValueError(_nothing(shapes))
    family = _family(parts) if "unet" in parts.configs else None
    config, notes = _told(parts, family, header, name)
    maps, averaged = _averaged(parts.maps, shapes)
    unused = tuple(_unused(shapes, maps.values()))
    title = family.name if family else " and ".join(sorted(parts.kinds))
    return Checkpoint(config, maps, title, (*notes, *averaged), unused)


def _parts(shapes: Mapping[str, Shape]) -> _Parts:
    parts = _Parts()
    for wrapper in WRAPPERS:
        for places in (UNETS, FIRST_STAGES):
            place = next((p for p in places if wrapper + p.prefix + p.marker in shapes), None)
            if place and place.part not in parts.maps:
                _add_network(parts, place, Tensors(shapes, wrapper + place.prefix))
        for place in TEXTS:
            if wrapper + place.prefix + place.marker in shapes and place.part not in parts.maps:
                _add_text(parts, place, Tensors(shapes, wrapper + place.prefix))
    return parts


def _add_network(parts: _Parts, place: Place, tensors: Tensors) -> None:
    config: UNetConfig | AutoencoderConfig
    if place.part == "unet":
        config = unet_config(tensors, Heads(count=1))
        expected = unet_shapes(config)
    else:
        config = first_stage_config(tensors, 1.0)
        expected = autoencoder_shapes(config)
    _add(parts, place, config, expected, same_names(expected), tensors)


def _add_text(parts: _Parts, place: Place, tensors: Tensors) -> None:
    reader = READERS[place.kind]
    config = reader.config(tensors)
    _add(parts, place, config, reader.shapes(config), reader.names(config), tensors)


def _add(
    parts: _Parts,
    place: Place,
    config: object,
    expected: Mapping[str, Shape],
    names: KeyMap,
    tensors: Tensors,
) -> None:
    check_fit(expected, names, tensors)
    parts.configs[place.part] = config
    parts.kinds.add(place.kind)
    parts.maps[place.part] = {
        ours: source._replace(name=tensors.prefix + source.name) for ours, source in names.items()
    }


def _family(parts: _Parts) -> Family:
    configs = parts.configs
    bert, classes = configs.get("bert"), configs.get("class_embedding")
    unet, stage = configs["unet"], configs.get("first_stage")
    assert isinstance(unet, UNetConfig)  # noqa: S101 - what `_add_network` put there
    return family_of(
        Found(
            unet=unet,
            first_stage=stage if isinstance(stage, AutoencoderConfig) else None,
            text=frozenset(parts.kinds - {"unet", "first_stage"}),
            classes=classes.classes if isinstance(classes, ClassConfig) else 0,
            label_map="label_map" in configs,
            boxes=isinstance(bert, BertConfig) and bert.reads_boxes,
        )
    )


def _told(
    parts: _Parts, family: Family | None, header: Header, name: str
) -> tuple[ModelConfig, tuple[Note, ...]]:
    """The config with what the family or the name tells, and notes of where that came from."""
    configs, notes = dict(parts.configs), []
    published = "published with this family"
    schedule = None
    if family:
        unet = configs["unet"]
        assert isinstance(unet, UNetConfig)  # noqa: S101 - what `_add_network` put there
        heads = family.heads
        configs["unet"] = replace(unet, num_heads=heads.count, num_head_channels=heads.channels)
        prediction, source = prediction_of(family, header, name)
        kind, first, last = family.betas
        schedule = ScheduleConfig(kind=kind, beta_start=first, beta_end=last, prediction=prediction)
        notes += [
            Note("family", family.name, "names and shapes"),
            Note("prediction", prediction, source),
            Note("heads", _heads_text(heads), published),
            Note("betas", f"{kind} {first:g}..{last:g}", published),
        ]
    stage = configs.get("first_stage")
    if isinstance(stage, AutoencoderConfig):
        scale, source = (family.scale, published) if family else _scale_by_name(stage, name)
        configs["first_stage"] = replace(stage, scale_factor=scale)
        notes.append(Note("scale factor", f"{scale:g}", source))
    title = family.name if family else name
    config = ModelConfig(title=title, license="not said", schedule=schedule, **configs)  # type: ignore[arg-type]
    return config, tuple(notes)


def _heads_text(heads: Heads) -> str:
    return f"{heads.count} heads" if heads.count else f"heads of {heads.channels} channels"


def _scale_by_name(stage: AutoencoderConfig, name: str) -> tuple[float, str]:
    """A first stage alone: those of Stable Diffusion 1 and XL have the same shapes."""
    if stage.regularizer == "vq" or stage.embed_dim != 4:
        return 1.0, "nothing said; overrule it if latents need scaling"
    if "xl" in name.lower():
        return XL_SCALE, "the file's name holds xl"
    return KL_F8_SCALE, "the file's name does not hold xl, so that of Stable Diffusion 1 and 2"


def _averaged(
    maps: Mapping[PartName, KeyMap], shapes: Mapping[str, Shape]
) -> tuple[dict[PartName, KeyMap], tuple[Note, ...]]:
    """Take the averaged weights of the denoiser where the file has them: they draw better."""
    count = sum(name.startswith(EMA_PREFIX) for name in shapes)
    if "unet" not in maps or count <= FEWEST_EMA:
        return dict(maps), ()
    averaged = {
        ours: source._replace(name=EMA_PREFIX + (EMA_NETWORK + ours).replace(".", ""))
        for ours, source in maps["unet"].items()
    }
    if any(source.name not in shapes for source in averaged.values()):
        return dict(maps), (Note("weights", "as trained", "the averaged ones are not complete"),)
    note = Note("weights", "averaged (EMA)", f"{count} tensors below {EMA_PREFIX}")
    return {**maps, "unet": averaged}, (note,)


def _unused(shapes: Mapping[str, Shape], maps: Iterable[KeyMap]) -> Iterator[str]:
    used = {name for names in maps for source in names.values() for name in source.names}
    for name in shapes:
        if name not in used and not _is_known_leftover(name):
            yield name


def _is_known_leftover(name: str) -> bool:
    found = name in UNUSED or name.startswith(UNUSED_BEGINNINGS)
    return found or name.endswith(UNUSED_ENDINGS)


def _nothing(shapes: Mapping[str, Shape]) -> str:
    if other := other_kind(shapes):
        return f"this is {other.kind}; {other.remedy}"
    first = ", ".join(sorted(shapes)[:3]) or "no tensor at all"
    return (
        f"no network that is known here: looked for a UNet ({UNETS[0].prefix}{UNETS[0].marker}), a"
        f" first stage ({FIRST_STAGES[0].prefix}{FIRST_STAGES[0].marker}) and text encoders, found"
        f" {first}"
    )
