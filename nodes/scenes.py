"""Scenes: procedurally drawn pictures that come with their own words, boxes and masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Range, Seed, node
from nodes.sizes import sized
from nodes.values import Image, Mask, Scenes

Side = Annotated[int, Range(ge=32, le=512, step=32)]


class Scene(NamedTuple):
    """A drawn scene and a hole around one of its objects."""

    image: Image
    mask: Mask
    caption: str
    phrase: str


def _review_counts(given: Inference) -> Iterator[Finding]:
    """Find bounds the wrong way round."""
    fewest, most = given.settings["fewest"], given.settings["most"]
    if None not in (fewest, most) and fewest > most:
        yield Finding(
            f"`fewest` is {fewest} but `most` is {most}",
            port="fewest",
            got=str(fewest),
            expected=f"at most {most}",
            fixes=(Fix("swap them", (Edit("", "fewest", most), Edit("", "most", fewest))),),
            code="bounds-crossed",
        )


def _infer_scenes(given: Inference) -> Mapping[str, Facts]:
    side = given.settings["size"]
    return {"scenes": sized(side, side, given.settings["count"])}


@node(
    "DrawScenes",
    version=1,
    category="scenes",
    infer=_infer_scenes,
    review=_review_counts,
)
def draw_scenes(
    seed: Annotated[int, Seed()] = 0,
    count: Annotated[int, Range(ge=1, le=1_000_000, step=1)] = 16,
    size: Side = 128,
    fewest: Annotated[int, Range(ge=1, le=4, step=1)] = 1,
    most: Annotated[int, Range(ge=1, le=4, step=1)] = 4,
) -> Scenes:
    """Name a run of scenes by seed; they are drawn where they are used, so this costs nothing.

    Seeds from 2,000,000,000 up are held out: no training workflow here draws them.

    Args:
        seed: Seed of the first scene; scene i has seed + i.
        count: How many scenes.
        size: Side of a picture in pixels.
        fewest: Fewest objects in a scene.
        most: Most objects in a scene.
    """
    return Scenes(seed, count, size, (fewest, most))


def _infer_scene(given: Inference) -> Mapping[str, Facts]:
    side = given.settings["size"]
    return {"image": sized(side, side, 1), "mask": sized(side, side, 1)}


@node(
    "DrawScene",
    version=1,
    category="scenes",
    infer=_infer_scene,
    review=_review_counts,
)
def draw_scene(
    seed: Annotated[int, Seed()] = 2_000_000_000,
    size: Side = 128,
    fewest: Annotated[int, Range(ge=1, le=4, step=1)] = 1,
    most: Annotated[int, Range(ge=1, le=4, step=1)] = 4,
    thing: Annotated[int, Range(ge=0, le=3, step=1)] = 0,
    margin: Annotated[float, Range(ge=0, le=32, step=1)] = 6,
) -> Scene:
    """Draw one scene, with a hole around one of its objects.

    Args:
        seed: Seed of the scene.
        size: Side of the picture in pixels.
        fewest: Fewest objects.
        most: Most objects.
        thing: Which object the hole surrounds, counted from the left, 0 first.
        margin: Pixels the hole reaches beyond the object.
    """
    from nodes.training.holes import box_mask, widened
    from nodes.training.scenes import caption, phrase, render, sample_scene

    scene = sample_scene(seed, (fewest, most))
    index = min(thing, len(scene.objects) - 1)
    mask = box_mask(widened(scene.objects[index].box_at(size), margin), size)
    picture = render([scene], size).image
    return Scene(Image(picture), Mask(mask[None]), caption(scene), phrase(scene.objects[index]))


@node("RenderScenes", version=1, category="scenes")
def render_scenes(
    scenes: Annotated[Scenes, Of(h="h", w="w", n="n")], ctx: Context
) -> Annotated[Image, Of(h="h", w="w", n="n")]:
    """Draw every scene of a run as one batch of pictures.

    Args:
        scenes: At most a few hundred; each takes 3 H W floats.
    """
    from nodes.training.pool import draw_pool

    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects, ctx.progress)
    return Image(pool.images.float() / 255)
