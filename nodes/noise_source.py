"""NoiseSource: whose noise a seed stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.node import Facts, Inference, node
from nodes.values import Noise


def _infer(given: Inference) -> Mapping[str, Facts]:
    convention = given.settings["convention"]
    return {"noise": {} if convention is None else {"convention": convention}}


@node("NoiseSource", version=1, category="latent diffusion", infer=_infer)
def noise_source(
    convention: Literal["latentgraph", "comfyui", "diffusers"] = "latentgraph",
) -> Noise:
    """Keep the seeds of another program: its initial noise, and its steps' where it can be had.

    latentgraph: each picture of a batch has its own noise, of seed + k, the same on every machine.

    comfyui: the start is torch.randn of the whole batch on the CPU after torch.manual_seed(seed),
    and the noise of ancestral samplers that of a CPU generator of seed + 1, as it is there when it
    runs on a CPU (on a GPU it draws on the GPU). dpmpp_sde and dpmpp_2m_sde draw from a Brownian
    tree there, which is not copied.

    diffusers: one torch.Generator("cpu").manual_seed(seed), for text to image: the start, then
    each step. From image to image it first draws for the first stage, which is not copied, nor is
    the Brownian tree of its dpmpp_sde; a pipeline in half precision draws other numbers, and its
    euler, heun, dpm_2 and lms begin 0.2 % lower with linspace and trailing levels.

    Args:
        convention: Whose.
    """
    return Noise(convention)
