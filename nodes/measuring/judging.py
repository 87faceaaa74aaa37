"""Is the judge fit to judge."""

from collections.abc import Callable

from nodes.ldm.judge import JudgeNetwork
from nodes.training.judge import labels_of, verdicts
from nodes.training.pool import draw_pool
from nodes.values import Scenes


def measure(
    network: JudgeNetwork, scenes: Scenes, report: Callable[[int, int], None]
) -> tuple[tuple[str, float], ...]:
    """Shares of objects named rightly over all objects of all scenes."""
    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects)
    device = next(network.parameters()).device
    objects = colour_right = shape_right = 0
    for index, scene in enumerate(pool.scenes):
        things = scene.objects
        x = pool.pictures(index, index + 1).to(device).expand(len(things), -1, -1, -1)
        boxes = [thing.box_at(scenes.size) for thing in things]
        colours, shapes = verdicts(network, x, boxes)
        true_colours, true_shapes = labels_of(things, network.config)
        objects += len(things)
        colour_right += int((colours.cpu() == true_colours).sum())
        shape_right += int((shapes.cpu() == true_shapes).sum())
        report(index + 1, len(pool))
    return (
        ("objects", float(objects)),
        ("colour right", colour_right / objects),
        ("shape right", shape_right / objects),
    )
