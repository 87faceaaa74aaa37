"""What is in drawn samples: figures for each task of the family, from a segmenter's labels.

Every figure is taken for the real pictures too, by the same network, so that its own mistakes show
as the ceiling.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.dataset_values import Note, PictureSet
from nodes.ldm.pictures import grey
from nodes.ldm.segmenter import SegmenterNetwork
from nodes.measuring.colours import mean_colour, shared
from nodes.measuring.objects import asked_and_found, objects_in
from nodes.measuring.quality import psnr, ssim
from nodes.training.told import shrunk

Figures = tuple[tuple[str, float], ...]
SMALLEST = 24
"""Pixels of a label that count as an object."""


class Seen:
    """Samples and the truth beside them, as the segmenter sees both.

    Args:
        network: The segmenter.
        samples: Drawn pictures, B 3 H W in [0, 1].
        pictures: The dataset whose first B pictures they belong to.
    """

    def __init__(self, network: SegmenterNetwork, samples: Tensor, pictures: PictureSet) -> None:
        self.network = network
        count = len(samples)
        notes, self.names = pictures.read_notes()
        self.notes: Sequence[Note] = notes[:count]
        self.samples = samples
        self.real = pictures.pictures[:count].float() / 255
        self.truth = None if pictures.labels is None else pictures.labels[:count].long()
        self.found, self.features = _look(network, samples)
        self.real_found, self.real_features = _look(network, self.real)


def _look(network: SegmenterNetwork, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Labels B H W and features B D of pictures."""
    device = next(network.parameters()).device
    parts = [part.to(device) * 2 - 1 for part in torch.split(pictures, 16)]
    labels = torch.cat([network(part).argmax(1).cpu() for part in parts])
    return labels, torch.cat([network.features(part).cpu() for part in parts])


def class_figures(seen: Seen) -> Figures:
    """Share of pictures whose largest object is of the class they were asked for."""
    wanted = [seen.names.index(note.kind) + 1 for note in seen.notes]
    right, real = (
        fmean(float(_largest(found) == label) for found, label in zip(maps, wanted, strict=True))
        for maps in (seen.found, seen.real_found)
    )
    return (("class right", right), ("class right, real pictures", real))


def _largest(found: Tensor) -> int:
    """The label with most pixels but the background; 0 if there is none."""
    counts = torch.bincount(found.flatten(), minlength=2)
    counts[0] = 0
    return int(counts.argmax()) if counts.max() >= SMALLEST else 0


def layout_figures(seen: Seen) -> Figures:
    """Share of asked boxes that hold their class, and how far the object's own box agrees."""
    rows = []
    for name, maps in (("", seen.found), (", real pictures", seen.real_found)):
        right, overlaps = [], []
        for found, note in zip(maps, seen.notes, strict=True):
            for label, *box in note.boxes:
                held, overlap = _in_box(found, seen.names.index(label) + 1, box)
                right.append(held)
                overlaps.append(overlap)
        rows += [(f"class right in its box{name}", fmean(right))]
        rows += [(f"IoU of boxes{name}", fmean(overlaps))]
    return tuple(rows)


def _in_box(found: Tensor, label: int, box: Sequence[float]) -> tuple[float, float]:
    """Whether a label is the commonest object in a box, and the IoU with the label's own box."""
    height, width = found.shape
    left, right = (round(side * width) for side in (box[0], box[2]))
    top, bottom = (round(side * height) for side in (box[1], box[3]))
    inside = found[top:bottom, left:right]
    ys, xs = (found == label).nonzero(as_tuple=True)
    if len(ys) < SMALLEST:
        return float(_largest(inside) == label), 0.0
    own = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    across = min(right, own[2]) - max(left, own[0])
    down = min(bottom, own[3]) - max(top, own[1])
    both = max(0, across) * max(0, down)
    either = (right - left) * (bottom - top) + (own[2] - own[0]) * (own[3] - own[1]) - both
    return float(_largest(inside) == label), both / either


def caption_figures(seen: Seen) -> Figures:
    """Shares of what the captions ask for: colours, shapes, classes, numbers and order."""
    asked = [[box[0] for box in note.boxes] for note in seen.notes]
    return tuple(
        (f"{name}{whose}", share)
        for whose, maps in (("", seen.found), (", real pictures", seen.real_found))
        for name, share in asked_and_found(
            asked, [objects_in(found, seen.names) for found in maps]
        ).items()
    )


def label_figures(seen: Seen) -> Figures:
    """MIoU and pixel accuracy of the labels that the segmenter finds, against those asked for."""
    assert seen.truth is not None  # noqa: S101 - label maps were the condition
    rows: list[tuple[str, float]] = []
    for name, found in (("", seen.found), (", real pictures", seen.real_found)):
        rows.append((f"mIoU{name}", mean_iou(found, seen.truth)))
        rows.append((f"pixels right{name}", float((found == seen.truth).float().mean())))
    return tuple(rows)


