import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nodes.ldm.config import SD15, SD15_INPAINT, UNetConfig
from nodes.ldm.unet import UNet

Randomize = Callable[[nn.Module], None]
TIMESTEPS = torch.tensor([0, 3, 777, 999, 500])

TEXT = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2, 2), num_heads=4, context_dim=48
)


@pytest.mark.parametrize(
    ("config", "tensors", "millions"),
    [
        pytest.param(SD15, 686, 859.52, id="Stable Diffusion 1.5"),
        pytest.param(SD15_INPAINT, 686, 859.54, id="Stable Diffusion 1.5 inpainting"),
        pytest.param(
            UNetConfig(num_head_channels=64, context_dim=1024, use_linear_projection=True),
            686, 865.91, id="Stable Diffusion 2",
        ),
        pytest.param(
            UNetConfig(
                channel_mult=(1, 2, 4), attention_ds=(4, 2), num_head_channels=64,
                context_dim=2048, transformer_depth=(0, 2, 10), use_linear_projection=True,
                adm_in_channels=2816,
            ),
            1680, 2567.46, id="Stable Diffusion XL",
        ),
        pytest.param(UNetConfig(num_heads=8, context_dim=1280), 686, 872.30, id="LDM text"),
        pytest.param(
            UNetConfig(
                in_channels=3, out_channels=3, model_channels=224, channel_mult=(1, 2, 3, 4),
                attention_ds=(8, 4, 2), num_head_channels=32,
            ),
            368, 274.06, id="LDM CelebA-HQ",
        ),
        pytest.param(
            UNetConfig(
                model_channels=192, channel_mult=(1, 2, 2, 4, 4), attention_ds=(8, 4, 2, 1),
                num_heads=8, resblock_updown=True, use_scale_shift_norm=True,
            ),
            520, 294.97, id="LDM LSUN churches",
        ),
        pytest.param(
            UNetConfig(
                in_channels=7, out_channels=3, model_channels=256, channel_mult=(1, 2, 3, 4),
                attention_ds=(8, 4, 2), num_heads=8, resblock_updown=True,
            ),
            416, 387.25, id="LDM inpainting",
        ),
    ],
)  # fmt: skip
def test_a_published_config_has_the_published_number_of_tensors_and_weights(
    config: UNetConfig, tensors: int, millions: float
) -> None:
    with torch.device("meta"):
        unet = UNet(config)

    assert len(unet.state_dict()) == tensors
    assert round(sum(p.numel() for p in unet.parameters()) / 1e6, 2) == millions


def test_a_fresh_unet_predicts_zero() -> None:
    x, context = inputs()

    assert UNet(TEXT)(x, TIMESTEPS, context).count_nonzero() == 0


@torch.no_grad()
def test_an_image_is_denoised_alike_alone_and_in_a_batch(randomize: Randomize) -> None:
    unet = UNet(TEXT).eval()
    randomize(unet)
    x, context = inputs()

    batch = unet(x, TIMESTEPS, context)
    alone = unet(x[2:3], TIMESTEPS[2:3], context[2:3])

    assert torch.allclose(batch[2:3], alone, atol=1e-5)


def test_gradients_reach_every_weight_under_bfloat16_autocast(randomize: Randomize) -> None:
    unet = UNet(TEXT)
    randomize(unet)
    x, context = inputs()

    with torch.autocast("cpu", torch.bfloat16):
        out = unet(x, TIMESTEPS, context)
    torch.autograd.backward(out.float().square().mean())

    assert out.dtype == torch.bfloat16
    assert all(p.grad is not None and p.grad.isfinite().all() for p in unet.parameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": torch.zeros(1, 9, 8, 8)}, "latents are (1, 9, 8, 8), expected B 4 h w"),
        ({"x": torch.zeros(1, 4, 8, 10)}, "(8, 10), expected multiples of 4"),
        ({"context": None}, "context width is None, this network takes 48"),
        ({"context": torch.zeros(1, 5, 64)}, "context width is 64, this network takes 48"),
        ({"y": torch.zeros(1, dtype=torch.int64)}, "y given to a network without it"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_in_one_sentence(
    arguments: dict[str, Tensor | None], message: str
) -> None:
    fitting = {"x": torch.zeros(1, 4, 8, 8), "context": torch.zeros(1, 5, 48)}

    with pytest.raises(ValueError, match=re.escape(message)):
        UNet(TEXT)(timesteps=torch.zeros(1), **(fitting | arguments))


def inputs() -> tuple[Tensor, Tensor]:
    """An odd batch of latents that are not square, and their context."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(len(TIMESTEPS), 4, 8, 12, generator=generator)
    return x, torch.randn(len(TIMESTEPS), 7, 48, generator=generator)
