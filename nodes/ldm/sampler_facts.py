"""What is known of each sampler without walking; loads without torch."""

from dataclasses import dataclass
from typing import Literal

SamplerName = Literal[
    "ddim",
    "ddpm",
    "euler",
    "euler_ancestral",
    "heun",
    "dpm_2",
    "dpm_2_ancestral",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_2s_ancestral",
    "dpmpp_sde",
    "uni_pc",
    "uni_pc_3",
    "lms",
    "plms",
    "lcm",
]
"""A key of `SAMPLER_FACTS`."""


@dataclass(frozen=True)
class SamplerFacts:
    """What a sampler does.

    Attributes:
        eta: Its share of fresh noise, in [0, 1], unless another is asked for.
        reads_eta: Whether another may be asked for.
        evaluations: Calls of the denoiser in one step, the first and the last step excepted.
        draws: Noises that a step asks for when it adds any.
        ahead: Levels beyond the next one that a step looks at.
    """

    eta: float = 0.0
    reads_eta: bool = False
    evaluations: int = 1
    draws: int = 1
    ahead: int = 0


SAMPLER_FACTS = {
    "ddim": SamplerFacts(reads_eta=True),
    "ddpm": SamplerFacts(eta=1.0),
    "euler": SamplerFacts(),
    "euler_ancestral": SamplerFacts(eta=1.0, reads_eta=True),
    "heun": SamplerFacts(evaluations=2),
    "dpm_2": SamplerFacts(evaluations=2),
    "dpm_2_ancestral": SamplerFacts(eta=1.0, reads_eta=True, evaluations=2),
    "dpmpp_2m": SamplerFacts(),
    "dpmpp_2m_sde": SamplerFacts(eta=1.0, reads_eta=True),
    "dpmpp_2s_ancestral": SamplerFacts(eta=1.0, reads_eta=True, evaluations=2),
    "dpmpp_sde": SamplerFacts(eta=1.0, reads_eta=True, evaluations=2, draws=2),
    "uni_pc": SamplerFacts(),
    "uni_pc_3": SamplerFacts(ahead=1),
    "lms": SamplerFacts(),
    "plms": SamplerFacts(),
    "lcm": SamplerFacts(eta=1.0),
}
"""By name."""

READ_ETA = tuple(name for name, facts in SAMPLER_FACTS.items() if facts.reads_eta)
