"""A training curve as a picture."""

import math
from collections.abc import Sequence

import torch
from PIL import Image as Pillow
from PIL import ImageDraw
from torch import Tensor

from nodes.values import Curve

INK, FAINT, LINE, PAPER = "#30343b", "#d8dce2", "#c2410c", "#ffffff"
MARGIN = (56, 36, 16, 32)  # left, top, right, bottom


def draw_curve(curve: Curve, width: int, height: int) -> Tensor:
    """Losses over steps, logarithmic, dots for steps and a line for the running mean: 1 3 H W."""
    picture = Pillow.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    steps = [step for step, loss in enumerate(curve.losses) if math.isfinite(loss)]
    if not steps:
        raise ValueError(f"no loss of {curve.title!r} is finite; train again with a smaller `lr`")
    logs = [math.log10(max(curve.losses[step], 1e-12)) for step in steps]
    count, low, high = len(curve.losses), min(logs), max(logs)
    high = high if high > low else low + 1
    left, top, right, bottom = MARGIN

    def place(step: int, log: float) -> tuple[float, float]:
        across = left + (width - left - right) * step / max(1, count - 1)
        return across, top + (height - top - bottom) * (high - log) / (high - low)

    for tick in range(5):
        log = low + (high - low) * tick / 4
        x, y = place(0, log)
        draw.line([(x, y), (width - right, y)], FAINT)
        draw.text((8, y - 6), f"{10**log:.3g}", INK)
    draw.text((left, 10), f"{curve.title}: loss over {count} steps", INK)
    draw.text((left, height - 20), "1", INK)
    draw.text((width - right - 40, height - 20), str(count), INK)
    draw.point([place(step, log) for step, log in zip(steps, logs, strict=True)], FAINT)
    means = running_mean(logs, count // 50 + 1)
    smooth = [place(step, log) for step, log in zip(steps, means, strict=True)]
    draw.line(smooth if len(smooth) > 1 else smooth * 2, LINE, 2)
    data = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return data.reshape(height, width, 3).permute(2, 0, 1)[None].float() / 255


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """Mean of the last `window` values at each place."""
    means = []
    total = 0.0
    for index, value in enumerate(values):
        total += value - (values[index - window] if index >= window else 0.0)
        means.append(total / min(index + 1, window))
    return means
