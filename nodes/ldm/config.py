"""Shapes of the networks, as data that loads without torch.

A config is enough to build its network and to name every tensor in it; it is what a model file
carries in its header. Fields keep the names of the paper's published configs, except where the
comment says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Prediction = Literal["eps", "v", "x0"]

MAX_WIDTH = 2**20  # keeps a config read from a foreign file from describing an endless network
MAX_COUNT = 64
LARGE = 50_000_000
"""Weights from which a network is computed as is fastest rather than to the same bits everywhere:
the first stage of Stable Diffusion has 84 M, the largest network that is trained here 7 M."""


def require_within(limit: int, **values: int | tuple[int, ...] | None) -> None:
    """Refuse a number, or one of a tuple, that is not in 1..limit.

    Raises:
        ValueError: With the field's name.
    """
    for name, value in values.items():
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None and not 1 <= number <= limit:
                raise ValueError(f"{name} is {number}, expected 1..{limit}")


def _require_groups(widths: tuple[int, ...], groups: int) -> None:
    for width in widths:
        if width % groups:
            raise ValueError(f"{width} channels do not divide into {groups} normalisation groups")


def _require_levels(levels: tuple[int, ...], count: int) -> None:
    for level in levels:
        if not 0 <= level < count:
            raise ValueError(f"attention level {level} does not exist, levels are 0..{count - 1}")


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """First stage E, D with f = 2^(levels - 1)  (Rombach et al. 2022, Sec. 3.1, App. G).

    Raises:
        ValueError: When a width is not a multiple of `norm_groups`, or a level does not exist.
    """

    in_channels: int = 3
    ch: int = 128
    ch_mult: tuple[int, ...] = (1, 2, 4, 4)
    num_res_blocks: int = 2
    z_channels: int = 4
    embed_dim: int = 4
    attn_levels: tuple[int, ...] = ()  # levels whose blocks attend, 0 = full resolution
    mid_attention: bool = True
    norm_groups: int = 32
    n_embed: int | None = None  # codebook entries; None = KL-regularised, no codebook
    scale_factor: float = 1.0  # z * scale_factor has unit variance; known after training

    def __post_init__(self) -> None:
        require_within(MAX_COUNT, num_res_blocks=self.num_res_blocks, levels=len(self.ch_mult))
        require_within(
            MAX_WIDTH,
            in_channels=self.in_channels,
            ch=self.ch,
            ch_mult=self.ch_mult,
            z_channels=self.z_channels,
            embed_dim=self.embed_dim,
            norm_groups=self.norm_groups,
            n_embed=self.n_embed,
        )
        if not 0.0 < self.scale_factor < float("inf"):
            raise ValueError(f"scale_factor is {self.scale_factor}, expected a positive number")
        _require_groups((self.ch, *self.widths), self.norm_groups)
        _require_levels(self.attn_levels, len(self.ch_mult))

    @property
    def factor(self) -> int:
        """Downsampling factor f between pixels and latents."""
        return 1 << (len(self.ch_mult) - 1)

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of each level, full resolution first."""
        return tuple(self.ch * mult for mult in self.ch_mult)

    @property
    def regularizer(self) -> Literal["kl", "vq"]:
        """Which of the paper's two regularisers the latent space was trained with."""
        return "kl" if self.n_embed is None else "vq"