def mean_iou(found: Tensor, truth: Tensor) -> float:
    """Mean over the labels that occur of intersection over union; both B H W."""
    overlaps = []
    for label in torch.unique(truth).tolist():
        a, b = found == label, truth == label
        overlaps.append(float((a & b).sum()) / float((a | b).sum()))
    return fmean(overlaps)


def upscaling_figures(seen: Seen) -> Figures:
    """PSNR, SSIM and perceptual distance beside bicubic, and the way back to what was given."""
    small = shrunk(seen.real)
    size = seen.real.shape[-2:]
    bicubic = F.interpolate(small, size, mode="bicubic").clamp(0, 1)
    rows: list[tuple[str, float]] = []
    for name, x in (("", seen.samples), (" of bicubic", bicubic)):
        rows.append((f"PSNR{name}, dB", fmean(psnr(x, seen.real))))
        rows.append((f"SSIM{name}", fmean(ssim(x, seen.real))))
        rows.append((f"PSNR when shrunk again{name}, dB", fmean(psnr(shrunk(x), small))))
    _, bicubic_features = _look(seen.network, bicubic)
    for name, features in (("", seen.features), (" of bicubic", bicubic_features)):
        rows.append((f"perceptual distance{name}", apart(features, seen.real_features)))
    kept = float((seen.found == seen.real_found).float().mean())
    return (*rows, ("pixels labelled as in the real picture", kept))


def apart(a: Tensor, b: Tensor) -> float:
    """Mean distance between what a network sees in two sets of pictures, N D, by its length."""
    return float(((a - b).norm(dim=1) / b.norm(dim=1)).mean())


def grey_figures(seen: Seen) -> Figures:
    """How well the samples' grey is the given one, and how far their colours lie from the truth."""
    return (
        ("PSNR of the grey, dB", fmean(psnr(grey(seen.samples), grey(seen.real)))),
        ("PSNR, dB", fmean(psnr(seen.samples, seen.real))),
        ("PSNR of the grey picture itself, dB", fmean(psnr(grey(seen.real), seen.real))),
    )


def spread_figures(seen: Seen) -> Figures:
    """Share with one clear object, classes in use, and the Frechet distance to real pictures."""
    kinds = [_largest(found) for found in seen.found]
    used = torch.bincount(torch.tensor(kinds), minlength=1 + len(seen.names))[1:].double()
    share = used / used.sum().clamp(min=1)
    half = len(seen.real_features) // 2
    return (
        ("pictures with an object", fmean(float(kind > 0) for kind in kinds)),
        ("classes in use, exp of entropy", float(torch.special.entr(share).sum().exp())),
        ("Frechet distance", frechet(seen.features, seen.real_features)),
        (
            "Frechet distance between halves of the real pictures",
            frechet(seen.real_features[:half], seen.real_features[half:]),
        ),
    )


def frechet(a: Tensor, b: Tensor) -> float:
    """Frechet distance of two clouds of features, N D each (Heusel et al. 2017, Eq. 6).

    Raises:
        ValueError: There are too few to have a spread.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("the Frechet distance needs at least 4 pictures; draw more of them")
    (mean_a, cov_a), (mean_b, cov_b) = (
        (x.double().mean(0), x.double().T.cov().reshape(x.shape[1], -1)) for x in (a, b)
    )
    # trace of (A B)^(1/2) by the eigenvalues of the symmetric A^(1/2) B A^(1/2)
    values, vectors = torch.linalg.eigh(cov_a)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    return float(distance)


def colour_figures(seen: Seen) -> Figures:
    """Mean colour, colours in common with the real pictures, and objects of a class of theirs."""
    named = ("red", "green", "blue")
    rows = [
        (f"mean {name}{whose}", value)
        for whose, x in (("", seen.samples), (", real pictures", seen.real))
        for name, value in zip(named, mean_colour(x), strict=True)
    ]
    there = {seen.names.index(note.kind) + 1 for note in seen.notes if note.kind}
    kinds = [_largest(found) for found in seen.found]
    return (
        *rows,
        ("colours in common with the real pictures", shared(seen.samples, seen.real)),
        ("objects of a class among the real ones", fmean(float(kind in there) for kind in kinds)),
    )


FIGURES: Mapping[str, Callable[[Seen], Figures]] = {
    "classes": class_figures,
    "boxes": layout_figures,
    "captions": caption_figures,
    "labels": label_figures,
    "low resolution": upscaling_figures,
    "grey": grey_figures,
    "spread": spread_figures,
    "colours": colour_figures,
}
