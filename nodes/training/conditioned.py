"""One denoiser for every condition: eps_theta with whatever reads its tokens or label maps.

tau_theta is trained together with the UNet, as in the paper (Rombach et al. 2022, Eq. 3). What a
dataset tells decides the readers; the loss and the loop are the same for all.
"""

from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn

from nodes.checkpoints.model_config import PartName
from nodes.dataset_values import MAPPED, BesideSet, TokenSet
from nodes.ldm.class_embedding import ClassEmbedding, LabelMap
from nodes.ldm.config import UNetConfig
from nodes.ldm.text_config import SPECIAL_TOKENS, ClassConfig, LabelMapConfig, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from nodes.training.optimizer import seeded
from nodes.training.shapes import GRID, TEXT_HEADS, TEXT_LAYERS


@dataclass(frozen=True, eq=False)
class Examples:
    """What stage two is trained on, row k for picture k.

    Attributes:
        latent: Scaled latents, N c h w.
        tokens: What is told by cross-attention; None without.
        beside: What lies beside the latent; None without.
    """

    latent: Tensor
    tokens: TokenSet | None = None
    beside: BesideSet | None = None

    def __post_init__(self) -> None:
        for name in ("tokens", "beside"):
            value = getattr(self, name)
            if value is not None and len(value.rows) != len(self.latent):
                raise ValueError(
                    f"`{name}` tells of {len(value.rows)} pictures, but there are"
                    f" {len(self.latent)} latents; make both from one dataset"
                )

    @property
    def beside_channels(self) -> int:
        """Channels that the UNet sees beside the latent."""
        if self.beside is None:
            return 0
        return MAPPED if self.beside.labels is not None else self.beside.rows.shape[1]


class ConditionedUNet(nn.Module):
    """A UNet and what reads its conditions, so that one optimiser and one average hold all."""

    def __init__(self, unet: UNet, readers: dict[PartName, nn.Module]) -> None:
        super().__init__()
        self.unet = unet
        self.readers = nn.ModuleDict(cast("dict[str, nn.Module]", readers))

    def forward(
        self, z_t: Tensor, timestep: Tensor, told: Tensor | None, beside: Tensor | None
    ) -> Tensor:
        """Predict from z_t B c h w, timesteps B, rows of a `TokenSet` and of a `BesideSet`."""
        channels = self.channels(beside)
        if channels is not None:
            z_t = torch.cat([z_t, channels.to(z_t.dtype)], dim=1)
        out: Tensor = self.unet(z_t, timestep, self.context(told))
        return out

    def channels(self, beside: Tensor | None) -> Tensor | None:
        """What the UNet sees beside the latent: rows of a `BesideSet`, label maps made few."""
        if beside is None or "label_map" not in self.readers:
            return None if beside is None else beside.float()
        mapper = cast("LabelMap", self.readers["label_map"]).channel_mapper
        return cast("Tensor", mapper(beside.float()))

    def context(self, told: Tensor | None) -> Tensor | None:
        """tau_theta(y) from rows of a `TokenSet`, B T D."""
        if told is None:
            return None
        if "text" in self.readers:
            return cast("Tensor", self.readers["text"](told))
        if "class_embedding" in self.readers:
            return cast("Tensor", self.readers["class_embedding"](told[:, 0]))
        return told.float()


def denoiser_shape(examples: Examples, shape: UNetConfig, context_width: int) -> UNetConfig:
    """The UNet for a dataset: `shape` with as many channels and tokens as there are."""
    channels = examples.latent.shape[1]
    tokens = examples.tokens
    width = None if tokens is None else context_width
    if tokens is not None and tokens.vectors is not None:
        width = tokens.vectors.shape[2]
    return replace(
        shape,
        in_channels=channels + examples.beside_channels,
        out_channels=channels,
        context_dim=width,
    )


def new_denoiser(
    examples: Examples, shape: UNetConfig, context_width: int, seed: int
) -> ConditionedUNet:
    """A denoiser for a dataset, with initial weights drawn from `seed`.

    Args:
        examples: What it will be trained on.
        shape: Widths and levels of the UNet; its channels are replaced by what the dataset needs.
        context_width: Width of the tokens that are learnt.
        seed: Seed of the weights.
    """
    config = denoiser_shape(examples, shape, context_width)
    with seeded(seed):
        readers = _readers(examples, config.context_dim or context_width)
        return ConditionedUNet(UNet(config), readers)


def _readers(examples: Examples, width: int) -> dict[PartName, nn.Module]:
    found: dict[PartName, nn.Module] = {}
    tokens, beside = examples.tokens, examples.beside
    if tokens is not None and tokens.kind in ("words", "boxes"):
        found["text"] = _heard(TextEncoder(reader_config(tokens, width)))
    if tokens is not None and tokens.kind == "classes":
        found["class_embedding"] = ClassEmbedding(
            ClassConfig(classes=len(tokens.names) + 1, width=width)
        )
    if beside is not None and beside.labels is not None:
        labels = beside.labels.shape[1]
        mapper = LabelMap(LabelMapConfig(labels=labels, channels=MAPPED, halvings=0))
        nn.init.normal_(mapper.channel_mapper.weight)  # labels are as loud as the latent
        found["label_map"] = mapper
    return found


def _heard(reader: TextEncoder) -> TextEncoder:
    """Let tokens differ from the first step as much as those of a class embedding do.

    At CLIP's 0.02 the first layers, which add much the same to every token, drown them: after 3,000
    steps all layouts still had one context, and the denoiser had learnt to pass over it.
    """
    nn.init.normal_(reader.embeddings.token_embedding.weight)
    nn.init.normal_(reader.embeddings.position_embedding.weight)
    return reader


def reader_config(tokens: TokenSet, width: int) -> TextEncoderConfig:
    """Shape of tau_theta for words or boxes: three unmasked layers (App. E.2.1)."""
    grid = GRID if tokens.kind == "boxes" else 0
    return TextEncoderConfig(
        vocab_size=len(tokens.names) + SPECIAL_TOKENS + grid**2,
        width=width,
        layers=TEXT_LAYERS,
        heads=TEXT_HEADS,
        max_tokens=tokens.rows.shape[1],
        words=tokens.names,
        tokenizer="boxes" if grid else "words",
        grid=grid,
    )


@torch.no_grad()
def take_over(network: nn.Module, start: nn.Module) -> None:
    """Begin with the weights of a trained network, as far as they have the same names.

    Input channels that are new begin at zero, as Stable Diffusion's inpainting model began; those
    that are gone are left out.
    """
    given = start.state_dict()
    for name, weight in network.state_dict().items():
        old = given.get(name)
        if old is None or old.ndim != weight.ndim:
            continue
        if old.shape == weight.shape:
            weight.copy_(old)
        elif old.shape[0] == weight.shape[0] and old.shape[2:] == weight.shape[2:]:
            shared = min(old.shape[1], weight.shape[1])
            weight.zero_()
            weight[:, :shared] = old[:, :shared]
