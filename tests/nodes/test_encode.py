import pytest
import torch

from nodes.decode import decode
from nodes.encode import encode
from nodes.values import Image, Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, FACTOR, FIRST_STAGE, TinyModels


def pictures(batch: int, height: int = 32, width: int = 48) -> Image:
    return Image(torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(5)))


def test_a_picture_becomes_a_latent_f_times_smaller(ctx: FolderContext, models: TinyModels) -> None:
    latent = encode(models.autoencoder, pictures(2), ctx)

    assert latent.data.shape == (2, CHANNELS, 32 // FACTOR, 48 // FACTOR)
    assert latent.data.dtype == torch.float32


def test_the_same_picture_always_gives_the_same_latent(
    ctx: FolderContext, models: TinyModels
) -> None:
    image = pictures(1)
    first = encode(models.autoencoder, image, ctx)
    torch.randn(7)

    assert torch.equal(encode(models.autoencoder, image, ctx.again()).data, first.data)


def test_a_latent_is_the_posterior_mean_times_the_scale_factor(
    ctx: FolderContext, models: TinyModels
) -> None:
    image, ctx = pictures(1), ctx.again()
    latent = encode(models.autoencoder, image, ctx).data
    (stage,) = ctx.loaded.values()
    with torch.no_grad():
        mean, std = stage.network.posterior(stage.network.encode(image.data * 2 - 1))

    assert torch.equal(latent, mean * FIRST_STAGE.scale_factor)
    assert bool((std > 0).all())


def test_a_picture_of_a_batch_is_encoded_as_it_is_alone(
    ctx: FolderContext, models: TinyModels
) -> None:
    """To 1e-5: convolutions of another batch size add in another order."""
    image = pictures(3)
    together = encode(models.autoencoder, image, ctx).data
    alone = encode(models.autoencoder, Image(image.data[1:2]), ctx).data

    assert torch.allclose(together[1:2], alone, atol=1e-5)


@pytest.mark.parametrize(
    ("width", "height", "near"), [(50, 32, "48 x 32"), (32, 45, "32 x 40"), (7, 3, "8 x 8")]
)
def test_a_size_that_f_does_not_divide_is_refused_with_the_nearest_one(
    ctx: FolderContext, models: TinyModels, width: int, height: int, near: str
) -> None:
    with pytest.raises(ValueError, match=f"is {width} x {height}, .* multiples of 8; .*to {near} "):
        encode(models.autoencoder, pictures(1, height, width), ctx)


def test_encode_and_decode_share_the_weights(ctx: FolderContext, models: TinyModels) -> None:
    ctx = ctx.again()
    encode(models.autoencoder, pictures(1), ctx)
    (before,) = ctx.loaded.values()
    decode(models.autoencoder, Latent(torch.zeros(1, CHANNELS, 4, 4)), ctx)
    (after,) = ctx.loaded.values()

    assert after is before


def test_fast_numerics_still_gives_float32_latents_close_by(
    ctx: FolderContext, models: TinyModels
) -> None:
    exact = encode(models.autoencoder, pictures(1), ctx).data
    ctx.settings = type(ctx.settings)("cpu", "fast")
    rough = encode(models.autoencoder, pictures(1), ctx).data

    assert rough.dtype == torch.float32
    assert 0 < float((rough - exact).abs().max()) < 0.1 * float(exact.abs().max())
