"""Headers of the published checkpoints, by their published configs: what detection must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nodes.checkpoints.header import Header, TensorInfo
from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import KL_F8, SD15, SD15_INPAINT, AutoencoderConfig, UNetConfig
from nodes.ldm.text_config import CLIP_L

VQ_F4 = AutoencoderConfig(ch_mult=(1, 2, 4), z_channels=3, embed_dim=3, n_embed=8192)
VQ_F4_PLAIN = AutoencoderConfig(
    ch_mult=(1, 2, 4), z_channels=3, embed_dim=3, n_embed=8192, mid_attention=False
)
VQ_F8 = AutoencoderConfig(
    ch_mult=(1, 2, 2, 4), z_channels=4, embed_dim=4, n_embed=16384, attn_levels=(3,)
)
KL_F16 = AutoencoderConfig(
    ch_mult=(1, 1, 2, 2, 4), z_channels=16, embed_dim=16, attn_levels=(4,), scale_factor=0.22765929
)
SCHEDULE = ("betas", "alphas_cumprod", "posterior_variance", "sqrt_alphas_cumprod")


def _unet(**fields: object) -> UNetConfig:
    return UNetConfig(**fields)  # type: ignore[arg-type]


SD2 = _unet(num_head_channels=64, context_dim=1024, use_linear_projection=True)
SDXL = _unet(
    channel_mult=(1, 2, 4),
    attention_ds=(4, 2),
    transformer_depth=(0, 2, 10),
    num_head_channels=64,
    context_dim=2048,
    use_linear_projection=True,
    adm_in_channels=2816,
)
UPSCALER = _unet(
    in_channels=7,
    model_channels=256,
    channel_mult=(1, 2, 2, 4),
    attention_ds=(8, 4, 2),
    num_heads=8,
    context_dim=1024,
    use_linear_projection=True,
    context_only=(1, 2),
    num_classes=1000,
)
REFINER = _unet(
    model_channels=384,
    attention_ds=(4, 2),
    transformer_depth=4,
    num_head_channels=64,
    context_dim=1280,
    use_linear_projection=True,
    adm_in_channels=2560,
)
FACES = _unet(
    in_channels=3,
    out_channels=3,
    model_channels=224,
    channel_mult=(1, 2, 3, 4),
    attention_ds=(8, 4, 2),
    num_head_channels=32,
)
CHURCHES = _unet(
    model_channels=192,
    channel_mult=(1, 2, 2, 4, 4),
    attention_ds=(8, 4, 2, 1),
    num_heads=8,
    use_scale_shift_norm=True,
    resblock_updown=True,
)
CIN = _unet(
    model_channels=256,
    channel_mult=(1, 2, 4),
    attention_ds=(4, 2, 1),
    num_head_channels=32,
    context_dim=512,
)
CIN_V2 = _unet(
    in_channels=3,
    out_channels=3,
    model_channels=192,
    channel_mult=(1, 2, 3, 5),
    attention_ds=(8, 4, 2),
    num_heads=1,
    context_dim=512,
)
LDM_LARGE = _unet(num_heads=8, context_dim=1280)
LDM_256 = _unet(
    in_channels=3,
    out_channels=3,
    model_channels=192,
    channel_mult=(1, 2, 3, 5),
    attention_ds=(8, 4, 2),
    num_head_channels=32,
    context_dim=640,
)
LAYOUT = _unet(
    in_channels=3,
    out_channels=3,
    model_channels=128,
    channel_mult=(1, 2, 3, 4),
    attention_ds=(8, 4, 2),
    transformer_depth=3,
    num_head_channels=32,
    context_dim=512,
)
SEMANTIC = _unet(
    in_channels=6,
    out_channels=3,
    model_channels=128,
    channel_mult=(1, 4, 8),
    attention_ds=(),
    num_heads=8,
)
INPAINTING = _unet(
    in_channels=7,
    out_channels=3,
    model_channels=256,
    channel_mult=(1, 2, 3, 4),
    attention_ds=(8, 4, 2),
    num_heads=8,
    resblock_updown=True,
)
SUPER_RESOLUTION = _unet(
    in_channels=6,
    out_channels=3,
    model_channels=160,
    channel_mult=(1, 2, 2, 4),
    attention_ds=(8,),
    num_head_channels=32,
)
RDM = _unet(
    in_channels=16,
    out_channels=16,
    model_channels=448,
    channel_mult=(1, 2, 3, 4),
    attention_ds=(4, 2, 1),
    num_head_channels=32,
    context_dim=768,
)


@dataclass(frozen=True)
class Published:
    """One published checkpoint.

    Attributes:
        unet: Its published config.
        first_stage: That of its first stage.
        beside: Further tensors: text encoders and what else is in the file.
        tensors: Published number of the UNet's tensors, where it is known.
        millions: Published number of its parameters.
    """

    unet: UNetConfig
    first_stage: AutoencoderConfig | None
    beside: Mapping[str, Shape] = field(default_factory=dict)
    tensors: int | None = None
    millions: float | None = None

    def shapes(self) -> dict[str, Shape]:
        """Shapes of the file, by name."""
        stage = autoencoder_shapes(self.first_stage) if self.first_stage else {}
        return {
            **below("model.diffusion_model.", unet_shapes(self.unet)),
            **below("first_stage_model.", stage),
            **{name: (1000,) for name in SCHEDULE},
            **self.beside,
        }


def below(prefix: str, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Put a prefix before every name."""
    return {prefix + name: shape for name, shape in shapes.items()}


