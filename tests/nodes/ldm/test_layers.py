import torch
from diffusers.models.embeddings import get_timestep_embedding

from nodes.ldm.layers import timestep_embedding


def test_timesteps_are_embedded_as_in_diffusers_with_cosines_first() -> None:
    timesteps = torch.tensor([0, 3, 777, 999])

    for width in (64, 320, 33):
        expected = get_timestep_embedding(
            timesteps, width, flip_sin_to_cos=True, downscale_freq_shift=0
        )
        assert torch.allclose(timestep_embedding(timesteps, width), expected, atol=1e-4)


def test_timestep_zero_is_ones_and_zeros() -> None:
    assert timestep_embedding(torch.zeros(1), 6).tolist() == [[1, 1, 1, 0, 0, 0]]
