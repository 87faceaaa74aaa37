import torch

from nodes.ldm.quantizer import VectorQuantizer


def test_a_latent_becomes_its_nearest_code() -> None:
    quantizer = VectorQuantizer(n_embed=32, width=3)
    torch.nn.init.normal_(quantizer.embedding.weight, generator=torch.Generator().manual_seed(0))
    z = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(1))

    codes = quantizer(z).codes
    distances = torch.cdist(z.permute(0, 2, 3, 1).reshape(-1, 3), quantizer.embedding.weight)

    assert codes.shape == (2, 4, 5)
    assert torch.equal(codes.flatten(), distances.argmin(1))


@torch.no_grad()
def test_quantising_codes_changes_nothing() -> None:
    quantizer = VectorQuantizer(n_embed=8, width=2)
    once = quantizer(torch.randn(1, 2, 4, 4)).z
    twice = quantizer(once)

    assert torch.allclose(once, twice.z)
    assert float(twice.loss) < 1e-12


def test_gradients_pass_straight_through() -> None:
    z = torch.randn(1, 2, 3, 3, requires_grad=True)
    weights = torch.randn(1, 2, 3, 3)
    (VectorQuantizer(n_embed=8, width=2)(z).z * weights).sum().backward()

    assert z.grad is not None
    assert torch.allclose(z.grad, weights)
