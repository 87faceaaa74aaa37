"""How each kind of text encoder is read: its config, its exact list, its names. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nodes.checkpoints.detection import text
from nodes.checkpoints.detection.tensors import Tensors
from nodes.checkpoints.layouts.bert import bert_shapes
from nodes.checkpoints.layouts.open_clip import open_clip_map
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.text import class_shapes, label_map_shapes, text_shapes
from nodes.checkpoints.source import KeyMap, same_names


@dataclass(frozen=True)
class Reader:
    """One kind.

    Attributes:
        config: Shapes in the file -> the config.
        shapes: Config -> shapes of our tensors.
        names: Config -> where they are stored, below the place's prefix.
    """

    config: Callable[[Tensors], Any]
    shapes: Callable[[Any], Mapping[str, Shape]]
    names: Callable[[Any], KeyMap]


def _as_ours(shapes: Callable[[Any], Mapping[str, Shape]]) -> Callable[[Any], KeyMap]:
    return lambda config: same_names(shapes(config))


_CLIP = Reader(text.clip_config, text_shapes, _as_ours(text_shapes))
_CLIP_G = Reader(
    partial(text.open_clip_config, final_norm=False, pooled=True), text_shapes, open_clip_map
)

READERS: dict[str, Reader] = {
    "clip": _CLIP,
    "clip_l": Reader(
        partial(text.clip_config, skip_layers=1, final_norm=False),
        text_shapes,
        _as_ours(text_shapes),
    ),
    "open_clip": Reader(text.open_clip_config, text_shapes, open_clip_map),
    "clip_g": _CLIP_G,
    "clip_g_only": _CLIP_G,
    "bert": Reader(text.bert_config, bert_shapes, _as_ours(bert_shapes)),
    "class": Reader(text.class_config, class_shapes, _as_ours(class_shapes)),
    "label_map": Reader(text.label_map_config, label_map_shapes, _as_ours(label_map_shapes)),
}
