"""Every published family is recognised from names and shapes, with the facts they do not show."""

import math

import pytest

from nodes.checkpoints.detection.checkpoint import detect
from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import KL_F8
from nodes.ldm.text_config import CLIP_L
from tests.nodes.checkpoints.zoo import CLIP, ZOO, below, header_of


@pytest.mark.parametrize("family", ZOO)
def test_a_published_checkpoint_is_recognised_with_its_published_configs(family: str) -> None:
    published = ZOO[family]
    found = detect(header_of(published.shapes()), "model.safetensors")
    assert found.family == family
    assert found.config.unet == published.unet
    assert found.config.first_stage == published.first_stage
    assert found.unused == ()


@pytest.mark.parametrize("family", ZOO)
def test_the_zoo_has_the_published_number_of_tensors_and_parameters(family: str) -> None:
    published = ZOO[family]
    shapes = unet_shapes(published.unet)
    assert len(shapes) == published.tensors
    if published.millions:
        millions = sum(map(math.prod, shapes.values())) / 1e6
        assert millions == pytest.approx(published.millions, abs=0.01)


def test_a_denoiser_alone_is_enough() -> None:
    config = ZOO["Stable Diffusion 1"].unet
    for prefix in (
        "",
        "diffusion_model.",
        "model.diffusion_model.",
        "state_dict.model.diffusion_model.",
    ):
        found = detect(header_of(below(prefix, unet_shapes(config))), "unet.safetensors")
        assert found.config.unet == config
        assert found.config.parts == ("unet",)


@pytest.mark.parametrize(
    ("name", "scale"), [("vae-ft-mse.safetensors", 0.18215), ("sdxl_vae.safetensors", 0.13025)]
)
def test_a_first_stage_alone_is_told_by_its_name(name: str, scale: float) -> None:
    found = detect(header_of(autoencoder_shapes(KL_F8)), name)
    assert found.config.first_stage is not None
    assert found.config.first_stage.scale_factor == scale
    assert "name" in next(note.source for note in found.notes if note.fact == "scale factor")


def test_a_text_encoder_alone_is_found_under_either_name() -> None:
    for prefix in ("text_model.", "cond_stage_model.transformer."):
        found = detect(header_of(below(prefix, text_shapes(CLIP_L))), "clip.safetensors")
        assert found.config.text == CLIP_L


V = "Stable Diffusion 2"


@pytest.mark.parametrize(
    ("name", "metadata", "marker", "prediction"),
    [
        ("v2-1_768-ema-pruned.safetensors", {}, {}, "v"),
        ("512-base-ema.safetensors", {}, {}, "eps"),
        ("mine.safetensors", {}, {}, "eps"),
        ("mine.safetensors", {}, {"v_pred": ()}, "v"),
        ("mine.safetensors", {"modelspec.prediction_type": "v"}, {}, "v"),
        ("768-v.safetensors", {"modelspec.prediction_type": "epsilon"}, {}, "eps"),
    ],
)
def test_velocity_is_told_by_the_file_before_its_name(
    name: str,
    metadata: dict[str, str],
    marker: dict[str, tuple[int, ...]],
    prediction: str,
) -> None:
    found = detect(header_of({**ZOO[V].shapes(), **marker}, **metadata), name)
    assert found.config.schedule is not None
    assert found.config.schedule.prediction == prediction


def test_what_no_network_needs_is_named_and_known_leftovers_are_not() -> None:
    shapes = {**ZOO["Stable Diffusion 1"].shapes(), "stranger": (1,), "model_ema.decay": ()}
    assert detect(header_of({**shapes, **CLIP}), "model.safetensors").unused == ("stranger",)
