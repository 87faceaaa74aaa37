"""From a seed to a picture, ten steps under guidance, beside the loop of diffusers' pipelines."""

from itertools import combinations

import pytest
import torch
from torch import Tensor

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import SPACINGS
from nodes.ldm.unet import UNet
from tests.nodes.ldm.conftest import Randomize
from tests.nodes.ldm.samplers.twins import EXACT, LEADING, SDE, THIRD, TRAILING, ZERO, Theirs, Twin
from tests.nodes.tiny import CHANNELS, FIRST_STAGE, WIDTH, unet_config

TABLE = NoiseSchedule("scaled_linear", 0.00085, 0.012)
SHAPE, SEED, GUIDANCE = (2, CHANNELS, 6, 8), 31, 7.5
PUBLISHED = {**LEADING, "clip_sample": False, "set_alpha_to_one": True}
"""How Stable Diffusion's files set their schedulers, but for the last level, which is 0 here."""

TWINS = (
    Twin("ddim", "DDIMScheduler", "leading", PUBLISHED),
    Twin("ddpm", "DDPMScheduler", "leading", {**LEADING, "clip_sample": False}),
    Twin("plms", "PNDMScheduler", "leading", {**PUBLISHED, "skip_prk_steps": True}),
    Twin("euler", "EulerDiscreteScheduler", "leading", LEADING, paper=False),
    Twin("euler_ancestral", "EulerAncestralDiscreteScheduler", "leading", LEADING, paper=False),
    Twin("heun", "HeunDiscreteScheduler", "leading", LEADING, paper=False),
    Twin("dpm_2", "KDPM2DiscreteScheduler", "leading", LEADING, paper=False),
    Twin("dpm_2_ancestral", "KDPM2AncestralDiscreteScheduler", "leading", LEADING, paper=False),
    Twin("lms", "LMSDiscreteScheduler", "leading", LEADING, paper=False),
    Twin("dpmpp_2m", "DPMSolverMultistepScheduler", "trailing", {**TRAILING, **ZERO}),
    Twin("dpmpp_2m_sde", "DPMSolverMultistepScheduler", "trailing", SDE),
    Twin("uni_pc", "UniPCMultistepScheduler", "trailing", {**TRAILING, **ZERO}),
    Twin("uni_pc_3", "UniPCMultistepScheduler", "trailing", THIRD),
    Twin("lcm", "LCMScheduler", "lcm", EXACT),
)  # fmt: skip


class Models:
    """A denoiser and a first stage at random weights, and what they are told."""

    def __init__(self, randomize: Randomize) -> None:
        self.unet, self.stage = UNet(unet_config(concat=False)), Autoencoder(FIRST_STAGE)
        for network in (self.unet, self.stage):
            randomize(network.eval())
        self.uncond, self.cond = torch.randn(
            2, 1, 7, WIDTH, generator=torch.Generator().manual_seed(1)
        )

    @torch.no_grad()
    def theirs(self, twin: Twin) -> Tensor:
        generator = torch.Generator("cpu").manual_seed(SEED)
        walk = Theirs(twin, None, generator)
        both = torch.cat([self.uncond.expand(2, -1, -1), self.cond.expand(2, -1, -1)])

        def predict(x: Tensor, t: Tensor) -> Tensor:
            uncond, cond = self.unet(torch.cat([x, x]), torch.cat([t, t]), both).chunk(2)
            guided: Tensor = uncond + GUIDANCE * (cond - uncond)
            return guided

        x = torch.randn(SHAPE, generator=generator) * walk.scheduler.init_noise_sigma
        return self.picture(walk.walk(x, predict)[-1])

    @torch.no_grad()
    def ours(self, twin: Twin) -> Tensor:
        sigmas = tuple(SPACINGS[twin.spacing](TABLE, twin.steps).tolist())
        way = Walk(TABLE, "eps", sigmas, sampler=twin.sampler, seed=SEED, noise="diffusers")
        steering = Steering(self.cond, self.uncond, guidance=GUIDANCE)
        *_, last = sample(self.unet, torch.zeros(SHAPE), steering, way)
        return self.picture(last.x)

    def picture(self, latent: Tensor) -> Tensor:
        return (self.stage.decode(latent) / 2 + 0.5).clamp(0, 1)


@pytest.fixture
def models(randomize: Randomize) -> Models:
    return Models(randomize)


@pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")
@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_the_picture_of_a_seed_is_that_of_the_reference(models: Models, twin: Twin) -> None:
    ours, theirs = models.ours(twin), models.theirs(twin)

    assert float(theirs.std()) > 0.02  # there is something to see
    assert float(((theirs == 0) | (theirs == 1)).float().mean()) < 0.5
    assert psnr(ours, theirs) >= 60


def test_pictures_of_other_samplers_lie_further_away_than_that(models: Models) -> None:
    same = {"ddim": "euler", "ddpm": "euler_ancestral"}  # one law by two names
    pictures = [models.ours(twin) for twin in TWINS if twin.sampler not in same]

    assert max(psnr(a, b) for a, b in combinations(pictures, 2)) < 55


def psnr(a: Tensor, b: Tensor) -> float:
    """Of pictures in [0, 1], in dB."""
    return float(-10 * torch.log10((a - b).square().mean() + 1e-20))
