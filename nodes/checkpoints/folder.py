"""A model in a diffusers folder: `model_index.json` and a folder for each component.

Class names and file names are matched against exact lists; nothing in a config is ever run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from nodes.checkpoints.detection.checkpoint import Checkpoint, Note
from nodes.checkpoints.diffusers.autoencoder import diffusers_autoencoder_config
from nodes.checkpoints.diffusers.schedule import diffusers_schedule
from nodes.checkpoints.diffusers.text import diffusers_bert_config, transformers_text_config
from nodes.checkpoints.diffusers.unet import diffusers_unet_config
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, Header, TensorInfo, read_header
from nodes.checkpoints.layouts.diffusers_autoencoder import diffusers_autoencoder_map
from nodes.checkpoints.layouts.diffusers_unet import diffusers_unet_map
from nodes.checkpoints.layouts.transformers_text import diffusers_bert_map, transformers_text_map
from nodes.checkpoints.model_config import ModelConfig, PartName
from nodes.checkpoints.source import KeyMap, Source

INDEX = "model_index.json"
SCHEDULER = "scheduler/scheduler_config.json"
MAX_JSON_BYTES = 10_000_000


@dataclass(frozen=True)
class Component:
    """One folder of a pipeline.

    Attributes:
        folder: Its name.
        part: Which part of a model it is.
        config: From its config.json to a config of ours.
        names: From our config and the stored names to where each tensor is.
        weights: Possible names of its weights, the first that is there is taken.
    """

    folder: str
    part: PartName
    config: Callable[[object], Any]
    names: Callable[[Any, Collection[str]], KeyMap]
    weights: tuple[str, ...]


_DIFFUSERS = (
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "diffusion_pytorch_model.fp16.safetensors",
)
_TRANSFORMERS = ("model.safetensors", "model.safetensors.index.json", "model.fp16.safetensors")


def _bert_names(config: Any, stored: Collection[str]) -> KeyMap:
    del stored  # it has one spelling
    return diffusers_bert_map(config)


UNET = Component("unet", "unet", diffusers_unet_config, diffusers_unet_map, _DIFFUSERS)
STAGES = tuple(
    Component(
        name, "first_stage", diffusers_autoencoder_config, diffusers_autoencoder_map, _DIFFUSERS
    )
    for name in ("vae", "vqvae")
)
TEXT, TEXT_2 = "text_encoder", "text_encoder_2"
BERT = Component("bert", "bert", diffusers_bert_config, _bert_names, _TRANSFORMERS)


def _texts(index: Mapping[str, Any]) -> Iterator[Component]:
    """The text encoders; where there are two, both hand on the layer before their last."""
    both = bool(index.get(TEXT_2))
    read = partial(transformers_text_config, penultimate=both)
    yield Component(TEXT, "text", read, transformers_text_map, _TRANSFORMERS)
    if both:
        yield Component(TEXT_2, "text_2", read, transformers_text_map, _TRANSFORMERS)


def components(index: Mapping[str, Any]) -> list[Component]:
    """The components of a pipeline that are networks here."""
    known = (UNET, *STAGES, *_texts(index), BERT)
    return [component for component in known if index.get(component.folder)]


def files_beside(path: Path) -> list[str]:
    """Names of all files that a model in a folder is made of, beside its index.

    Raises:
        CheckpointError: One that must be there is not, or the index is none.
    """
    files = ModelFiles(path)
    index = _document(files, "")
    found = [SCHEDULER] if files.has(SCHEDULER) else []
    for component in components(index):
        found += [f"{component.folder}/config.json", *_weight_files(files, component)]
    return found


def read_folder(files: ModelFiles) -> tuple[Header, Checkpoint]:
    """Read the configs and headers of a model in a folder; no tensor is read.

    Raises:
        CheckpointError: It holds what is not run here, or does not hold together.
    """
    index = _document(files, "")
    configs: dict[str, Any] = {}
    maps: dict[PartName, KeyMap] = {}
    tensors: dict[str, TensorInfo] = {}
    for component in components(index):
        stored = dict(_tensors(files, component))
        config = component.config(_document(files, f"{component.folder}/config.json"))
        names = component.names(config, stored.keys())
        configs[component.part] = config
        maps[component.part] = _below(component.folder, names)
        tensors |= {f"{component.folder}/{name}": info for name, info in stored.items()}
    if not configs:
        raise CheckpointError(f"{files.name}: its {INDEX} names no network that is known here")
    schedule, notes = _schedule(files) if "unet" in configs else (None, ())
    config = ModelConfig(title=files.name, license="not said", schedule=schedule, **configs)
    used = {name for names in maps.values() for source in names.values() for name in source.names}
    unused = tuple(name for name in tensors if name not in used)
    family = f"{index.get('_class_name', 'a pipeline')} in a diffusers folder"
    return Header(tensors, {}), Checkpoint(config, maps, family, notes, unused)


def _schedule(files: ModelFiles) -> tuple[Any, tuple[Note, ...]]:
    schedule, facts = diffusers_schedule(_document(files, SCHEDULER))
    betas = f"{schedule.kind} {schedule.beta_start:g}..{schedule.beta_end:g}"
    values = {
        "prediction": schedule.prediction,
        "betas": betas,
        "sampler meant": facts.name,
        "spacing meant": facts.spacing,
        "zero terminal SNR": "yes" if facts.zero_terminal_snr else "no",
    }
    return schedule, tuple(Note(fact, value, SCHEDULER) for fact, value in values.items())


def _below(folder: str, names: KeyMap) -> dict[str, Source]:
    return {
        ours: source._replace(
            name=f"{folder}/{source.name}",
            joined=tuple(f"{folder}/{name}" for name in source.joined),
        )
        for ours, source in names.items()
    }


def _tensors(files: ModelFiles, component: Component) -> Iterator[tuple[str, TensorInfo]]:
    for name in _weight_files(files, component):
        if name.endswith(".safetensors"):
            for tensor, info in read_header(files.place(name)).tensors.items():
                yield tensor, info._replace(file=name)


def _weight_files(files: ModelFiles, component: Component) -> list[str]:
    """The weights of a component: one file, or an index and the files it names."""
    name = _chosen(files, component)
    if not name.endswith(".json"):
        return [name]
    shards = set(_document(files, name).get("weight_map", {}).values())
    wrong = [shard for shard in shards if not _is_plain(shard)]
    if wrong or not shards:
        raise CheckpointError(f"{files.name}: {name} names no safetensors files beside itself")
    return [name, *sorted(f"{component.folder}/{shard}" for shard in shards)]


def _chosen(files: ModelFiles, component: Component) -> str:
    for weights in component.weights:
        name = f"{component.folder}/{weights}"
        if files.has(name):
            return name
    raise CheckpointError(
        f"{files.name}: no weights for {component.folder!r}; looked for"
        f" {', '.join(component.weights)} in it (only safetensors are read)"
    )


def _is_plain(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.endswith(".safetensors")
        and PurePosixPath(name).name == name
        and "\\" not in name
    )


def _document(files: ModelFiles, name: str) -> dict[str, Any]:
    """Read a JSON object of bounded size."""
    place, shown = files.place(name), name or INDEX
    try:
        if place.stat().st_size > MAX_JSON_BYTES:
            raise CheckpointError(f"{files.name}: {shown} is too large for a config")
        document = json.loads(place.read_bytes())
    except OSError as error:
        said = f"{files.name}: {shown} cannot be read ({error.strerror})"
        raise CheckpointError(said) from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{files.name}: {shown} is not valid JSON ({error})") from error
    if not isinstance(document, dict):
        raise CheckpointError(f"{files.name}: {shown} is no JSON object")
    return document
