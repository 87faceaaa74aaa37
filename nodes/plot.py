"""Plots: several lines in one picture, and the figures of several measurements as a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Facts, Finding, Fix, Inference, Range, node
from nodes.plot_values import Series
from nodes.sizes import sized
from nodes.values import Image, Metrics


def _infer_plot(given: Inference) -> Mapping[str, Facts]:
    return {"image": sized(given.settings["width"], given.settings["height"], 1)}


@node("PlotSeries", version=1, category="measuring", infer=_infer_plot)
def plot_series(
    series: list[Series],
    title: str = "",
    log_across: bool = False,
    log_up: bool = False,
    width: Annotated[int, Range(ge=192, le=2048, step=64)] = 640,
    height: Annotated[int, Range(ge=160, le=2048, step=64)] = 360,
) -> Image:
    """Draw lines over one another, each with its own colour, its points and its name.

    Args:
        series: The lines; names of the axes are taken from the first.
        title: Heading.
        log_across: Space x by its logarithm; points of x at or below 0 are left out.
        log_up: Space y by its logarithm; points of y at or below 0 are left out.
        width: Pixels across.
        height: Pixels down.
    """
    from nodes.measuring.chart import draw_chart

    return Image(draw_chart(series, title, (log_across, log_up), (width, height)))


def _review_collect(given: Inference) -> Iterator[Finding]:
    for name in ("across", "up"):
        if given.settings[name] == "":
            yield Finding(
                f"`{name}` names no figure",
                port=name,
                got="nothing",
                expected="the name of a figure that every measurement has",
                fixes=(Fix("write it as the table of figures does"),),
                code="wrong-value",
            )


@node("CollectSeries", version=1, category="measuring", review=_review_collect)
def collect_series(
    metrics: list[Metrics],
    across: str = "factor f",
    up: str = "PSNR, dB",
    title: str = "",
    ratio: bool = False,
) -> Series:
    """Take one figure of each of several measurements as a line over another figure of them.

    Args:
        metrics: The measurements, in the order their points are joined.
        across: Name of the figure that is x.
        up: Name of the figure that is y.
        title: What the line is called; without one, as its figure is.
        ratio: Divide every y by the first.
    """
    pairs = [(_figure(part, across), _figure(part, up)) for part in metrics]
    if ratio and pairs[0][1] == 0:
        raise ValueError(f"{metrics[0].title}: {up!r} is 0, so nothing can be told as its ratio")
    base = pairs[0][1] if ratio else 1.0
    told = f"{up}, as a multiple of the first" if ratio else up
    return Series(title or up, across, told, tuple((x, y / base) for x, y in pairs))


def _figure(metrics: Metrics, name: str) -> float:
    figures = dict(metrics.figures)
    if name not in figures:
        raise ValueError(f"{metrics.title} has no figure {name!r}; it has {', '.join(figures)}")
    return figures[name]


@node("JoinMetrics", version=1, category="measuring")
def join_metrics(metrics: list[Metrics], title: str = "") -> Metrics:
    """Put the figures of several measurements of one thing together; of equal names the last stays.

    Args:
        metrics: The measurements.
        title: Heading; without one, that of the first.
    """
    figures = {name: value for part in metrics for name, value in part.figures}
    return Metrics(title or metrics[0].title, tuple(figures.items()))
