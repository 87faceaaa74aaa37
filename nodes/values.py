"""What travels on links: frozen values that check themselves and know their own bytes.

Shapes: B pictures in a batch, H W pixels, h w latent cells (H / f), T tokens, D width, c channels.
Ranges: pictures are float32 in [0, 1]; masks are 1 where to repaint; latents are scaled to unit
standard deviation by their autoencoder's scale factor (Rombach et al. 2022, App. G).

A value is never changed after it is made: every consumer gets the same tensor. Networks do not
travel at all, only references to them (`ModelPart`): the file's digest and what its header says.
This module imports no torch until a tensor is really read or written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from nodes.value_kinds import JsonValue, TensorValue

if TYPE_CHECKING:
    from torch import Tensor

    from nodes.checkpoints.overrides import HeadsChoice
    from nodes.ldm.schedule import NoiseSchedule


@dataclass(frozen=True, eq=False)
class Image(TensorValue):
    """Pictures, B 3 H W, in [0, 1]."""

    data: Tensor
    AXES: ClassVar[dict[str, str]] = {"data": "B 3 H W"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "h": "H", "w": "W"}


@dataclass(frozen=True, eq=False)
class Mask(TensorValue):
    """Where to repaint, B 1 H W: 1 repaints, 0 keeps."""

    data: Tensor
    AXES: ClassVar[dict[str, str]] = {"data": "B 1 H W"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "h": "H", "w": "W"}


@dataclass(frozen=True, eq=False)
class Latent(TensorValue):
    """Latents z = s E(x), B c h w, scaled to unit standard deviation."""

    data: Tensor
    AXES: ClassVar[dict[str, str]] = {"data": "B c h w"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "c": "c", "h": "h", "w": "w"}


@dataclass(frozen=True, eq=False)
class Conditioning(TensorValue):
    """tau_theta(y): the tokens that cross-attention reads, B T D.

    Attributes:
        context: The tokens.
        vector: What is added to the timestep's embedding, B V; None where nothing is.
    """

    context: Tensor
    vector: Tensor | None = None
    AXES: ClassVar[dict[str, str]] = {"context": "B T D", "vector": "B V"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "width": "D"}

    @property
    def facts(self) -> dict[str, int | str]:
        """Batch, width of a token, and width of the vector."""
        width = "none" if self.vector is None else self.vector.shape[1]
        return {**super().facts, "vector": width}


@dataclass(frozen=True, eq=False)
class Concat(TensorValue):
    """Channels laid beside the noisy latent at the UNet's input, B c' h w (concat conditioning)."""

    channels: Tensor
    AXES: ClassVar[dict[str, str]] = {"channels": "B c h w"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "channels": "c", "h": "h", "w": "w"}


@dataclass(frozen=True)
class ModelPart(JsonValue):
    """A reference to one network of a model file; its weights are read when a step needs them.

    Attributes:
        sha256: Digest of the file the weights are in; its name does not matter.
        beside: Names and digests of further files of the model, where it is in several.
        patches: LoRA files that are added to the weights, in order: digest and strength.
    """

    sha256: str
    beside: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    patches: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Autoencoder(ModelPart):
    """The first stage (E, D): pictures to latents and back.

    Attributes:
        channels: Channels c of its latents.
        factor: Pixels f along each side of a latent cell.
        scale_factor: What its latents are multiplied with; 0 takes what its file says.
    """

    channels: int
    factor: int
    scale_factor: float = 0.0

    @property
    def facts(self) -> dict[str, int | str]:
        """Channels and factor, which every latent of it shares."""
        return {"c": self.channels, "f": self.factor}


@dataclass(frozen=True)
class UNet(ModelPart):
    """The denoiser eps_theta(z_t, t, tau).

    Attributes:
        prediction: What it predicts: eps, v or x0.
        heads: How its attention is divided, a choice of `nodes.checkpoints.overrides`.
    """

    prediction: str
    heads: HeadsChoice = "as detected"

    @property
    def facts(self) -> dict[str, int | str]:
        """What it predicts."""
        return {"prediction": self.prediction}


@dataclass(frozen=True)
class TextEncoder(ModelPart):
    """The text transformer tau_theta.

    Attributes:
        own_words: Textual inversions that it knows: the word's name and the file's digest.
    """

    own_words: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Judge(ModelPart):
    """A small classifier that names the colour and shape of an object, used to measure."""


@dataclass(frozen=True)
class Segmenter(ModelPart):
    """A small network that labels every pixel, used to measure."""


@dataclass(frozen=True)
class Schedule(JsonValue):
    """Which noise levels a sampler visits.

    Attributes:
        kind: Family of betas, a name in `nodes.ldm.schedule`.
        beta_start: First beta.
        beta_end: Last beta.
        timesteps: T, the length the model was trained with.
        sigmas: Levels to visit, falling, the last is 0; sigma = sqrt((1 - alpha_bar) / alpha_bar).
        from_noise: Whether sampling starts at pure noise rather than at the noised latent.
        first: Steps that another UNetDenoise walks; above 0 the latent is taken as it comes.
        zero_terminal_snr: Whether the table is stretched until its last level has no signal left.
    """

    kind: str
    beta_start: float
    beta_end: float
    timesteps: int
    sigmas: tuple[float, ...]
    from_noise: bool
    first: int = 0
    zero_terminal_snr: bool = False

    def table(self) -> NoiseSchedule:
        """The betas and what follows from them."""
        from nodes.ldm.schedule import NoiseSchedule

        return NoiseSchedule(
            self.kind, self.beta_start, self.beta_end, self.timesteps, self.zero_terminal_snr
        )

    @property
    def facts(self) -> dict[str, int | str]:
        """The betas, from which step of the walk to which, and whether it begins without signal."""
        return {
            "betas": betas_fact(self.kind, self.beta_start, self.beta_end, self.timesteps),
            "first": self.first,
            "last": len(self.sigmas) - 1,
            "zero_terminal_snr": yes_or_no(self.zero_terminal_snr),
        }


def betas_fact(kind: str, beta_start: float, beta_end: float, timesteps: int) -> str:
    """The variance schedule as a type fact: a model meets only the one it was trained with."""
    return f"{kind} {beta_start:g}..{beta_end:g} over {timesteps}"


def yes_or_no(value: bool) -> str:
    """A switch as a fact."""
    return "yes" if value else "no"


@dataclass(frozen=True)
class Noise(JsonValue):
    """Whose noise a seed stands for.

    Attributes:
        convention: A name in `nodes.ldm.noise_conventions`.
    """

    convention: str

    @property
    def facts(self) -> dict[str, int | str]:
        """The convention."""
        return {"convention": self.convention}


@dataclass(frozen=True)
class Scenes(JsonValue):
    """A run of procedurally drawn scenes, by seed: nothing is drawn until it is looked at.

    Attributes:
        seed: Seed of the first scene; scene i has `seed + i`.
        count: How many.
        size: Side in pixels.
        objects: Fewest and most objects in a scene.
    """

    seed: int
    count: int
    size: int
    objects: tuple[int, int]

    @property
    def facts(self) -> dict[str, int | str]:
        """How many, and their size in pixels."""
        return {"n": self.count, "h": self.size, "w": self.size}


@dataclass(frozen=True)
class Curve(JsonValue):
    """Losses of a training run, one per optimiser step.

    Attributes:
        title: What was trained.
        losses: The loss of each step.
    """

    title: str
    losses: tuple[float, ...]


@dataclass(frozen=True)
class Metrics(JsonValue):
    """Measured figures.

    Attributes:
        title: What was measured.
        figures: Pairs of a name and its value.
    """

    title: str
    figures: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class TrainingLatents(TensorValue):
    """Pictures seen once by the first stage, ready for stage two (float16 to halve the room).

    Attributes:
        latent: z of the whole picture, N c h w.
        masked: z of the picture with the hole greyed, N c h w.
        mask: The hole at latent resolution, N 1 h w.
        tokens: Token ids of what belongs in the hole, N T.
    """

    latent: Tensor
    masked: Tensor
    mask: Tensor
    tokens: Tensor
    FACTS: ClassVar[dict[str, str]] = {"n": "N", "c": "c", "h": "h", "w": "w"}
    AXES: ClassVar[dict[str, str]] = {
        "latent": "N c h w",
        "masked": "N c h w",
        "mask": "N 1 h w",
        "tokens": "N T",
    }
