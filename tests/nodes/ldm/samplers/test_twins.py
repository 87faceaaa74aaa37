"""Whole walks of diffusers' schedulers, from the same seed and through `sample`."""

import pytest
import torch
from torch import Tensor

from nodes.ldm.guidance import Network
from nodes.ldm.prepared import Context
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import PREDICTIONS
from nodes.ldm.spacings import SPACINGS
from tests.nodes.ldm.samplers.toys import SCHEDULE, SHAPE, largest_error, toy_eps
from tests.nodes.ldm.samplers.twins import TWINS, Theirs, Twin

THEIR_NAME = {"eps": "epsilon", "v": "v_prediction", "x0": "sample"}


def predict_as(prediction: str) -> Network:
    """The toy network, saying the same in eps, v or x0."""

    def predict(
        x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        eps = toy_eps(x, timesteps)
        sigma = SCHEDULE.sigma_of(timesteps.double()).reshape(-1, 1, 1, 1)
        signal = 1 / (sigma**2 + 1).sqrt()
        x0 = PREDICTIONS["eps"].x0(x, eps, signal, sigma * signal)
        return PREDICTIONS[prediction].target(x0, eps, signal, sigma * signal).to(x)

    return predict


def error(twin: Twin, prediction: str) -> float:
    """The largest error along the walk, ours in float64, theirs as they compute."""
    predict, seed = predict_as(prediction), 5
    sigmas = SPACINGS[twin.spacing](SCHEDULE, twin.steps)
    way = Walk(
        SCHEDULE,
        prediction,
        tuple(sigmas.tolist()),
        sampler=twin.sampler,
        eta=twin.eta,
        seed=seed,
        noise="diffusers",
    )
    latent, cond = torch.zeros(SHAPE, dtype=torch.float64), Steering(torch.zeros(1, 1, 1))
    steps = list(sample(predict, latent, cond, way))
    scales = [(step.sigma**2 + 1) ** 0.5 if twin.paper else 1 for step in steps]
    ours = [step.x / scale for step, scale in zip(steps, scales, strict=True)]

    generator = torch.Generator("cpu").manual_seed(seed)
    x = torch.randn(SHAPE, generator=generator)
    x = x if twin.paper else x * (float(sigmas[0]) ** 2 + 1) ** 0.5
    theirs = Theirs(twin, SCHEDULE, generator, THEIR_NAME[prediction]).walk(x, predict)
    return largest_error(ours, theirs)


MISSING = {
    "plms": ("v", "x0"),  # theirs adds up v, LDM's and ours eps
    "euler_ancestral": ("x0",),
    "dpm_2": ("x0",),
    "dpm_2_ancestral": ("x0",),
}
"""What diffusers has not."""
CASES = [
    (twin, prediction)
    for twin in TWINS
    for prediction in PREDICTIONS
    if prediction not in MISSING.get(twin.sampler, ())
]


@pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")
@pytest.mark.parametrize(("twin", "prediction"), CASES, ids=str)
def test_a_seed_walks_where_it_walks_in_diffusers(twin: Twin, prediction: str) -> None:
    assert error(twin, prediction) < 2e-6
