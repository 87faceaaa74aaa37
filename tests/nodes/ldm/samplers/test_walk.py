from itertools import islice

import pytest
import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser, denoiser
from nodes.ldm.noise import step_noise
from nodes.ldm.sampler_facts import READ_ETA, SAMPLER_FACTS
from nodes.ldm.samplers import SAMPLERS, from_latent, from_noise
from nodes.ldm.spacings import leading, trailing
from tests.nodes.ldm.samplers.toys import (
    SCHEDULE,
    Drawing,
    bent_denoiser,
    gaussian_denoiser,
    silent,
    start,
    toy_eps,
)

ddim, ddpm, euler = SAMPLERS["ddim"], SAMPLERS["ddpm"], SAMPLERS["euler"]
DETERMINISTIC = [name for name, facts in SAMPLER_FACTS.items() if not facts.eta]
NOISY = [name for name, facts in SAMPLER_FACTS.items() if facts.eta]


def exact_for(name: str, std: float) -> Denoiser:
    """What a sampler is exact on: the mean of the pictures, or for LCM one of them."""
    if name == "lcm":  # the end of the ODE that runs through x
        return lambda x, sigma: x * std / (std**2 + sigma**2) ** 0.5
    return gaussian_denoiser(std)


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_exact_denoiser_leads_noise_to_the_distribution_of_the_data(name: str) -> None:
    sigmas = leading(SCHEDULE, 500)
    x = from_noise(torch.randn(1, 20_000, generator=torch.Generator().manual_seed(1)), 14.6)
    *_, last = SAMPLERS[name](exact_for(name, 0.5), x, sigmas, step_noise(1, x))

    assert last.sigma == 0
    assert float(last.x.std()) == pytest.approx(0.5, rel=0.03)  # 500 steps leave DDPM 2 % short
    assert abs(float(last.x.mean())) < 0.018


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_denoiser_that_knows_the_picture_ends_at_it(name: str) -> None:
    picture, sigmas = start(), trailing(SCHEDULE, 7)
    x = from_latent(picture, Drawing(3)(0), float(sigmas[0]))
    *_, last = SAMPLERS[name](lambda x, sigma: picture, x, sigmas, Drawing(4))

    assert torch.allclose(last.x, picture, rtol=0, atol=1e-12)


def test_steps_count_up_and_tell_the_noise_level_they_reached() -> None:
    sigmas = leading(SCHEDULE, 4)
    steps = list(euler(gaussian_denoiser(1), start(), sigmas, silent))

    assert [step.index for step in steps] == [0, 1, 2, 3]
    assert {step.count for step in steps} == {4}
    assert [step.sigma for step in steps] == sigmas[1:].tolist()


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_a_deterministic_sampler_never_asks_for_noise(name: str) -> None:
    steps = list(SAMPLERS[name](gaussian_denoiser(1), start(), leading(SCHEDULE, 5), silent))

    assert len(steps) == 5


@pytest.mark.parametrize("name", NOISY)
def test_a_noisy_sampler_asks_for_its_draws_in_every_step_but_the_last(name: str) -> None:
    noise, draws = Drawing(1), range(SAMPLER_FACTS[name].draws)
    list(SAMPLERS[name](gaussian_denoiser(1), start(), leading(SCHEDULE, 5), noise))

    assert set(noise.asked) == {(index, draw) for index in range(4) for draw in draws}


@pytest.mark.parametrize("name", READ_ETA)
def test_without_fresh_noise_an_ancestral_sampler_asks_for_none(name: str) -> None:
    steps = SAMPLERS[name](gaussian_denoiser(1), start(), leading(SCHEDULE, 5), silent, eta=0.0)

    assert len(list(steps)) == 5


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name not in READ_ETA])
def test_a_sampler_that_reads_no_eta_ignores_it(name: str) -> None:
    sigmas = leading(SCHEDULE, 5)
    *_, own = SAMPLERS[name](bent_denoiser, start(), sigmas, Drawing(1))
    *_, told = SAMPLERS[name](bent_denoiser, start(), sigmas, Drawing(1), eta=0.5)

    assert torch.equal(own.x, told.x)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_step_evaluates_the_denoiser_as_often_as_is_known_of_it(name: str) -> None:
    sigmas, asked = leading(SCHEDULE, 6), list[float]()

    def denoise(x: Tensor, sigma: float) -> Tensor:
        asked.append(sigma)
        return bent_denoiser(x, sigma)

    walk = SAMPLERS[name](denoise, start(), sigmas, Drawing(1))
    next(walk)
    first = len(asked)
    next(walk)

    assert len(asked) - first == SAMPLER_FACTS[name].evaluations
    assert len(list(walk)) == 4


def test_a_sampler_works_only_when_its_next_step_is_asked_for() -> None:
    sigmas, asked = leading(SCHEDULE, 10), []

    def denoise(x: Tensor, sigma: float) -> Tensor:
        asked.append(sigma)
        return x

    list(islice(euler(denoise, start(), sigmas, silent), 3))

    assert asked == sigmas[:3].tolist()


def test_no_steps_are_taken_where_no_noise_is_left() -> None:
    assert list(euler(gaussian_denoiser(1), start(), torch.zeros(1), silent)) == []


def test_sampling_keeps_no_gradients_and_leaves_grad_mode_as_it_was() -> None:
    weight = torch.ones((), requires_grad=True)
    steps = euler(lambda x, sigma: weight * x, start(), leading(SCHEDULE, 3), silent)
    first = next(steps)

    assert not first.x.requires_grad
    assert torch.is_grad_enabled()


def test_each_image_of_a_batch_is_the_image_made_alone() -> None:
    denoise, sigmas = denoiser(toy_eps, SCHEDULE), leading(SCHEDULE, 8)
    x = from_noise(start(), float(sigmas[0]))
    *_, both = ddpm(denoise, x, sigmas, step_noise(40, x))
    *_, alone = ddpm(denoise, x[1:], sigmas, step_noise(41, x[1:]))

    assert torch.allclose(both.x[1:], alone.x, atol=1e-12)


@pytest.mark.parametrize("eta", [-0.1, 1.5])
def test_an_eta_outside_its_range_is_refused(eta: float) -> None:
    with pytest.raises(ValueError, match=f"eta: got {eta}"):
        next(ddim(gaussian_denoiser(1), start(), leading(SCHEDULE, 3), silent, eta=eta))


def test_sigmas_that_do_not_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="expected each below the one before it"):
        next(euler(gaussian_denoiser(1), start(), torch.tensor([1.0, 2.0, 0.0]), silent))
