import torch

from nodes.decode import decode
from nodes.values import Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, FACTOR, TinyModels


def latents(batch: int) -> Latent:
    generator = torch.Generator().manual_seed(5)
    return Latent(torch.randn(batch, CHANNELS, 4, 6, generator=generator))


def test_a_latent_becomes_a_picture_f_times_larger(ctx: FolderContext, models: TinyModels) -> None:
    image = decode(models.autoencoder, latents(2), ctx).data

    assert image.shape == (2, 3, 4 * FACTOR, 6 * FACTOR)
    assert image.dtype == torch.float32
    assert float(image.min()) >= 0
    assert float(image.max()) <= 1
    assert float(image.std()) > 0


def test_a_wild_latent_still_gives_a_picture(ctx: FolderContext, models: TinyModels) -> None:
    image = decode(models.autoencoder, Latent(latents(1).data * 1e4), ctx).data

    assert float(image.min()) >= 0
    assert float(image.max()) <= 1


def test_the_same_latent_always_gives_the_same_picture(
    ctx: FolderContext, models: TinyModels
) -> None:
    first = decode(models.autoencoder, latents(2), ctx).data

    assert torch.equal(decode(models.autoencoder, latents(2), ctx.again()).data, first)


def test_a_picture_of_a_large_batch_is_decoded_as_it_is_alone(
    ctx: FolderContext, models: TinyModels
) -> None:
    """To 1e-5, and beyond the four that are decoded at a time."""
    batch = latents(6)
    together = decode(models.autoencoder, batch, ctx).data

    assert len(together) == 6
    for k in (0, 3, 5):
        alone = decode(models.autoencoder, Latent(batch.data[k : k + 1]), ctx).data
        assert torch.allclose(together[k : k + 1], alone, atol=1e-5)


def test_latents_are_brought_back_to_the_autoencoders_own_scale(
    ctx: FolderContext, models: TinyModels
) -> None:
    ctx = ctx.again()
    image = decode(models.autoencoder, latents(1), ctx).data
    (stage,) = ctx.loaded.values()
    with torch.no_grad():
        x = stage.network.decode(latents(1).data / 0.7)

    assert torch.equal(image, (x / 2 + 0.5).clamp(0, 1))
