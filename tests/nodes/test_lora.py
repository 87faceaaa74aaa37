"""A LoRA travels with the reference to a model, and changes a copy of its weights when needed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.disk import file_sha256
from engine.node import FileRef, Finding, Inference
from nodes import values
from nodes.lora import check_lora, load_lora, tell_lora
from nodes.runtime import open_text_encoder, open_unet
from tests.nodes.checkpoints.published import WIDTH as PUBLISHED_WIDTH
from tests.nodes.checkpoints.published import write_published
from tests.nodes.context import FolderContext
from tests.nodes.tiny import WIDTH, TinyModels

UNET_STEM = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
UNET_NAME = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
TEXT_STEM = "lora_te_text_model_encoder_layers_1_self_attn_q_proj"
TEXT_NAME = "encoder.layers.1.self_attn.q_proj.weight"


def lora_file(folder: Path, name: str, pairs: Mapping[str, tuple[Tensor, Tensor]]) -> FileRef:
    path = folder / name
    tensors: dict[str, Tensor] = {}
    for stem, (down, up) in pairs.items():
        tensors |= {f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up}
    save_file(tensors, path)
    return FileRef(path.name, file_sha256(path), path)


def pair(inner: int, outer: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(2, inner, generator=generator),
        torch.randn(outer, 2, generator=generator),
    )


@pytest.fixture
def lora(tmp_path: Path) -> FileRef:
    """For the tiny denoiser: its middle is 64 channels wide."""
    return lora_file(tmp_path, "style.safetensors", {UNET_STEM: pair(WIDTH, 64)})


def context(ctx: FolderContext, *files: FileRef) -> FolderContext:
    inputs = {**ctx.inputs, **{file.sha256: file.path for file in files}}
    return FolderContext(ctx.folder, inputs, loaded={})


def review(lora: FileRef | None, **facts: dict[str, Any]) -> list[Finding]:
    assert load_lora.review
    return list(load_lora.review(Inference({"lora": lora}, facts)))


def test_loras_are_remembered_in_order_and_left_out_at_strength_zero(
    models: TinyModels, lora: FileRef
) -> None:
    once = load_lora(models.unet, models.text_encoder, lora, 0.5, 0.0)
    twice = load_lora(once.unet, once.text_encoder, lora, -1.0, 2.0)
    assert once.text_encoder == models.text_encoder
    assert twice.unet.patches == ((lora.sha256, 0.5), (lora.sha256, -1.0))
    assert twice.text_encoder.patches == ((lora.sha256, 2.0),)
    assert values.UNet.from_bytes(twice.unet.to_bytes()) == twice.unet


def test_the_denoiser_gets_the_sum_and_the_base_stays_bit_equal(
    ctx: FolderContext, models: TinyModels, lora: FileRef
) -> None:
    ctx = context(ctx, lora)
    base = open_unet(ctx, models.unet).network
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    both = load_lora(models.unet, models.text_encoder, lora, 0.5)
    patched = open_unet(ctx, both.unet).network.state_dict()
    down, up = pair(WIDTH, 64)
    assert torch.allclose(patched[UNET_NAME], before[UNET_NAME] + 0.5 * up @ down, atol=1e-6)
    for name, tensor in open_unet(ctx, models.unet).network.state_dict().items():
        assert torch.equal(tensor, before[name])
        assert (patched[name].data_ptr() == tensor.data_ptr()) == (name != UNET_NAME)


def test_two_loras_add_up_and_each_set_is_its_own_network(
    ctx: FolderContext, models: TinyModels, lora: FileRef, tmp_path: Path
) -> None:
    other = lora_file(tmp_path, "other.safetensors", {UNET_STEM: pair(WIDTH, 64, 1)})
    ctx = context(ctx, lora, other)
    base = open_unet(ctx, models.unet).network.state_dict()[UNET_NAME]
    first = load_lora(models.unet, models.text_encoder, lora)
    second = load_lora(*first, other, 2.0)
    patched = open_unet(ctx, second.unet).network.state_dict()[UNET_NAME]
    (down, up), (down_2, up_2) = pair(WIDTH, 64), pair(WIDTH, 64, 1)
    assert torch.allclose(patched, base + up @ down + 2 * up_2 @ down_2, atol=1e-5)
    assert open_unet(ctx, first.unet).network is not open_unet(ctx, second.unet).network
    assert open_unet(ctx, second.unet) is open_unet(ctx, second.unet)


def test_clip_text_encoders_read_a_prompt_otherwise(ctx: FolderContext, tmp_path: Path) -> None:
    from nodes.ldm.prompt_reader import ClipReader, PromptSettings

    path = write_published(tmp_path / "sd1.safetensors", "sd1", torch.float32)
    model = FileRef(path.name, file_sha256(path), path)
    stems = {TEXT_STEM: pair(PUBLISHED_WIDTH, PUBLISHED_WIDTH)}
    lora = lora_file(tmp_path, "words.safetensors", stems)
    ctx = context(ctx, model, lora)
    text = values.TextEncoder(model.sha256)
    patched = load_lora(values.UNet(model.sha256, "eps"), text, lora, 1.0, 0.3).text_encoder
    with torch.no_grad():
        plain, other = (
            open_text_encoder(ctx, part).encode("a cat", PromptSettings()).context
            for part in (text, patched)
        )
    reader = open_text_encoder(ctx, patched)
    assert isinstance(reader, ClipReader)
    assert not torch.allclose(plain, other, atol=1e-4)
    assert reader.networks[0].state_dict()[TEXT_NAME].shape == (PUBLISHED_WIDTH, PUBLISHED_WIDTH)


def test_a_text_encoder_that_loras_are_not_made_for_is_refused(
    ctx: FolderContext, models: TinyModels, lora: FileRef
) -> None:
    both = load_lora(models.unet, models.text_encoder, lora)
    with pytest.raises(ValueError, match=r"style.safetensors: .*another kind; set the text"):
        open_text_encoder(context(ctx, lora), both.text_encoder)


def test_a_lora_of_another_family_is_refused_naming_both_files(tmp_path: Path) -> None:
    lora = lora_file(tmp_path, "xl.safetensors", {f"{UNET_STEM}": pair(2048, 640)})
    facts = {"width": 768, "file": "v1-5.safetensors"}
    (found,) = review(lora, unet=facts, text_encoder=facts)
    assert found.message == (
        "xl.safetensors is a LoRA for Stable Diffusion XL, but v1-5.safetensors is of"
        " Stable Diffusion 1"
    )
    assert found.severity == "error"
    assert review(lora, unet={**facts, "width": 2048}) == []


def test_what_is_not_known_yet_is_not_refused(lora: FileRef, tmp_path: Path) -> None:
    silent = lora_file(tmp_path, "x.safetensors", {"lora_unet_conv_in": pair(4, 4)})
    assert review(None, unet={"width": 768}) == []
    assert review(lora, unet={}) == []
    assert review(silent, unet={"width": 768}) == []


def test_facts_of_the_networks_pass_through(lora: FileRef) -> None:
    facts = {"unet": {"width": 768, "c": 4}, "text_encoder": {"width": 768}}
    assert load_lora.infer
    found = load_lora.infer(Inference({"lora": lora}, facts))
    assert found == {
        "unet": {"width": 768, "c": 4, "patched": WIDTH * 64, "loras": "style.safetensors"},
        "text_encoder": {"width": 768, "patched": 0, "loras": "style.safetensors"},
    }
    assert load_lora.infer(Inference({"lora": lora}, {"unet": {"patched": 9**9}})) == {
        "unet": {"patched": 9**9, "loras": "style.safetensors"}
    }
    assert load_lora.infer(Inference({"lora": None}, facts)) == facts


def test_a_lora_tells_its_family_and_size(lora: FileRef) -> None:
    told = {line.fact: line.value for line in tell_lora(lora.path)}
    assert told["kind"] == f"LoRA for a model with a context of width {WIDTH}"
    assert told["changes"] == "1 weights of the UNet, 0 of text encoders"
    assert (told["rank"], told["named as"]) == ("2", "kohya-ss names tensors")


def test_a_model_is_no_lora(models: TinyModels) -> None:
    with pytest.raises(ValueError, match=r"inpainting.safetensors: tensor .* belongs to no LoRA"):
        check_lora(models.file("inpainting").path)
