"""The paper's text transformer against diffusers' LDMBertModel, through its converter.

Tolerance: 1e-5 of the largest value, float32, weights N(0, 0.05).
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from diffusers.pipelines.latent_diffusion.pipeline_latent_diffusion import LDMBertConfig
from diffusers.pipelines.stable_diffusion.convert_from_ckpt import convert_ldm_bert_checkpoint
from torch import nn

from nodes.checkpoints.layouts.bert import bert_shapes
from nodes.ldm.bert import BertEncoder
from nodes.ldm.text_config import BertConfig
from tests.nodes.checkpoints.zoo import bert

TEXT = BertConfig(vocab_size=99, width=96, layers=3, heads=2, head_channels=16, max_tokens=11)
BOXES = replace(TEXT, width=48, layers=2, max_tokens=23)


class Published(nn.Module):
    """What the converter takes: the text stage of a checkpoint, with its unused output layer."""

    def __init__(self, encoder: BertEncoder) -> None:
        super().__init__()
        self.transformer = encoder
        encoder.to_logits = nn.Linear(encoder.config.width, encoder.config.vocab_size)


@pytest.mark.parametrize("config", [TEXT, BOXES], ids=["text", "boxes"])
@torch.no_grad()
def test_it_computes_what_the_reference_computes(
    config: BertConfig, randomize: Callable[[nn.Module], None]
) -> None:
    ours = BertEncoder(config).eval()
    randomize(ours)
    ids = torch.randint(0, config.vocab_size, (3, config.max_tokens))
    got = ours(ids)
    reference = convert_ldm_bert_checkpoint(
        Published(ours),
        LDMBertConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.max_tokens,
            encoder_layers=config.layers,
            encoder_ffn_dim=4 * config.width,
            encoder_attention_heads=config.heads,
            head_dim=config.head_channels,
            d_model=config.width,
        ),
    )
    expected = reference(ids)[0]

    assert expected.std() > 0.1
    assert (got - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_its_tensors_are_those_of_the_published_files() -> None:
    for config in (TEXT, BOXES, BertConfig(), BertConfig(vocab_size=8192, width=512, layers=16)):
        with torch.device("meta"):
            network = BertEncoder(config)
        shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
        assert shapes == bert_shapes(config)

    published = bert(1280, 32, 30522, 77)
    assert bert_shapes(BertConfig()).items() <= published.items()
    assert len(published) == 422
