from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.training.scenes import (
    BACKGROUNDS,
    COLOURS,
    SHAPES,
    Scene,
    render,
    replaced,
    sample_scene,
    without,
)

seeds = st.integers(0, 2**31 - 1)
quick = settings(deadline=None, max_examples=25)


def alone(scene: Scene, index: int) -> Scene:
    return replace(scene, objects=(scene.objects[index],))


@given(seeds)
@quick
def test_a_scene_has_the_same_bytes_alone_and_in_any_batch(seed: int) -> None:
    scenes = [sample_scene(seed + i) for i in range(3)]
    batch = render(scenes)
    other_way = render(scenes[::-1])
    single = render(scenes[1:2])
    assert torch.equal(batch.image[1], single.image[0])
    assert torch.equal(batch.image, other_way.image.flip(0))
    assert torch.equal(batch.segmentation[1], single.segmentation[0])


@pytest.mark.parametrize("size", [64, 128])
def test_pictures_are_float_in_range_and_maps_are_whole_numbers(size: int) -> None:
    batch = render([sample_scene(seed) for seed in range(12)], size)
    assert batch.image.shape == (12, 3, size, size)
    assert batch.image.dtype == torch.float32
    assert bool(batch.image.isfinite().all())
    assert 0 <= batch.image.min() < batch.image.max() <= 1
    assert batch.segmentation.dtype == batch.classes.dtype == torch.int64


@given(seeds)
@quick
def test_a_box_fits_what_is_seen_of_its_object_alone(seed: int) -> None:
    scene = sample_scene(seed)
    for index, thing in enumerate(scene.objects):
        ys, xs = render([alone(scene, index)]).segmentation[0].nonzero().T
        x0, y0, x1, y1 = thing.box
        # A cone's tip is thinner than a pixel: half of a pixel is covered only further down.
        top = 1.6 if thing.shape == "cone" else 1.0
        assert xs.min().item() == pytest.approx(x0, abs=1)
        assert ys.min().item() == pytest.approx(y0, abs=top)
        assert xs.max().item() + 1 == pytest.approx(x1, abs=1)
        assert ys.max().item() + 1 == pytest.approx(y1, abs=1)


@given(seeds)
@quick
def test_three_quarters_of_each_object_are_seen(seed: int) -> None:
    scene = sample_scene(seed)
    together = render([scene]).segmentation[0]
    for index in range(len(scene.objects)):
        own = render([alone(scene, index)]).segmentation[0] == 1
        seen = together == index + 1
        assert bool((own | ~seen).all())
        assert seen.sum() >= 0.75 * own.sum()


@given(seeds)
@quick
def test_the_class_map_names_the_object_of_each_segment(seed: int) -> None:
    scene = sample_scene(seed)
    batch = render([scene], 64)
    codes = [0] + [
        1 + 8 * SHAPES.index(thing.shape) + COLOURS.index(thing.colour) for thing in scene.objects
    ]
    assert torch.equal(batch.classes, torch.tensor(codes)[batch.segmentation])
    assert set(batch.segmentation.flatten().tolist()) == set(range(len(codes)))


def test_no_two_paints_look_alike() -> None:
    scene = replace(sample_scene(2, (1, 1)), background="stone")
    pictures = [replaced(scene, 0, colour=colour) for colour in COLOURS]
    batch = render(pictures)
    parts = zip(batch.image, batch.segmentation, strict=True)
    means = torch.stack([image[:, segment == 1].mean(1) for image, segment in parts])
    apart = torch.cdist(means, means) + torch.eye(len(COLOURS))
    assert apart.min() > 0.12


def test_taking_an_object_away_changes_its_place_and_little_else() -> None:
    scene = sample_scene(11, (2, 2))
    before, after = render([scene, without(scene, 0)]).image
    changed = (before - after).abs().amax(0) > 0.02
    x0, y0, x1, y1 = (round(edge) for edge in scene.objects[0].box)
    assert bool(changed[y0:y1, x0:x1].float().mean() > 0.4)
    assert changed.float().mean() < 0.5


def test_a_nearer_object_is_painted_over_a_farther_one() -> None:
    scene = sample_scene(0, (1, 1))
    thing = replace(scene.objects[0], shape="sphere", size="small", x=0.0, z=-1.0)
    behind = replace(thing, shape="cube", size="large", z=1.5)
    for things in ((thing, behind), (behind, thing)):
        segmentation = render([replace(scene, objects=things)]).segmentation[0]
        x0, y0, x1, y1 = thing.box
        middle = segmentation[round((y0 + y1) / 2), round((x0 + x1) / 2)]
        assert middle == 1 + things.index(thing)


def test_shadows_fall_away_from_the_light() -> None:
    scene = sample_scene(0, (1, 1))
    thing = replace(scene.objects[0], shape="cylinder", size="small", x=0.0, z=0.0)
    scene = replace(scene, objects=(thing,), background="stone", azimuth=1.4)
    picture, bare = render([scene, without(scene, 0)]).image
    darker = (bare - picture).mean(0)
    x0, _, x1, y1 = (round(edge) for edge in thing.box)
    foot = slice(y1 - 8, y1)
    left, right = darker[foot, x0 - 8 : x0 - 2].mean(), darker[foot, x1 + 2 : x1 + 8].mean()
    assert left > 0.1
    assert right < 0.3 * left


def test_an_object_in_the_shadow_of_another_is_darker() -> None:
    scene = replace(sample_scene(0, (1, 1)), background="stone", azimuth=1.5, elevation=0.5)
    thing = replace(scene.objects[0], shape="sphere", size="small", x=-0.8, z=0.0)
    caster = replace(thing, shape="cylinder", size="large", x=0.95)
    scene = replace(scene, objects=(thing, caster))
    shaded, lit = render([scene, alone(scene, 0)]).image
    x0, y0, x1, y1 = (round(edge) for edge in thing.box)
    inside = (slice(None), slice(y0 + 6, y1 - 6), slice(x0 + 6, x1 - 6))
    assert shaded[inside].mean() < lit[inside].mean() - 0.05


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_background_is_smooth_enough_for_a_small_autoencoder(background: str) -> None:
    scene = replace(without(sample_scene(0, (1, 1)), 0), background=background)
    picture = render([scene]).image
    coarse = torch.nn.functional.avg_pool2d(picture, 8)
    back = torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bicubic")
    assert -10 * (picture - back).square().mean().log10() > 33


def test_no_scenes_are_refused() -> None:
    with pytest.raises(ValueError, match="give at least one"):
        render([])
