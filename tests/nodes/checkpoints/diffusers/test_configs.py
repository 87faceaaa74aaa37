"""Configs of diffusers folders are read strictly: what is not built here is refused by name."""

from typing import Any

import pytest
from diffusers import DDIMScheduler, EulerDiscreteScheduler, PNDMScheduler

from nodes.checkpoints.diffusers.autoencoder import diffusers_autoencoder_config
from nodes.checkpoints.diffusers.schedule import diffusers_schedule
from nodes.checkpoints.diffusers.text import transformers_text_config
from nodes.checkpoints.diffusers.unet import diffusers_unet_config
from nodes.ldm.config import KL_F8, SD15, ScheduleConfig, UNetConfig

CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
UP_CROSS, UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"
SD15_UNET: dict[str, Any] = {
    "_class_name": "UNet2DConditionModel",
    "_diffusers_version": "0.6.0",
    "act_fn": "silu",
    "attention_head_dim": 8,
    "block_out_channels": [320, 640, 1280, 1280],
    "center_input_sample": False,
    "cross_attention_dim": 768,
    "down_block_types": [CROSS, CROSS, CROSS, PLAIN],
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 4,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-05,
    "norm_num_groups": 32,
    "out_channels": 4,
    "sample_size": 64,
    "up_block_types": [UP_PLAIN, UP_CROSS, UP_CROSS, UP_CROSS],
}
SDXL_UNET = {
    **SD15_UNET,
    "addition_embed_type": "text_time",
    "addition_embed_type_num_heads": 64,
    "addition_time_embed_dim": 256,
    "attention_head_dim": [5, 10, 20],
    "block_out_channels": [320, 640, 1280],
    "cross_attention_dim": 2048,
    "down_block_types": [PLAIN, CROSS, CROSS],
    "num_attention_heads": None,
    "projection_class_embeddings_input_dim": 2816,
    "transformer_layers_per_block": [1, 2, 10],
    "up_block_types": [UP_CROSS, UP_CROSS, UP_PLAIN],
    "upcast_attention": None,
    "use_linear_projection": True,
}
SD15_VAE: dict[str, Any] = {
    "_class_name": "AutoencoderKL",
    "act_fn": "silu",
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "in_channels": 3,
    "latent_channels": 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "out_channels": 3,
    "sample_size": 512,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}
CLIP: dict[str, Any] = {
    "architectures": ["CLIPTextModel"],
    "hidden_act": "quick_gelu",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
}


def test_the_published_configs_are_the_ones_known_here() -> None:
    assert diffusers_unet_config(SD15_UNET) == SD15
    assert diffusers_autoencoder_config(SD15_VAE) == KL_F8
    assert diffusers_unet_config(SDXL_UNET) == UNetConfig(
        channel_mult=(1, 2, 4),
        attention_ds=(4, 2),
        transformer_depth=(0, 2, 10),
        num_head_channels=64,
        context_dim=2048,
        use_linear_projection=True,
        adm_in_channels=2816,
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"_class_name": "os.system"}, "_class_name"),
        ({"act_fn": "mish"}, "act_fn"),
        ({"time_cond_proj_dim": 256}, "time_cond_proj_dim"),
        ({"norm_eps": 1e-6}, "norm_eps"),
        ({"attention_head_dim": [8, 8, 16, 16]}, "attention_head_dim"),
        ({"block_out_channels": [320, 500]}, "block_out_channels"),
        ({"block_out_channels": "wide"}, "block_out_channels"),
        ({"block_out_channels": [0, 0]}, "block_out_channels"),
        ({"down_block_types": [CROSS, PLAIN]}, "down_block_types"),
        ({"up_block_types": [UP_CROSS] * 4}, "up_block_types"),
        ({"layers_per_block": [2, 2, 2, 3]}, "layers_per_block"),
        ({"cross_attention_dim": [768, 768, 768, 768]}, "cross_attention_dim"),
        ({"encoder_hid_dim_type": "text_proj"}, "encoder_hid_dim_type"),
        ({"class_embed_type": "timestep"}, "class_embed_type"),
        ({"only_cross_attention": True}, "only_cross_attention"),
        ({"transformer_layers_per_block": [1, 2]}, "transformer_layers_per_block"),
        ({"model_type": "new"}, "model_type"),
    ],
)
def test_a_unet_that_is_not_built_here_is_refused_with_the_field(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        diffusers_unet_config({**SD15_UNET, **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"_class_name": "AutoencoderTiny"}, "_class_name"),
        ({"latents_mean": [0.1, 0.2, 0.3, 0.4]}, "latents_mean"),
        ({"shift_factor": 0.1159}, "shift_factor"),
        ({"use_quant_conv": False}, "use_quant_conv"),
        ({"scaling_factor": "a lot"}, "scaling_factor"),
        ({"layers_per_block": 2.5}, "layers_per_block"),
    ],
)
def test_a_first_stage_that_is_not_built_here_is_refused_with_the_field(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        diffusers_autoencoder_config({**SD15_VAE, **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"architectures": ["T5EncoderModel"]}, "architectures"),
        ({"architectures": []}, "architectures"),
        ({"hidden_act": "relu"}, "hidden_act"),
        ({"intermediate_size": 3000}, "intermediate_size"),
        ({"layer_norm_eps": 1e-6}, "layer_norm_eps"),
    ],
)
def test_a_text_encoder_that_is_not_built_here_is_refused_with_the_field(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        transformers_text_config({**CLIP, **change})


@pytest.mark.parametrize("document", [None, [], "unet", 3])
def test_what_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="expected an object"):
        diffusers_unet_config(document)


def test_a_schedulers_betas_and_habits_are_read() -> None:
    schedule, facts = diffusers_schedule(
        {
            "_class_name": "PNDMScheduler",
            "beta_end": 0.012,
            "beta_schedule": "scaled_linear",
            "beta_start": 0.00085,
            "num_train_timesteps": 1000,
            "set_alpha_to_one": False,
            "skip_prk_steps": True,
            "steps_offset": 1,
            "trained_betas": None,
            "clip_sample": False,
            "prediction_type": "v_prediction",
        }
    )
    assert schedule == ScheduleConfig(beta_start=0.00085, beta_end=0.012, prediction="v")
    assert (facts.spacing, facts.steps_offset) == ("leading", 1)
    assert not facts.set_alpha_to_one


@pytest.mark.parametrize("scheduler", [DDIMScheduler, PNDMScheduler, EulerDiscreteScheduler])
def test_what_a_scheduler_does_not_say_is_what_its_class_assumes(scheduler: Any) -> None:
    full = dict(scheduler().config)
    assert diffusers_schedule({"_class_name": scheduler.__name__}) == diffusers_schedule(
        {**full, "_class_name": scheduler.__name__}
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"_class_name": "FlowMatchEulerDiscreteScheduler"}, "_class_name"),
        ({"beta_schedule": "sigmoid"}, "beta_schedule"),
        ({"trained_betas": [0.1, 0.2]}, "trained_betas"),
        ({"prediction_type": "flow"}, "prediction_type"),
    ],
)
def test_a_scheduler_that_is_not_known_is_refused_with_the_field(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        diffusers_schedule({"_class_name": "DDIMScheduler", **change})
