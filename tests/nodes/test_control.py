"""ControlNets travel as references with their hints, are checked before weights, and steer."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.disk import file_sha256
from engine.node import Absent, Facts, FileRef, Finding, Inference
from nodes import values
from nodes.control import (
    check_controlnet,
    control_net_condition,
    load_control_net,
    tell_controlnet,
)
from nodes.control_rules import review_control
from nodes.control_values import Control, ControlNet
from nodes.ldm.config import UNetConfig
from nodes.ldm.controlnet import ControlNet as Network
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.runtime import open_unet, with_control
from nodes.unet_denoise import unet_denoise
from tests.nodes.checkpoints.loading import randomized
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels

SCHEDULE = values.Schedule("scaled_linear", 0.0015, 0.0195, 1000, (83.0, 1.0, 0.0), True)


def controlnet_file(folder: Path, unet: UNetConfig) -> FileRef:
    path = folder / "edges.safetensors"
    network = randomized(Network(ControlNetConfig(unet=unet, hint_widths=(4, 4, 8, 8))))
    save_file(network.state_dict(), path)
    return FileRef(path.name, file_sha256(path), path)


@pytest.fixture
def edges(tmp_path: Path) -> FileRef:
    """For the tiny denoisers; heads are counted as in Stable Diffusion 1."""
    return controlnet_file(
        tmp_path,
        UNetConfig(
            model_channels=32, num_res_blocks=1, attention_ds=(2,), channel_mult=(1, 2),
            num_heads=8, context_dim=WIDTH,
        ),
    )  # fmt: skip


def pictures(height: int = 64, width: int = 96, batch: int = 1) -> values.Image:
    generator = torch.Generator().manual_seed(height + batch)
    return values.Image(torch.rand(batch, 3, height, width, generator=generator))


def rules(**facts: dict[str, Any]) -> list[Finding]:
    return list(review_control(Inference({}, facts)))


def test_a_controlnet_is_referred_to_by_digest_and_header(edges: FileRef) -> None:
    assert load_control_net(edges) == ControlNet(edges.sha256)
    assert load_control_net.infer
    (facts,) = load_control_net.infer(Inference({"controlnet": edges}, {})).values()  # type: ignore[union-attr]
    assert not isinstance(facts, Absent | None)
    assert (facts["width"], facts["file"]) == (WIDTH, "edges.safetensors")
    assert load_control_net.infer(Inference({"controlnet": None}, {})) is None


def test_controls_chain_and_keep_every_bit_of_their_hints() -> None:
    first = control_net_condition(ControlNet("a" * 64), pictures(), 0.5, 0.1, 0.9)
    both = control_net_condition(ControlNet("b" * 64), pictures(batch=2), control=first)
    again = Control.from_bytes(both.to_bytes())
    assert [(h.sha256, h.strength, h.start, h.end) for h in again.hints] == [
        ("a" * 64, 0.5, 0.1, 0.9),
        ("b" * 64, 1.0, 0.0, 1.0),
    ]
    assert all(
        torch.equal(a.picture, b.picture) for a, b in zip(again.hints, both.hints, strict=True)
    )
    assert again.to_bytes() == both.to_bytes()
    assert both.facts == {"n": 2, "h": 64, "w": 96}
    assert both.nbytes == 3 * 3 * 64 * 96 * 4


@torch.no_grad()
def test_a_hint_changes_the_walk_and_no_strength_does_not(
    ctx: FolderContext, models: TinyModels, edges: FileRef
) -> None:
    ctx = FolderContext(ctx.folder, {**ctx.inputs, edges.sha256: edges.path}, loaded={})
    latent = values.Latent(torch.zeros(2, CHANNELS, 8, 12))
    words = values.Conditioning(torch.ones(1, 3, WIDTH))
    steered = control_net_condition(load_control_net(edges), pictures())

    def walk(control: Control | None, guidance: float = 1.0) -> torch.Tensor:
        return unet_denoise(
            models.plain_unet, SCHEDULE, latent, ctx, words, uncond=words, guidance=guidance,
            control=control,
        ).data  # fmt: skip

    off = control_net_condition(load_control_net(edges), pictures(), strength=0.0)
    assert torch.equal(walk(off), walk(None))
    assert not torch.allclose(walk(steered), walk(None), atol=1e-3)
    assert torch.allclose(walk(steered), walk(steered, guidance=3.0), atol=1e-3)


def test_a_controlnet_of_another_plan_is_refused_when_it_meets_the_denoiser(
    ctx: FolderContext, models: TinyModels, tmp_path: Path
) -> None:
    other = UNetConfig(
        model_channels=64, num_res_blocks=1, attention_ds=(2,), channel_mult=(1, 2),
        num_heads=8, context_dim=WIDTH,
    )  # fmt: skip
    file = controlnet_file(tmp_path, other)
    ctx = FolderContext(ctx.folder, {**ctx.inputs, file.sha256: file.path}, loaded={})
    control = control_net_condition(load_control_net(file), pictures())
    with pytest.raises(ValueError, match="take one of the denoiser's family"):
        with_control(ctx, open_unet(ctx, models.plain_unet), control, 999)


def test_a_controlnet_of_another_family_is_refused_naming_both_files() -> None:
    control = {"width": 2048, "file": "canny-xl.safetensors"}
    unet = {"width": 768, "file": "v1-5.safetensors"}
    (found,) = rules(control=control, unet=unet)
    assert found.message == (
        "canny-xl.safetensors is a ControlNet for Stable Diffusion XL, but v1-5.safetensors is"
        " Stable Diffusion 1"
    )
    assert rules(control={**control, "width": 768}, unet=unet) == []
    assert rules(control={}, unet=unet) == []
    assert rules(unet=unet) == []


def test_a_hint_of_another_size_than_the_latent_is_refused_with_the_size_it_needs() -> None:
    (found,) = rules(control={"h": 512, "w": 512}, latent={"h": 64, "w": 96})
    assert (found.got, found.expected) == ("512 x 512", "768 x 512")
    assert rules(control={"h": 512, "w": 768}, latent={"h": 64, "w": 96}) == []


def test_hints_with_sides_that_the_network_cannot_halve_are_refused() -> None:
    with pytest.raises(ValueError, match="96 x 60, but its sides must be multiples of 8"):
        control_net_condition(ControlNet("a" * 64), pictures(60))


def test_controls_that_steer_together_are_of_one_family_and_size() -> None:
    assert control_net_condition.review
    facts: dict[str, dict[str, Any]] = {
        "control_net": {"width": 768, "file": "a", "weights": 5, "beside": 7},
        "hint": {"h": 512, "w": 512},
        "control": {"width": 1024, "file": "b", "h": 256, "w": 512},
    }
    settings = {"start": 0.5, "end": 0.5}
    found = list(control_net_condition.review(Inference(settings, facts)))
    assert [f.code for f in found] == ["setting-ignored", "sizes-differ", "control-family"]
    facts["control"] = {**facts["control"], "width": 768, "h": 512}
    assert not list(control_net_condition.review(Inference({"start": 0.0, "end": 1.0}, facts)))


def test_what_is_known_of_network_and_hint_reaches_the_denoiser() -> None:
    assert control_net_condition.infer
    facts: dict[str, Facts] = {
        "control_net": {"width": 768, "file": "a", "weights": 5, "beside": 7},
        "control": {"weights": 6, "n": 1},
        "hint": {"h": 512, "w": 256, "n": 1},
    }
    (found,) = control_net_condition.infer(Inference({}, facts)).values()  # type: ignore[union-attr]
    assert found == {"width": 768, "file": "a", "h": 512, "w": 256, "n": 1,
                     "weights": 11, "beside": 7}  # fmt: skip


def test_a_controlnet_tells_its_family(edges: FileRef) -> None:
    told = {line.fact: line.value for line in tell_controlnet(edges.path)}
    assert told["kind"] == f"ControlNet for a model with a context of width {WIDTH}"


def test_a_model_is_no_controlnet(models: TinyModels) -> None:
    with pytest.raises(ValueError, match=r"inpainting.safetensors: no ControlNet"):
        check_controlnet(models.file("inpainting").path)
