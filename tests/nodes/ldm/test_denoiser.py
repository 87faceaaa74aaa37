import pytest
import torch
from torch import Tensor

from nodes.ldm.denoiser import denoiser
from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule

SCHEDULE = NoiseSchedule("scaled_linear", 0.00085, 0.012)


def pictures() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(3)
    x0, eps = torch.randn(2, 3, 4, 2, 2, dtype=torch.float64, generator=random)
    return x0, eps


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("sigma", [0.03, 1.0, 14.6])
def test_a_perfect_network_is_a_perfect_denoiser(prediction: str, sigma: float) -> None:
    x0, eps = pictures()
    signal = torch.tensor(1 / (1 + sigma**2) ** 0.5, dtype=torch.float64)
    output = PREDICTIONS[prediction].target(x0, eps, signal, sigma * signal)
    denoise = denoiser(lambda x_t, timestep: output, SCHEDULE, prediction)

    assert torch.allclose(denoise(x0 + sigma * eps, sigma), x0, atol=1e-12)


@pytest.mark.parametrize(
    ("prediction", "skip", "out"), [("eps", 1.0, -2.0), ("v", 0.2, -(0.8**0.5))]
)
def test_the_denoiser_has_the_published_scalings_at_sigma_2(
    prediction: str, skip: float, out: float
) -> None:
    x, output = pictures()
    denoise = denoiser(lambda x_t, timestep: output, SCHEDULE, prediction)

    assert torch.allclose(denoise(x, 2.0), skip * x + out * output, atol=1e-12)


def test_the_network_sees_the_papers_x_t_and_timestep() -> None:
    x0, eps = pictures()
    timestep = torch.tensor([0, 500, 999])
    seen: list[tuple[Tensor, Tensor]] = []

    def predict(x_t: Tensor, timestep: Tensor) -> Tensor:
        seen.append((x_t, timestep))
        return x_t

    denoise = denoiser(predict, SCHEDULE)
    for t, sigma in zip(timestep, SCHEDULE.sigmas[timestep].tolist(), strict=True):
        denoise(x0 + sigma * eps, sigma)
        x_t, asked = seen.pop()

        assert torch.allclose(x_t, SCHEDULE.q_sample(x0, t.expand(3), eps), atol=1e-12)
        assert asked.dtype == torch.float32
        assert asked.tolist() == [float(t)] * 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_denoiser_keeps_the_type_of_the_picture(dtype: torch.dtype) -> None:
    denoise = denoiser(lambda x_t, timestep: x_t, SCHEDULE)

    assert denoise(torch.ones(1, 1, 2, 2, dtype=dtype), 3.0).dtype == dtype


def test_an_unknown_prediction_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"got 'score', expected one of \['eps', 'v', 'x0'\]"):
        denoiser(lambda x_t, timestep: x_t, SCHEDULE, "score")