@dataclass(frozen=True, kw_only=True)
class UNetConfig:
    """Time-conditional UNet eps_theta  (Rombach et al. 2022, Sec. 3.2-3.3).

    Exactly one of `num_heads` (heads everywhere) and `num_head_channels` (width of one head) is
    set. `context_dim` None means self-attention only; otherwise every attention place is a
    transformer that also attends to the context. At most one of `num_classes` and `adm_in_channels`
    is set; either makes the network take a vector `y`. On the levels in `context_only` (0 = full
    resolution) nothing attends to the map itself, which published configs call
    `disable_self_attentions`.

    Raises:
        ValueError: When these rules are broken or a width does not divide.
    """

    in_channels: int = 4
    out_channels: int = 4
    model_channels: int = 320
    num_res_blocks: int = 2
    attention_ds: tuple[int, ...] = (4, 2, 1)  # downsampling factors, `attention_resolutions`
    channel_mult: tuple[int, ...] = (1, 2, 4, 4)
    num_heads: int | None = None
    num_head_channels: int | None = None
    context_dim: int | None = None
    transformer_depth: int | tuple[int, ...] = 1  # one number, or one per level
    use_linear_projection: bool = False
    context_only: tuple[int, ...] = ()
    num_classes: int | None = None
    adm_in_channels: int | None = None
    resblock_updown: bool = False
    use_scale_shift_norm: bool = False
    norm_groups: int = 32

    def __post_init__(self) -> None:
        self._require_ranges()
        _require_groups(self.widths, self.norm_groups)
        if (self.num_heads is None) == (self.num_head_channels is None):
            raise ValueError("set exactly one of num_heads and num_head_channels")
        if self.num_classes is not None and self.adm_in_channels is not None:
            raise ValueError("set at most one of num_classes and adm_in_channels")
        if len(self.depths) != len(self.channel_mult):
            raise ValueError(
                f"transformer_depth has {len(self.depths)} entries, expected one number"
                f" or one for each of the {len(self.channel_mult)} levels"
            )
        _require_levels(self.context_only, len(self.channel_mult))
        for level, width in enumerate(self.widths):
            if self.attends(level) or width == self.widths[-1]:
                self.heads(width)

    def _require_ranges(self) -> None:
        require_within(MAX_COUNT, num_res_blocks=self.num_res_blocks, levels=len(self.channel_mult))
        require_within(MAX_COUNT + 1, transformer_depth=tuple(1 + depth for depth in self.depths))
        require_within(
            MAX_WIDTH,
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            model_channels=self.model_channels,
            channel_mult=self.channel_mult,
            num_heads=self.num_heads,
            num_head_channels=self.num_head_channels,
            context_dim=self.context_dim,
            num_classes=self.num_classes,
            adm_in_channels=self.adm_in_channels,
            norm_groups=self.norm_groups,
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of each level, full resolution first."""
        return tuple(self.model_channels * mult for mult in self.channel_mult)

    @property
    def depths(self) -> tuple[int, ...]:
        """Transformer blocks at each attention place, per level."""
        if isinstance(self.transformer_depth, int):
            return (self.transformer_depth,) * len(self.channel_mult)
        return self.transformer_depth

    @property
    def takes_vector(self) -> bool:
        """Whether the network expects `y` (class ids or a vector)."""
        return self.num_classes is not None or self.adm_in_channels is not None

    @property
    def stride(self) -> int:
        """Latent height and width must be multiples of this."""
        return 1 << (len(self.channel_mult) - 1)

    def attends(self, level: int) -> bool:
        """Tell whether the blocks of a level (0 = full resolution) have attention."""
        return 2**level in self.attention_ds

    def heads(self, width: int) -> int:
        """Return the number of attention heads at a level of `width` channels."""
        divisor = self.num_heads or self.num_head_channels or 1
        if width % divisor:
            raise ValueError(f"{width} channels do not divide into attention heads by {divisor}")
        return self.num_heads or width // divisor


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Noise levels a denoiser was trained on, and what it predicts.

    `kind` names a family of betas in `nodes.ldm.schedule`. The predictions: eps the noise (Ho et
    al. 2020), x0 the clean latent, v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 (Salimans
    and Ho 2022).

    Raises:
        ValueError: When T is out of range.
    """

    kind: str = "scaled_linear"
    beta_start: float = 0.0015
    beta_end: float = 0.0195
    timesteps: int = 1000
    prediction: Prediction = "eps"

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, timesteps=self.timesteps)


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Classifier that measures pictures: `colours` and `shapes` name its classes, in order.

    `window` is the side in pixels of what it looks at, `width` the channels of its first layer.

    Raises:
        ValueError: When the width is not a multiple of 8, or a field is out of range.
    """

    window: int = 48
    width: int = 32
    colours: tuple[str, ...]
    shapes: tuple[str, ...]

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, window=self.window, width=self.width)
        require_within(MAX_WIDTH, colours=len(self.colours), shapes=len(self.shapes))
        _require_groups((self.width,), 8)


@dataclass(frozen=True, kw_only=True)
class SegmenterConfig:
    """Network that labels every pixel; label 0 is the background, label k the k-th of `names`.

    It works on squares of `fold` pixels, folded into channels.

    Raises:
        ValueError: When the width is not a multiple of 16, or a field is out of range.
    """

    names: tuple[str, ...]
    width: int = 32
    fold: int = 4

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, names=len(self.names), width=self.width)
        require_within(MAX_COUNT, fold=self.fold)
        _require_groups((self.width,), 16)

    @property
    def unet(self) -> UNetConfig:
        """Its network: the denoiser's, which is shown pictures at timestep 0."""
        return UNetConfig(
            in_channels=3 * self.fold**2,
            out_channels=1 + len(self.names),
            model_channels=self.width,
            num_res_blocks=1,
            attention_ds=(),
            channel_mult=(1, 2, 2),
            num_heads=4,
            norm_groups=16,
        )


KL_F8 = AutoencoderConfig(scale_factor=0.18215)
SD15 = UNetConfig(num_heads=8, context_dim=768)
SD15_INPAINT = UNetConfig(in_channels=9, num_heads=8, context_dim=768)
