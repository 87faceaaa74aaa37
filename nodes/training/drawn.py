"""A dataset of drawn scenes: pictures, label maps, captions, boxes and classes from one draw."""

from collections.abc import Callable

import torch

from nodes.dataset_values import Note, PictureSet, notes_bytes
from nodes.training.pool import to_bytes
from nodes.training.scenes import COLOURS, SHAPES, Scene, SceneObject, caption, render, sample_scene
from nodes.values import Scenes

CLASSES = tuple(f"{colour} {shape}" for shape in SHAPES for colour in COLOURS)
"""What an object can be called; label k + 1 of a label map is class k, label 0 the background."""

AT_ONCE = 32


def draw_dataset(scenes: Scenes, report: Callable[[int, int], None]) -> PictureSet:
    """Draw every scene of a run once."""
    side, count = scenes.size, scenes.count
    pictures = torch.empty(count, 3, side, side, dtype=torch.uint8)
    labels = torch.empty(count, side, side, dtype=torch.uint8)
    notes: list[Note] = []
    for start in range(0, count, AT_ONCE):
        stop = min(start + AT_ONCE, count)
        drawn = [sample_scene(scenes.seed + i, scenes.objects) for i in range(start, stop)]
        rendered = render(drawn, side)
        pictures[start:stop] = to_bytes(rendered.image)
        labels[start:stop] = rendered.classes.to(torch.uint8)
        notes += map(note_of, drawn)
        report(stop, count)
    return PictureSet(pictures, labels, notes_bytes(notes, CLASSES))


def note_of(scene: Scene) -> Note:
    """What is known of a scene; it belongs to the class of its object if it has only one."""
    names = [f"{thing.colour} {thing.shape}" for thing in scene.objects]
    boxes = tuple(_named(name, thing) for name, thing in zip(names, scene.objects, strict=True))
    return Note(caption(scene), boxes, names[0] if len(names) == 1 else "")


def _named(name: str, thing: SceneObject) -> tuple[str, float, float, float, float]:
    left, top, right, bottom = (round(side, 4) for side in thing.box_at(1))
    return name, left, top, right, bottom
