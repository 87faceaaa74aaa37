"""What is made of a context once gives every step the bits it would get from the tokens."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nodes.ldm.attention import CrossAttention
from nodes.ldm.config import UNetConfig
from nodes.ldm.control import Control, controlled
from nodes.ldm.controlnet import ControlNet
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.ldm.guidance import Network
from nodes.ldm.patching import with_tensors
from nodes.ldm.precision import by_type
from nodes.ldm.prepared import Context, Prepared
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.tiling import in_windows
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.loading import randomized

SD1 = UNetConfig(model_channels=32, num_res_blocks=1, channel_mult=(1, 2), attention_ds=(1, 2),
                 num_heads=4, context_dim=24)  # fmt: skip
LAYOUTS = {
    "Stable Diffusion 1": SD1,
    "Stable Diffusion 2": replace(
        SD1, num_heads=None, num_head_channels=16, use_linear_projection=True
    ),
    "Stable Diffusion XL": replace(
        SD1, transformer_depth=(0, 3), attention_ds=(2,), use_linear_projection=True,
        adm_in_channels=20,
    ),
    "LDM with layouts": replace(SD1, in_channels=3, out_channels=3, transformer_depth=3),
    "LDM with classes": replace(SD1, num_heads=1, attention_ds=(2,)),
    "LDM without a context": replace(SD1, context_dim=None),
}  # fmt: skip
TABLE = NoiseSchedule("scaled_linear", 0.00085, 0.012)
WALK = Walk(TABLE, "eps", (10.0, 3.0, 1.0, 0.3, 0.0), sampler="dpmpp_2m")


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def given(
    config: UNetConfig, batch: int = 3
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    context = drawn(batch, 7, config.context_dim) if config.context_dim else None
    y = drawn(batch, config.adm_in_channels) if config.adm_in_channels else None
    return drawn(batch, config.in_channels, 6, 8), torch.full((batch,), 500.0), context, y


@pytest.fixture(scope="module")
def unet() -> UNet:
    return randomized(UNet(SD1))


@pytest.fixture(scope="module")
def control() -> Control:
    network = randomized(ControlNet(ControlNetConfig(unet=SD1, hint_widths=(4, 4, 8, 8))))
    return Control(network, drawn(1, 3, 48, 64).sigmoid())


@torch.no_grad()
def same(network: Network, config: UNetConfig = SD1) -> None:
    """Tokens and what the network prepares of them give the same bits, again and again."""
    x, timesteps, context, y = given(config)
    prepared = network.prepare(context)  # type: ignore[attr-defined]
    assert isinstance(prepared, Prepared)
    for level in (1.0, 0.5):
        expected = network(level * x, timesteps, context, y)
        assert torch.equal(network(level * x, timesteps, prepared, y), expected)


@pytest.mark.parametrize("config", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_prepared_context_gives_the_bits_of_the_tokens(
    config: UNetConfig, dtype: torch.dtype
) -> None:
    network = randomized(UNet(config))
    for name, parameter in network.named_parameters():
        if name in by_type(network.state_dict(), dtype)[dtype]:
            parameter.data = parameter.data.to(dtype)
    same(network, config)


def test_beside_a_controlnet_too(unet: UNet, control: Control) -> None:
    same(controlled(unet, [control, replace(control, strength=0.5)], 999))


def test_and_in_windows_of_a_large_latent(unet: UNet, control: Control) -> None:
    same(in_windows(unet, 4, 2))
    same(in_windows(controlled(unet, [control], 999), 4, 2))


@torch.no_grad()
def test_a_network_with_a_lora_prepares_with_its_own_weights(unet: UNet) -> None:
    name = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    patched = with_tensors(unet, {name: unet.state_dict()[name] + 1})
    same(patched)
    x, timesteps, context, _ = given(SD1)
    with pytest.raises(ValueError, match="prepared by another network"):
        unet(x, timesteps, patched.prepare(context))


@torch.no_grad()
def walked(network: Network, uncond_tokens: int, tile: int = 0) -> Tensor:
    steering = Steering(drawn(1, 6, 24), drawn(1, uncond_tokens, 24), guidance=4.0)
    steps = sample(network, torch.zeros(2, 4, 4, 8), steering, replace(WALK, tile=tile))
    return [step.x for step in steps][-1]


@pytest.mark.parametrize("uncond_tokens", [6, 4])
@pytest.mark.parametrize("tile", [0, 4])
def test_a_walk_that_prepares_once_is_the_walk_that_reads_tokens_in_every_step(
    unet: UNet, uncond_tokens: int, tile: int
) -> None:
    def forgetful(
        x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        out: Tensor = unet(x, timesteps, context, y)
        return out

    asked: list[str] = []
    layers = [module.to_k for module in unet.modules() if isinstance(module, CrossAttention)]
    of_tokens = [layer for layer in layers if layer.in_features == 24]
    hooks = [layer.register_forward_hook(lambda *_: asked.append("")) for layer in of_tokens]
    once = walked(unet, uncond_tokens, tile)
    assert len(asked) == len(of_tokens)  # both halves of the guided batch at once
    assert torch.equal(once, walked(forgetful, uncond_tokens, tile))
    assert len(asked) > 4 * len(of_tokens)
    for hook in hooks:
        hook.remove()


def test_the_memory_it_takes_is_that_of_the_tokens_for_every_layer(unet: UNet) -> None:
    prepared = unet.prepare(drawn(2, 77, 24))
    widths = 3 * 32 + 4 * 64  # two halves up and one down at each level, and the middle
    assert prepared.nbytes == 2 * 2 * 77 * widths * 4


def test_tokens_of_another_width_are_refused_before_anything_is_made(unet: UNet) -> None:
    with pytest.raises(ValueError, match="context width is 25, this network takes 24"):
        unet.prepare(drawn(1, 7, 25))
    with pytest.raises(ValueError, match="context width is None"):
        unet.prepare(None)
