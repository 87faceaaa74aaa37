import re
import subprocess
import sys

import pytest

from nodes.ldm.config import KL_F8, SD15, AutoencoderConfig, UNetConfig
from nodes.ldm.text_config import TextEncoderConfig


def test_the_factor_is_two_to_the_number_of_downsamplings() -> None:
    assert KL_F8.factor == 8
    assert AutoencoderConfig(ch_mult=(1,)).factor == 1


def test_heads_are_a_number_or_follow_from_the_width_of_one() -> None:
    by_width = UNetConfig(num_head_channels=64, context_dim=1024)

    assert [SD15.heads(width) for width in SD15.widths] == [8, 8, 8, 8]
    assert [by_width.heads(width) for width in by_width.widths] == [5, 10, 20, 20]


@pytest.mark.parametrize(
    ("config", "fields", "message"),
    [
        (AutoencoderConfig, {"ch": 48}, "48 channels do not divide into 32 normalisation groups"),
        (AutoencoderConfig, {"attn_levels": (4,)}, "attention level 4 does not exist"),
        (AutoencoderConfig, {"n_embed": 0}, "n_embed is 0, expected 1.."),
        (AutoencoderConfig, {"num_res_blocks": 10**9}, "1000000000, expected 1..64"),
        (AutoencoderConfig, {"scale_factor": float("nan")}, "scale_factor is nan"),
        (UNetConfig, {}, "exactly one of num_heads and num_head_channels"),
        (UNetConfig, {"num_heads": 3}, "320 channels do not divide into attention heads by 3"),
        (UNetConfig, {"num_heads": 8, "norm_groups": 7}, "320 channels do not divide into 7"),
        (UNetConfig, {"num_heads": 8, "transformer_depth": (1, 2)}, "has 2 entries"),
        (UNetConfig, {"num_heads": 8, "transformer_depth": 10**9}, "transformer_depth is"),
        (UNetConfig, {"num_heads": 8, "num_classes": 2, "adm_in_channels": 2}, "at most one of"),
        (TextEncoderConfig, {"vocab_size": 9, "heads": 5}, "192 does not divide into 5"),
        (TextEncoderConfig, {"vocab_size": 9, "activation": "relu"}, "'relu' is neither"),
        (TextEncoderConfig, {"vocab_size": 9, "words": ("a",)}, "1 words and 2 special"),
    ],
)  # fmt: skip
def test_a_config_that_describes_no_network_is_refused(
    config: type, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        config(**fields)


def test_configs_and_the_tokenizer_load_without_torch() -> None:
    code = (
        "import sys, nodes.ldm.config, nodes.ldm.tokenizer, nodes.checkpoints.model_config;"
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
