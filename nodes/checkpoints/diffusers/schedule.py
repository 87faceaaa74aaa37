"""What a diffusers folder's scheduler says: the betas, what is predicted, how steps are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodes.checkpoints.diffusers.document import Fields
from nodes.ldm.config import Prediction, ScheduleConfig

SCHEDULERS = (
    "DDIMScheduler", "DDPMScheduler", "DEISMultistepScheduler", "DPMSolverMultistepScheduler",
    "DPMSolverSDEScheduler", "DPMSolverSinglestepScheduler", "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler", "HeunDiscreteScheduler", "KDPM2AncestralDiscreteScheduler",
    "KDPM2DiscreteScheduler", "LCMScheduler", "LMSDiscreteScheduler", "PNDMScheduler",
    "UniPCMultistepScheduler",
)  # fmt: skip
BETAS = {"linear": "linear", "scaled_linear": "scaled_linear", "squaredcos_cap_v2": "cosine"}
PREDICTIONS: dict[str, Prediction] = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}
SPACINGS = ("leading", "linspace", "trailing")


@dataclass(frozen=True)
class SchedulerFacts:
    """What a scheduler's config says beside the betas.

    Attributes:
        name: Class of the scheduler, which is the folder's choice of sampler.
        spacing: How timesteps are chosen: leading, linspace or trailing.
        steps_offset: Added to every timestep with leading spacing.
        clip_sample: Whether x_0 is clipped to [-1, 1] in every step.
        set_alpha_to_one: Whether the last step ends at no noise, not at that of timestep 0.
        zero_terminal_snr: Whether the betas are rescaled so that the last timestep is pure noise.
        karras: Whether noise levels are spaced as Karras et al. 2022 do.
    """

    name: str
    spacing: str
    steps_offset: int = 0
    clip_sample: bool = False
    set_alpha_to_one: bool = True
    zero_terminal_snr: bool = False
    karras: bool = False


def diffusers_schedule(document: object) -> tuple[ScheduleConfig, SchedulerFacts]:
    """Read a scheduler_config.json.

    Everything that is only a way to sample is left to the sampler's own settings.

    Args:
        document: The scheduler_config.json of the folder `scheduler`.

    Raises:
        ValueError: It is of no known scheduler, or has betas of its own.
    """
    fields = Fields(document, "scheduler/scheduler_config.json")
    name = fields.one_of("_class_name", SCHEDULERS)
    if fields.has("trained_betas"):
        raise fields.unexpected("trained_betas", "none: betas by a formula")
    schedule = ScheduleConfig(
        kind=BETAS[fields.one_of("beta_schedule", tuple(BETAS), default="linear")],
        beta_start=fields.number("beta_start", 0.0001),
        beta_end=fields.number("beta_end", 0.02),
        timesteps=fields.count("num_train_timesteps", 1000),
        prediction=PREDICTIONS[
            fields.one_of("prediction_type", tuple(PREDICTIONS), default="epsilon")
        ],
    )
    return schedule, _facts(fields, name)


def _facts(fields: Fields, name: str) -> SchedulerFacts:
    default: dict[str, Any] = DEFAULTS.get(name, {})
    spacing = default.get("spacing", "linspace")
    return SchedulerFacts(
        name=name,
        spacing=fields.one_of("timestep_spacing", SPACINGS, default=spacing),
        steps_offset=fields.count("steps_offset", 0),
        clip_sample=fields.flag("clip_sample", default.get("clip_sample", False)),
        set_alpha_to_one=fields.flag("set_alpha_to_one", default.get("set_alpha_to_one", True)),
        zero_terminal_snr=fields.flag("rescale_betas_zero_snr", False),
        karras=fields.flag("use_karras_sigmas", False),
    )


DEFAULTS: dict[str, dict[str, Any]] = {
    "DDIMScheduler": {"spacing": "leading", "clip_sample": True},
    "DDPMScheduler": {"spacing": "leading", "clip_sample": True},
    "LCMScheduler": {"spacing": "leading"},
    "PNDMScheduler": {"spacing": "leading", "set_alpha_to_one": False},
}
"""What the classes assume where the config says nothing, as far as they differ."""