def header_of(shapes: Mapping[str, Shape], **metadata: str) -> Header:
    """A header of float16 tensors."""
    return Header({name: TensorInfo("F16", shape) for name, shape in shapes.items()}, metadata)


def open_clip(width: int, layers: int) -> dict[str, Shape]:
    """An OpenCLIP text model in its own layout."""
    found: dict[str, Shape] = {
        "token_embedding.weight": (49408, width),
        "positional_embedding": (77, width),
        "text_projection": (width, width),
        "logit_scale": (),
        "ln_final.weight": (width,),
        "ln_final.bias": (width,),
    }
    for layer in range(layers):
        block = f"transformer.resblocks.{layer}."
        for name, shape in {
            "attn.in_proj_weight": (3 * width, width),
            "attn.in_proj_bias": (3 * width,),
            "attn.out_proj.weight": (width, width),
            "attn.out_proj.bias": (width,),
            "mlp.c_fc.weight": (4 * width, width),
            "mlp.c_fc.bias": (4 * width,),
            "mlp.c_proj.weight": (width, 4 * width),
            "mlp.c_proj.bias": (width,),
            "ln_1.weight": (width,),
            "ln_1.bias": (width,),
            "ln_2.weight": (width,),
            "ln_2.bias": (width,),
        }.items():
            found[block + name] = shape
    return found


def bert(width: int, layers: int, vocab: int, tokens: int) -> dict[str, Shape]:
    """The text transformer of the paper's own models, in its own layout (heads of 64, eight)."""
    found: dict[str, Shape] = {
        "token_emb.weight": (vocab, width),
        "pos_emb.emb.weight": (tokens, width),
        "norm.weight": (width,),
        "norm.bias": (width,),
        "to_logits.weight": (vocab, width),
        "to_logits.bias": (vocab,),
    }
    for layer in range(layers):
        attention, network = (f"attn_layers.layers.{2 * layer + i}." for i in (0, 1))
        for name in ("to_q", "to_k", "to_v"):
            found[f"{attention}1.{name}.weight"] = (512, width)
        found |= {
            f"{attention}0.weight": (width,),
            f"{attention}0.bias": (width,),
            f"{attention}1.to_out.weight": (width, 512),
            f"{attention}1.to_out.bias": (width,),
            f"{network}0.weight": (width,),
            f"{network}0.bias": (width,),
            f"{network}1.net.0.0.weight": (4 * width, width),
            f"{network}1.net.0.0.bias": (4 * width,),
            f"{network}1.net.2.weight": (width, 4 * width),
            f"{network}1.net.2.bias": (width,),
        }
    return found


