"""The header of a LoRA tells its family, its size and its form, and nothing else is taken for one.

Names are those of published files.
"""

from collections.abc import Mapping

import pytest

from nodes.checkpoints.header import Header, TensorInfo
from nodes.checkpoints.lora.facts import lora_facts
from nodes.checkpoints.lora.form import read_targets
from nodes.checkpoints.lora.names import text_names, unet_names
from nodes.ldm.config import SD15, UNetConfig
from nodes.ldm.text_config import CLIP_L

SDXL = UNetConfig(
    channel_mult=(1, 2, 4), attention_ds=(4, 2), transformer_depth=(0, 2, 10),
    num_head_channels=64, context_dim=2048, use_linear_projection=True, adm_in_channels=2816,
)  # fmt: skip
Shape = tuple[int, ...]


def header(shapes: Mapping[str, Shape]) -> Header:
    return Header({name: TensorInfo("F16", shape) for name, shape in shapes.items()}, {})


def pair(stem: str, inner: int, outer: int, rank: int = 8) -> dict[str, Shape]:
    return {
        f"{stem}.lora_down.weight": (rank, inner),
        f"{stem}.lora_up.weight": (outer, rank),
        f"{stem}.alpha": (),
    }


SD1_BLOCK = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_"
SDXL_BLOCK = "lora_unet_input_blocks_4_1_transformer_blocks_0_"
TEXT = "text_model_encoder_layers_0_self_attn_q_proj"
PEFT = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"


@pytest.mark.parametrize(
    ("shapes", "family", "counts"),
    [
        (
            pair(f"{SD1_BLOCK}attn2_to_k", 768, 320) | pair(f"lora_te_{TEXT}", 768, 768, 16),
            "Stable Diffusion 1",
            (1, 1, (8, 16)),
        ),
        (pair(f"{SD1_BLOCK}attn2_to_v", 1024, 320), "Stable Diffusion 2", (1, 0, (8, 8))),
        (
            pair(f"{SDXL_BLOCK}attn2_to_k", 2048, 640) | pair(f"{SDXL_BLOCK}attn1_to_q", 640, 640),
            "Stable Diffusion XL",
            (2, 0, (8, 8)),
        ),
        (
            pair(f"lora_te1_{TEXT}", 768, 768) | pair(f"lora_te2_{TEXT}", 1280, 1280),
            "Stable Diffusion XL",
            (0, 2, (8, 8)),
        ),
        (pair(f"lora_te_{TEXT}", 1024, 1024), "Stable Diffusion 2", (0, 1, (8, 8))),
        (
            {f"{PEFT}.lora_A.weight": (4, 2048), f"{PEFT}.lora_B.weight": (640, 4)},
            "Stable Diffusion XL",
            (1, 0, (4, 4)),
        ),
        (pair(f"{SD1_BLOCK}attn1_to_k", 320, 320), "a model that it does not show", (1, 0, (8, 8))),
        (
            pair(f"{SD1_BLOCK}attn2_to_k", 96, 32),
            "a model with a context of width 96",
            (1, 0, (8, 8)),
        ),
    ],
)
def test_the_family_and_the_size_are_in_the_header(
    shapes: dict[str, Shape], family: str, counts: tuple[int, int, tuple[int, int]]
) -> None:
    facts = lora_facts(header(shapes))
    assert facts.family == family
    assert (facts.unet, facts.text, facts.ranks) == counts
    assert facts.form == ("diffusers" if any(n.startswith("unet.") for n in shapes) else "kohya-ss")


@pytest.mark.parametrize(
    ("config", "name", "ours"),
    [
        (
            SD15,
            f"{SD1_BLOCK}attn1_to_q",
            "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight",
        ),
        (SD15, "lora_unet_mid_block_attentions_0_proj_in", "middle_block.1.proj_in.weight"),
        (
            SD15,
            "lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_ff_net_0_proj",
            "output_blocks.11.1.transformer_blocks.0.ff.net.0.proj.weight",
        ),
        (SD15, "lora_unet_up_blocks_0_upsamplers_0_conv", "output_blocks.2.1.conv.weight"),
        (
            SDXL,
            "lora_unet_middle_block_1_transformer_blocks_9_attn2_to_out_0",
            "middle_block.1.transformer_blocks.9.attn2.to_out.0.weight",
        ),
        (SDXL, "lora_unet_output_blocks_5_2_conv", "output_blocks.5.2.conv.weight"),
        (SDXL, "lora_unet_label_emb_0_0", "label_emb.0.0.weight"),
        (
            SD15,
            "mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out",
            "middle_block.1.transformer_blocks.0.attn1.to_out.0.weight",
        ),
    ],
)
def test_published_names_mean_our_weights(config: UNetConfig, name: str, ours: str) -> None:
    assert unet_names(config)[name] == ours


def test_published_names_of_text_encoders_mean_our_weights() -> None:
    ours = "encoder.layers.11.mlp.fc2.weight"
    stem = "text_model_encoder_layers_11_mlp_fc2"
    assert text_names(CLIP_L)[f"lora_te_{stem}"] == ours
    assert text_names(CLIP_L)[f"lora_te1_{stem}"] == ours
    assert text_names(CLIP_L, "text_2")[f"lora_te2_{stem}"] == ours
    assert f"lora_te2_{stem}" not in text_names(CLIP_L)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({}, "no tensor of a LoRA"),
        ({"bundle_emb.cat.string_to_param.*": (2, 768)}, "no tensor of a LoRA"),
        ({"model.diffusion_model.out.2.weight": (4, 320, 3, 3)}, "belongs to no LoRA"),
        ({"x.hada_w1_a": (4, 4)}, "LoHa"),
        ({"x.lokr_w1": (4, 4)}, "LoKr"),
        (pair("x", 4, 4) | {"x.dora_scale": (4, 1)}, "DoRA"),
        ({"x.diff": (4, 4)}, "difference"),
        ({"x.lora_down.weight": (4, 4)}, "no 'up' beside it"),
        ({"x.alpha": ()}, "no 'down' beside it"),
        ({"x.lora_down.weight": (4, 8), "x.lora_up.weight": (8, 5)}, "no product"),
        ({"x.lora_down.weight": (0, 8), "x.lora_up.weight": (8, 0)}, "no product"),
        ({"x.lora_down.weight": (4,), "x.lora_up.weight": (8, 4)}, "no product"),
        (pair("x", 4, 4) | {"x.lora.down.weight": (8, 4)}, "second"),
        (
            pair("a_attn2_to_k", 768, 320) | pair("b_attn2_to_k", 1024, 320),
            "several widths",
        ),
    ],
)
def test_what_is_no_plain_lora_is_refused_with_what_it_is(
    shapes: dict[str, Shape], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        lora_facts(header(shapes))


def test_a_bundled_textual_inversion_is_passed_over() -> None:
    shapes = pair("lora_unet_conv_in", 4, 4) | {"bundle_emb.cat.emb_params": (2, 768)}
    assert list(read_targets(header(shapes))) == ["lora_unet_conv_in"]
