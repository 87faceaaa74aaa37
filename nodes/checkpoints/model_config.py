"""What a model file says about itself: which networks it holds, their shapes, licence, training.

Loads without torch. It is kept as JSON under the one metadata key `latentgraph` of a safetensors
file; one key, because the order of several is not defined and equal models should be equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.records import from_document
from nodes.ldm.classifier_config import ClassifierConfig
from nodes.ldm.config import (
    AutoencoderConfig,
    JudgeConfig,
    ScheduleConfig,
    SegmenterConfig,
    UNetConfig,
)
from nodes.ldm.text_config import BertConfig, ClassConfig, LabelMapConfig, TextEncoderConfig

FORMAT = "latentgraph-model/1"
METADATA_KEY = "latentgraph"

PartName = Literal[
    "first_stage",
    "unet",
    "text",
    "text_2",
    "bert",
    "class_embedding",
    "label_map",
    "judge",
    "segmenter",
    "classifier",
]
PREFIXES: dict[PartName, str] = {
    "first_stage": "first_stage_model.",
    "unet": "model.diffusion_model.",
    "text": "cond_stage_model.transformer.text_model.",
    "text_2": "cond_stage_model_2.transformer.text_model.",
    "bert": "cond_stage_model.bert.",
    "class_embedding": "cond_stage_model.class_embedding.",
    "label_map": "cond_stage_model.label_map.",
    "judge": "judge.",
    "segmenter": "segmenter.",
    "classifier": "classifier.",
}
"""Where each network's tensors are in a file saved here."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Description of a model file.

    Attributes:
        title: A name for people.
        license: An SPDX identifier, or a sentence.
        first_stage: Shape of the autoencoder, with its scale factor; None when it is not inside.
        unet: Shape of the denoiser; None when it is not inside.
        text: Shape and vocabulary of the text encoder; None when it is not inside.
        text_2: A second one, whose tokens stand beside the first's (Stable Diffusion XL).
        bert: The text encoder of the paper's own text models.
        class_embedding: A token for each class.
        label_map: From label maps to channels beside the latent.
        judge: Shape and classes of the classifier that measures; None when it is not inside.
        segmenter: Shape of the network that labels every pixel, used to measure.
        classifier: Shape and classes of the classifier of noisy latents, which steers denoisers.
        schedule: Noise levels the denoiser was trained on; None without a denoiser.
        training: Whatever should be known of how it was made; not interpreted.
    """

    title: str
    license: str
    first_stage: AutoencoderConfig | None = None
    unet: UNetConfig | None = None
    text: TextEncoderConfig | None = None
    text_2: TextEncoderConfig | None = None
    bert: BertConfig | None = None
    class_embedding: ClassConfig | None = None
    label_map: LabelMapConfig | None = None
    judge: JudgeConfig | None = None
    segmenter: SegmenterConfig | None = None
    classifier: ClassifierConfig | None = None
    schedule: ScheduleConfig | None = None
    training: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("it describes no network")
        if (self.unet is None) != (self.schedule is None):
            raise ValueError("a unet and its schedule must be given together")

    @property
    def parts(self) -> tuple[PartName, ...]:
        """Names of the networks the file holds."""
        return tuple(name for name in PREFIXES if getattr(self, name) is not None)

    @property
    def reads_text(self) -> bool:
        """Whether a text encoder is inside, of whatever kind."""
        return self.text is not None or self.bert is not None

    def to_metadata(self) -> dict[str, str]:
        """Return the safetensors metadata; equal configs give equal text."""
        document = {"format": FORMAT, **asdict(self)}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return {METADATA_KEY: text}


def read_model_config(path: Path) -> ModelConfig:
    """Read a model file's description from its header, loading no tensor.

    Raises:
        CheckpointError: The file is no model file, or its description does not hold together.
    """
    return config_of(read_header(path), path)


def config_of(header: Header, path: Path) -> ModelConfig:
    """Return the description in a header that was read from `path`.

    Raises:
        CheckpointError: As `read_model_config`.
    """
    try:
        config = _from_metadata(header.metadata)
        _check_names(header, config)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error
    return config


def _from_metadata(metadata: Mapping[str, str]) -> ModelConfig:
    if METADATA_KEY not in metadata:
        raise ValueError(
            f"no {METADATA_KEY!r} entry in its metadata, so its networks are not known;"
            " choose a model file that was saved by Latentgraph"
        )
    document = json.loads(metadata[METADATA_KEY])
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise ValueError(f"its description is not of the format {FORMAT!r}, which is read here")
    return from_document(ModelConfig, document, "model")


def _check_names(header: Header, config: ModelConfig) -> None:
    prefixes = tuple(PREFIXES[part] for part in config.parts)
    for name in header.tensors:
        if not name.startswith(prefixes):
            raise ValueError(f"tensor {name!r} belongs to none of {', '.join(config.parts)}")
