"""What a denoiser is told of a dataset's pictures: by cross-attention, or beside the latent.

One function for each kind of condition, from a `PictureSet` to rows; nothing else has to change
for a new one.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.dataset_values import BesideSet, Note, PictureSet, TokenSet, text_bytes
from nodes.ldm.box_tokenizer import TOKENS_EACH, BoxTokenizer, NamedBox
from nodes.ldm.pictures import grey
from nodes.ldm.tokenizer import WordTokenizer
from nodes.training.holes import any_hole
from nodes.training.latents import cut_out, latent_mask
from nodes.training.shapes import GRID, SHRUNK
from nodes.training.words import WORDS

MOST_OBJECTS = 4
LONGEST = 28
"""Words of a caption that are read."""

Encode = Callable[[Tensor], Tensor]
"""Pictures B 3 H W in [-1, 1] to scaled latents B c h w."""


def told_words(pictures: PictureSet) -> TokenSet:
    """Token ids of the captions; the vocabulary is the scenes' own if it says everything."""
    notes, _ = pictures.read_notes()
    captions = [note.caption for note in notes]
    spoken = {word for text in captions for word in WordTokenizer((), 0).split(text)}
    words = WORDS if spoken <= set(WORDS) else tuple(sorted(spoken))
    ids = WordTokenizer(words, LONGEST)(captions)
    return TokenSet(words=ids, vocabulary=text_bytes("\n".join(words)))


def told_boxes(pictures: PictureSet) -> TokenSet:
    """Token ids of the layouts."""
    notes, classes = pictures.read_notes()
    tokenizer = BoxTokenizer(classes, GRID, MOST_OBJECTS * TOKENS_EACH)
    ids = [tokenizer.ids(boxes_of(note)[:MOST_OBJECTS]) for note in notes]
    return TokenSet(boxes=torch.tensor(ids), vocabulary=text_bytes("\n".join(classes)))


def boxes_of(note: Note) -> list[NamedBox]:
    """The layout of a picture."""
    return [NamedBox(*box) for box in note.boxes]


def told_classes(pictures: PictureSet) -> TokenSet:
    """Class indices.

    Raises:
        ValueError: A picture has no class.
    """
    notes, classes = pictures.read_notes()
    if missing := [k for k, note in enumerate(notes) if note.kind not in classes]:
        raise ValueError(
            f"{len(missing)} of {len(notes)} pictures have no class, the first is picture"
            f" {missing[0]}; draw scenes of one object each, or name a class for every picture"
        )
    ids = [[classes.index(note.kind)] for note in notes]
    return TokenSet(classes=torch.tensor(ids), vocabulary=text_bytes("\n".join(classes)))


def beside_labels(pictures: PictureSet, factor: int, encode: Encode) -> BesideSet:
    """Share of each label in each latent cell: what halving the one-hot map gives."""
    del encode
    if pictures.labels is None:
        raise ValueError("the pictures have no label maps; draw scenes, or put label maps beside")
    count = 1 + len(pictures.read_notes()[1])
    return BesideSet(labels=label_shares(pictures.labels, count, factor).half())


def label_shares(labels: Tensor, count: int, factor: int) -> Tensor:
    """Map labels B H W to their shares in cells of `factor` pixels, B count H/f W/f."""
    parts = [
        F.avg_pool2d(F.one_hot(part.long(), count).permute(0, 3, 1, 2).float(), factor)
        for part in torch.split(labels, 32)
    ]
    return torch.cat(parts)


def beside_small(pictures: PictureSet, factor: int, encode: Encode) -> BesideSet:
    """The picture four times smaller, its pixels folded into channels of latent cells."""
    del encode
    parts = [folded(shrunk(_floats(part)), factor) for part in torch.split(pictures.pictures, 32)]
    return BesideSet(channels=torch.cat(parts).half())


def shrunk(x: Tensor) -> Tensor:
    """Average 4 x 4 pixels into one."""
    return F.avg_pool2d(x, SHRUNK)


def folded(small: Tensor, factor: int) -> Tensor:
    """Fold a small picture B 3 H/4 W/4 into latent cells, B 3 (f/4)^2 H/f W/f.

    Raises:
        ValueError: A latent cell is smaller than a pixel of it.
    """
    if factor % SHRUNK:
        raise ValueError(f"the first stage has f = {factor}; super-resolution needs 4, 8, 16 or 32")
    return F.pixel_unshuffle(small, factor // SHRUNK)


def beside_grey(pictures: PictureSet, factor: int, encode: Encode) -> BesideSet:
    """The latent of the picture without its colours."""
    del factor
    parts = [
        encode(grey(_floats(part))).half().cpu() for part in torch.split(pictures.pictures, 32)
    ]
    return BesideSet(channels=torch.cat(parts))


def beside_hole(pictures: PictureSet, factor: int, encode: Encode) -> BesideSet:
    """A hole (1 channel) and the latent of what it leaves, in ConcatCondition's order.

    Picture k has hole k, so that those who train on the same folder see the same holes.
    """
    del factor
    rows = []
    for start in range(0, len(pictures.pictures), 32):
        x = _floats(pictures.pictures[start : start + 32])
        mask = torch.stack([any_hole(start + k, x.shape[-1]) for k in range(len(x))])
        masked = encode(cut_out(x, mask)).cpu()
        rows.append(torch.cat([latent_mask(mask, masked), masked], dim=1).half())
    return BesideSet(channels=torch.cat(rows))


def _floats(pictures: Tensor) -> Tensor:
    return pictures.float() / 127.5 - 1


TOKENS: Mapping[str, Callable[[PictureSet], TokenSet]] = {
    "words": told_words,
    "boxes": told_boxes,
    "classes": told_classes,
}
BESIDE: Mapping[str, Callable[[PictureSet, int, Encode], BesideSet]] = {
    "labels": beside_labels,
    "low resolution": beside_small,
    "grey": beside_grey,
    "hole": beside_hole,
}
