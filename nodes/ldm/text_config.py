"""Shapes of what turns words, classes and maps into conditioning, as data that loads without torch.

The text encoders of published models differ in which layer they hand on, whether it is normalised,
how they pad and whether they also give one vector for the whole text; all of that is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nodes.ldm.config import MAX_COUNT, MAX_WIDTH, require_within

Activation = Literal["gelu", "quick_gelu"]
TokenizerKind = Literal["words", "boxes", "clip", "bert"]

SPECIAL_TOKENS = 2  # padding and unknown come before the words of a vocabulary
CLIP_END = 49407  # the end-of-text token, with which SD 1.x also pads


@dataclass(frozen=True, kw_only=True)
class TextEncoderConfig:
    """Conditioning transformer tau_theta  (Rombach et al. 2022, Sec. 3.3; layout of CLIP text).

    `words` is the vocabulary of a `WordTokenizer`; CLIP's is known to its tokenizer. Unmasked
    attention is the paper's choice; CLIP is causal. The vector for the whole text is a projection
    of the last layer, normalised, at the end-of-text token, whatever layer is handed on.

    Raises:
        ValueError: When the width does not divide into heads, or the words do not fit.
    """

    vocab_size: int
    width: int = 192
    layers: int = 4
    heads: int = 6
    max_tokens: int = 77
    causal: bool = False
    activation: Activation = "gelu"
    mlp_ratio: int = 4
    words: tuple[str, ...] = ()
    tokenizer: TokenizerKind = "words"
    pad: int = 0  # token after the end of a text: 0, or CLIP_END
    skip_layers: int = 0  # layers left out at the end: 0 hands on the last, 1 the one before
    final_norm: bool = True  # whether the layer handed on passes the final normalisation
    projection: int | None = None  # width of the vector for the whole text; None = there is none
    grid: int = 0  # cells along a side, whose corners stand behind the words (layouts); 0 = none

    def __post_init__(self) -> None:
        require_within(MAX_COUNT, layers=self.layers, mlp_ratio=self.mlp_ratio)
        require_within(
            MAX_WIDTH,
            vocab_size=self.vocab_size,
            width=self.width,
            heads=self.heads,
            max_tokens=self.max_tokens,
            projection=self.projection,
        )
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if self.activation not in ("gelu", "quick_gelu"):
            raise ValueError(f"activation {self.activation!r} is neither gelu nor quick_gelu")
        if not 0 <= self.skip_layers < self.layers:
            raise ValueError(f"skip_layers is {self.skip_layers}, of {self.layers} layers")
        if not 0 <= self.pad < self.vocab_size:
            raise ValueError(f"pad is {self.pad}, no token of {self.vocab_size}")
        known = len(self.words) + SPECIAL_TOKENS + self.grid**2
        if self.words and self.vocab_size != known:
            corners = f", {self.grid**2} corners" if self.grid else ""
            raise ValueError(
                f"vocab_size is {self.vocab_size}, but {len(self.words)} words{corners}"
                f" and {SPECIAL_TOKENS} special tokens make {known}"
            )


BOX_TOKENS = 8192
"""Tokens of the published model of layouts."""


@dataclass(frozen=True, kw_only=True)
class BertConfig:
    """The unmasked transformer of the paper's own text models (Rombach et al. 2022, App. E.2.1).

    `layout2img` has the same one over tokens of boxes. Its heads are 64 wide whatever `width` is.

    Raises:
        ValueError: When a field is out of range.
    """

    vocab_size: int = 30522
    width: int = 1280
    layers: int = 32
    heads: int = 8
    head_channels: int = 64
    max_tokens: int = 77

    @property
    def reads_boxes(self) -> bool:
        """Whether its tokens are those of boxes; no published vocabulary of words is as small."""
        return self.vocab_size == BOX_TOKENS

    def __post_init__(self) -> None:
        require_within(MAX_COUNT, layers=self.layers)
        require_within(
            MAX_WIDTH,
            vocab_size=self.vocab_size,
            width=self.width,
            heads=self.heads,
            head_channels=self.head_channels,
            max_tokens=self.max_tokens,
        )


@dataclass(frozen=True, kw_only=True)
class ClassConfig:
    """A learnt token for each class, and one for none where the model was trained with it.

    Raises:
        ValueError: When a field is out of range.
    """

    classes: int
    width: int

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, classes=self.classes, width=self.width)


@dataclass(frozen=True, kw_only=True)
class LabelMapConfig:
    """A 1x1 convolution from one-hot label maps, scaled down, to channels beside the latent.

    Raises:
        ValueError: When a field is out of range.
    """

    labels: int = 182
    channels: int = 3
    halvings: int = 2  # times that height and width are halved

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, labels=self.labels, channels=self.channels)
        require_within(MAX_COUNT, halvings=1 + self.halvings)


CLIP_L = TextEncoderConfig(
    vocab_size=49408,
    width=768,
    layers=12,
    heads=12,
    causal=True,
    activation="quick_gelu",
    tokenizer="clip",
    pad=CLIP_END,
)