_COND = "cond_stage_model."
CLIP = below(f"{_COND}transformer.text_model.", text_shapes(CLIP_L))
POSITIONS = {f"{_COND}transformer.text_model.embeddings.position_ids": (1, 77)}
XL_TEXT = {
    **below("conditioner.embedders.0.transformer.text_model.", text_shapes(CLIP_L)),
    **below("conditioner.embedders.1.model.", open_clip(1280, 32)),
}

ZOO: dict[str, Published] = {
    "Stable Diffusion 1": Published(SD15, KL_F8, {**CLIP, **POSITIONS}, 686, 859.52),
    "Stable Diffusion 1 inpainting": Published(SD15_INPAINT, KL_F8, CLIP, 686),
    "Stable Diffusion 2": Published(
        SD2, KL_F8, below(f"{_COND}model.", open_clip(1024, 24)), 686, 865.91
    ),
    "Stable Diffusion XL": Published(
        SDXL,
        AutoencoderConfig(scale_factor=0.13025),
        XL_TEXT,
        1680,
        2567.46,
    ),
    "Stable Diffusion XL refiner": Published(
        REFINER,
        AutoencoderConfig(scale_factor=0.13025),
        below("conditioner.embedders.0.model.", open_clip(1280, 32)),
        1220,
    ),
    "Stable Diffusion XL inpainting": Published(
        replace(SDXL, in_channels=9), AutoencoderConfig(scale_factor=0.13025), XL_TEXT, 1680
    ),
    "Stable Diffusion 2 inpainting": Published(
        replace(SD2, in_channels=9), KL_F8, below(f"{_COND}model.", open_clip(1024, 24)), 686
    ),
    "Stable Diffusion 2 depth": Published(
        replace(SD2, in_channels=5), KL_F8, below(f"{_COND}model.", open_clip(1024, 24)), 686
    ),
    "Stable Diffusion 2 upscaler (x4)": Published(
        UPSCALER,
        AutoencoderConfig(ch_mult=(1, 2, 4), scale_factor=0.08333),
        below(f"{_COND}model.", open_clip(1024, 24)),
        687,
        473.40,
    ),
    "Latent Diffusion, unconditional": Published(FACES, VQ_F4, {}, 368, 274.06),
    "Latent Diffusion, LSUN churches": Published(
        CHURCHES, AutoencoderConfig(scale_factor=1.0), {"scale_factor": ()}, 520, 294.97
    ),
    "Latent Diffusion, ImageNet classes (cin256)": Published(
        CIN, VQ_F8, {f"{_COND}embedding.weight": (1000, 512)}, 626, 394.98
    ),
    "Latent Diffusion, ImageNet classes, with a class for none (cin256-v2)": Published(
        CIN_V2, VQ_F4, {f"{_COND}embedding.weight": (1001, 512)}, 688, 400.92
    ),
    "Latent Diffusion, text to image, large": Published(
        LDM_LARGE, KL_F8, below(f"{_COND}transformer.", bert(1280, 32, 30522, 77)), 686, 872.30
    ),
    "Latent Diffusion, text to image 256": Published(
        LDM_256, VQ_F4, below(f"{_COND}transformer.", bert(640, 32, 30522, 77)), 688, 403.62
    ),
    "Latent Diffusion, layout to image": Published(
        LAYOUT, VQ_F4, below(f"{_COND}transformer.", bert(512, 16, 8192, 92)), 1328, 246.28
    ),
    "Latent Diffusion, semantic synthesis": Published(
        SEMANTIC, VQ_F4, {f"{_COND}channel_mapper.weight": (3, 182, 1, 1)}, 216, 215.23
    ),
    "Latent Diffusion, inpainting": Published(INPAINTING, VQ_F4_PLAIN, {}, 416, 387.25),
    "Latent Diffusion, super-resolution": Published(SUPER_RESOLUTION, VQ_F4, {}, 306, 113.62),
    "Retrieval-augmented Diffusion": Published(RDM, KL_F16, {}, 688, 1335.48),
}
