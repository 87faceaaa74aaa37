"""Captioned pictures drawn from a seed: shaded solids on a floor, with their labels."""

from nodes.training.scenes.caption import caption, phrase
from nodes.training.scenes.render import RenderedBatch, render
from nodes.training.scenes.scene import (
    HELD_OUT,
    Scene,
    SceneObject,
    replaced,
    sample_scene,
    without,
)
from nodes.training.scenes.vocabulary import BACKGROUNDS, COLOURS, SHAPES, SIZES, VOCABULARY

__all__ = [
    "BACKGROUNDS",
    "COLOURS",
    "HELD_OUT",
    "SHAPES",
    "SIZES",
    "VOCABULARY",
    "RenderedBatch",
    "Scene",
    "SceneObject",
    "caption",
    "phrase",
    "render",
    "replaced",
    "sample_scene",
    "without",
]
