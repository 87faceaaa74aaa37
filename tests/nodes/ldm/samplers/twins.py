"""Diffusers' schedulers set up as ours are, and their walks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from nodes.ldm.schedule import NoiseSchedule

BETAS: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
}


@dataclass(frozen=True)
class Twin:
    """A scheduler that walks as one of our samplers does.

    Args:
        sampler: Ours.
        name: Theirs.
        spacing: Ours.
        settings: Theirs.
        steps: A number at which the spacing falls on whole timesteps.
        eta: Ours, and that of their steps where they take one.
        paper: Whether they keep x_t as the paper scales it, not divided by sqrt(alpha_bar).
    """

    sampler: str
    name: str
    spacing: str
    settings: dict[str, Any]
    steps: int = 10
    eta: float | None = None
    paper: bool = True

    def __str__(self) -> str:
        return f"{self.sampler}-{self.spacing}-{self.steps}"


TRAILING = {"timestep_spacing": "trailing"}
THIRD = {"timestep_spacing": "trailing", "final_sigmas_type": "zero", "solver_order": 3}
LINSPACE = {"timestep_spacing": "linspace"}
LEADING = {"timestep_spacing": "leading", "steps_offset": 1}
EXACT = {"clip_sample": False, "set_alpha_to_one": True}
ZERO = {"final_sigmas_type": "zero"}
SDE = {**ZERO, "algorithm_type": "sde-dpmsolver++", **TRAILING}

TWINS = (
    Twin("ddim", "DDIMScheduler", "leading", {**LEADING, **EXACT}, 20),
    Twin("ddim", "DDIMScheduler", "trailing", {**TRAILING, **EXACT}, eta=0.5),
    Twin("ddpm", "DDPMScheduler", "leading", {**LEADING, "clip_sample": False}),
    Twin("euler", "EulerDiscreteScheduler", "linspace", LINSPACE, paper=False),
    Twin("euler_ancestral", "EulerAncestralDiscreteScheduler", "linspace", LINSPACE, paper=False),
    Twin("euler_ancestral", "EulerAncestralDiscreteScheduler", "leading", LEADING, 20, paper=False),
    Twin("heun", "HeunDiscreteScheduler", "trailing", TRAILING, paper=False),
    Twin("heun", "HeunDiscreteScheduler", "linspace", LINSPACE, 28, paper=False),
    Twin("dpm_2", "KDPM2DiscreteScheduler", "linspace", LINSPACE, paper=False),
    Twin("dpm_2_ancestral", "KDPM2AncestralDiscreteScheduler", "linspace", LINSPACE, paper=False),
    Twin("lms", "LMSDiscreteScheduler", "linspace", LINSPACE, paper=False),
    Twin("plms", "PNDMScheduler", "leading", {**LEADING, "skip_prk_steps": True, **EXACT}, 20),
    Twin("dpmpp_2m", "DPMSolverMultistepScheduler", "trailing", {**TRAILING, **ZERO}),
    Twin("dpmpp_2m", "DPMSolverMultistepScheduler", "sgm_uniform", {**LINSPACE, **ZERO}, 27),
    Twin("dpmpp_2m_sde", "DPMSolverMultistepScheduler", "trailing", SDE),
    Twin("uni_pc", "UniPCMultistepScheduler", "trailing", {**TRAILING, **ZERO}),
    Twin("uni_pc", "UniPCMultistepScheduler", "sgm_uniform", {**LINSPACE, **ZERO}, 27),
    Twin("uni_pc_3", "UniPCMultistepScheduler", "trailing", THIRD),
    Twin("lcm", "LCMScheduler", "lcm", EXACT, 4),
    Twin("lcm", "LCMScheduler", "lcm", EXACT, 7),
)  # fmt: skip


@dataclass
class Theirs:
    """A walk of theirs.

    Args:
        twin: Which.
        table: Noise levels; None leaves them theirs, the same in float32, off by 2e-5.
        generator: Draws what their steps add.
        prediction: What the network predicts.
    """

    twin: Twin
    table: NoiseSchedule | None
    generator: torch.Generator
    prediction: str = "epsilon"
    walked: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        diffusers = import_module("diffusers")
        settings = {**BETAS, **self.twin.settings, "prediction_type": self.prediction}
        if "skip_prk_steps" in settings:
            settings.pop("clip_sample")  # PNDM never clips
        self.scheduler = getattr(diffusers, self.twin.name)(**settings)
        if self.table is not None:
            self._share_levels(self.table.alpha_bar)
        self.scheduler.set_timesteps(self.twin.steps)

    def _share_levels(self, alpha_bar: Tensor) -> None:
        self.scheduler.alphas_cumprod = alpha_bar
        for name, value in (
            ("alpha_t", alpha_bar.sqrt()),
            ("sigma_t", (1 - alpha_bar).sqrt()),
            ("lambda_t", (alpha_bar.sqrt() / (1 - alpha_bar).sqrt()).log()),
        ):
            if hasattr(self.scheduler, name):
                setattr(self.scheduler, name, value)

    def walk(self, x: Tensor, predict: Callable[[Tensor, Tensor], Tensor]) -> list[Tensor]:
        """Return x after each whole step of theirs, from x at the first level in their frame."""
        found = []
        for t in self.scheduler.timesteps:
            output = predict(self.scheduler.scale_model_input(x, t), t.expand(len(x)))
            x = self.scheduler.step(output, t, x, **self._extra()).prev_sample
            if getattr(self.scheduler, "state_in_first_order", True):
                found.append(x)
        if not getattr(self.scheduler, "state_in_first_order", True):
            found.append(x)  # the last step of Heun has no second half
        return found[-self.twin.steps :]  # PNDM's first is only a look ahead

    def _extra(self) -> dict[str, Any]:
        takes = self.scheduler.step.__code__.co_varnames
        extra = {"generator": self.generator} if "generator" in takes else {}
        return {**extra, "eta": self.twin.eta or 0.0} if "eta" in takes else extra
