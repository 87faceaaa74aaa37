"""Samplers: one idea each in its own file, all of them walks along falling noise levels."""

from nodes.ldm.sampler_facts import SAMPLER_FACTS
from nodes.ldm.samplers.ddim import ddim
from nodes.ldm.samplers.dpm_2 import dpm_2
from nodes.ldm.samplers.dpmpp_2m import dpmpp_2m
from nodes.ldm.samplers.dpmpp_2s import dpmpp_2s_ancestral
from nodes.ldm.samplers.dpmpp_sde import dpmpp_sde
from nodes.ldm.samplers.heun import heun
from nodes.ldm.samplers.lcm import lcm
from nodes.ldm.samplers.lms import lms
from nodes.ldm.samplers.plms import plms
from nodes.ldm.samplers.uni_pc import uni_pc
from nodes.ldm.samplers.walk import (
    BEGINNING,
    Sampler,
    Start,
    Step,
    Update,
    from_latent,
    from_noise,
)

__all__ = [
    "BEGINNING",
    "SAMPLERS",
    "Sampler",
    "Start",
    "Step",
    "from_latent",
    "from_noise",
]

_UPDATES: dict[str, Update] = {
    "ddim": ddim,
    "ddpm": ddim,
    "euler": ddim,
    "euler_ancestral": ddim,
    "heun": heun,
    "dpm_2": dpm_2,
    "dpm_2_ancestral": dpm_2,
    "dpmpp_2m": dpmpp_2m,
    "dpmpp_2m_sde": dpmpp_2m,
    "dpmpp_2s_ancestral": dpmpp_2s_ancestral,
    "dpmpp_sde": dpmpp_sde,
    "uni_pc": uni_pc(2),
    "uni_pc_3": uni_pc(3),
    "lms": lms,
    "plms": plms,
    "lcm": lcm,
}

SAMPLERS = {name: Sampler(update, SAMPLER_FACTS[name]) for name, update in _UPDATES.items()}
"""Samplers by name."""
