"""Layouts: the tokens of the published model, through a file in its layout, to the denoiser."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.disk import file_sha256
from engine.node import Facts, Inference, Settings
from nodes.layout_condition import layout_condition
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.bert import BertEncoder
from nodes.ldm.boxes import Box, box_tokens, read_boxes
from nodes.ldm.config import AutoencoderConfig, UNetConfig
from nodes.ldm.text_config import BertConfig
from nodes.ldm.unet import UNet
from nodes.noise_schedule import noise_schedule
from nodes.unet_denoise import unet_denoise
from nodes.values import Latent, TextEncoder
from nodes.values import UNet as UNetPart
from tests.nodes.checkpoints.loading import randomized
from tests.nodes.context import FolderContext

TEXT = BertConfig(vocab_size=8192, width=48, layers=2, max_tokens=92)
UNET = UNetConfig(
    in_channels=3, out_channels=3, model_channels=32, num_res_blocks=1, channel_mult=(1, 2),
    attention_ds=(2,), transformer_depth=3, num_head_channels=32, context_dim=48,
)  # fmt: skip
STAGE = AutoencoderConfig(ch=32, ch_mult=(1, 2), z_channels=3, embed_dim=3, n_embed=16)
LAYOUT = "17 0 0 1 1\n\n  3 0.25 0.5 0.75 1.0 "


def test_an_object_is_its_category_and_two_corners_on_a_grid_of_ninety() -> None:
    tokens = box_tokens(read_boxes(LAYOUT), 8192, 92)

    assert tokens[:3] == [17, 0, 89 * 90 + 89]
    assert tokens[3:6] == [3, 44 * 90 + 22, 89 * 90 + 67]  # 44.5 goes to the even 44, as there
    assert tokens[6:90] == [8191] * 84
    assert tokens[90:] == [0, 8099]  # all of the scene is shown


@pytest.mark.parametrize(
    "line",
    ["cat 0 0 1 1", "1 0 0 1", "1 0 0 1 x", "1 0.5 0 0.5 1", "1 0 0 1.1 1", "-1 0 0 1 1",
     "1 nan 0 1 1"],
)  # fmt: skip
def test_a_line_that_is_no_box_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2 is .*expected a category and the sides"):
        read_boxes(f"1 0 0 1 1\n{line}")


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ([Box(1, 0, 0, 1, 1)] * 31, "there are 31 objects, and the model reads 30 at most"),
        ([Box(8191, 0, 0, 1, 1)], "there is no category 8191"),
    ],
)
def test_what_the_model_cannot_be_told_is_refused(boxes: list[Box], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        box_tokens(boxes, 8192, 92)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of layouts in the published layout, reduced."""
    path = tmp_path_factory.mktemp("models") / "layout2img.safetensors"
    networks = {
        "model.diffusion_model.": UNet(UNET),
        "first_stage_model.": Autoencoder(STAGE),
        "cond_stage_model.transformer.": BertEncoder(TEXT),
    }
    tensors: dict[str, Tensor] = {
        prefix + name: tensor
        for prefix, network in networks.items()
        for name, tensor in randomized(network).state_dict().items()
    }
    save_file(tensors, path)
    return path


@torch.no_grad()
def test_a_published_file_is_told_a_layout_and_draws_from_it(file: Path, tmp_path: Path) -> None:
    digest = file_sha256(file)
    ctx = FolderContext(tmp_path, {digest: file}, settings=Settings())
    cond = layout_condition(TextEncoder(digest), ctx, LAYOUT)
    tokens = torch.tensor([box_tokens(read_boxes(LAYOUT), 8192, 92)])
    expected = randomized(BertEncoder(TEXT))(tokens)

    assert torch.allclose(cond.context, expected, atol=1e-5)
    assert cond.facts == {"n": 1, "width": 48, "vector": "none"}  # what `infer` promises

    def drawn(layout: str) -> Tensor:
        told = layout_condition(TextEncoder(digest), ctx, layout)
        start = Latent(torch.zeros(1, 3, 4, 4))
        return unet_denoise(UNetPart(digest, "eps"), noise_schedule(2), start, ctx, told).data

    assert torch.isfinite(drawn(LAYOUT)).all()
    assert not torch.allclose(drawn(LAYOUT), drawn("5 0 0 0.5 0.5"), atol=1e-4)


@pytest.mark.parametrize(
    ("facts", "layout", "codes"),
    [
        ({"boxes": 92, "vocabulary": 8192}, LAYOUT, []),
        ({"boxes": 92, "vocabulary": 8192}, "one", ["layout-unreadable"]),
        ({"boxes": 92, "vocabulary": 8192}, "9000 0 0 1 1", ["layout-unreadable"]),
        ({"width": 768}, LAYOUT, ["boxes-not-read"]),
        ({}, LAYOUT, []),
    ],
)
def test_the_check_says_what_cannot_be_told(facts: Facts, layout: str, codes: list[str]) -> None:
    assert layout_condition.review
    given = Inference({"layout": layout}, {"text_encoder": facts} if facts else {})

    assert [found.code for found in layout_condition.review(given)] == codes
