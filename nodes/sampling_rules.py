"""What the check says about how UNetDenoise walks: settings nobody reads, noise, levels."""

from __future__ import annotations

from collections.abc import Iterator

from engine.node import Edit, Finding, Fix, Inference
from nodes.ldm.sampler_facts import READ_ETA

_BROWNIAN = {"comfyui": ("dpmpp_sde", "dpmpp_2m_sde"), "diffusers": ("dpmpp_sde",)}
"""Samplers whose step noise a convention draws from a Brownian tree, which we do not."""


def review_sampling(given: Inference) -> Iterator[Finding]:
    """Find what is wrong or doubtful about the way of walking."""
    yield from _review_eta(given)
    yield from _review_rescale(given)
    yield from _review_noise(given)
    yield from _review_zero_terminal_snr(given)


def _review_eta(given: Inference) -> Iterator[Finding]:
    """An eta that the sampler does not read; 0 is not told, it was the default once."""
    eta, sampler = given.settings["eta"], given.settings["sampler"]
    if eta and sampler is not None and sampler not in READ_ETA:
        yield Finding(
            f"eta is {eta:g}, but the sampler {sampler} does not read it",
            port="eta",
            got=f"sampler {sampler}",
            expected=f"a sampler that does ({', '.join(READ_ETA)}), or no eta",
            fixes=(
                Fix("set sampler to ddim", (Edit("", "sampler", "ddim"),)),
                Fix("leave eta to the sampler", (Edit("", "eta"),)),
            ),
            severity="warning",
            code="setting-ignored",
        )


def _review_rescale(given: Inference) -> Iterator[Finding]:
    if given.settings["rescale"] and given.settings["guidance"] == 1:
        yield Finding(
            f"rescale is {given.settings['rescale']:g}, but guidance 1 leaves nothing to rescale",
            port="rescale",
            got="guidance 1",
            expected="guidance above 1, or rescale 0",
            fixes=(Fix("set rescale to 0", (Edit("", "rescale", 0.0),)),),
            severity="warning",
            code="setting-ignored",
        )


def _review_noise(given: Inference) -> Iterator[Finding]:
    convention = given.facts.get("noise", {}).get("convention")
    sampler = given.settings["sampler"]
    if sampler in _BROWNIAN.get(str(convention), ()):
        yield Finding(
            f"the noise of {sampler}'s steps is not that of {convention}, so only the start of the "
            "walk will be the one its seed gives there",
            port="noise",
            got=f"{sampler}, drawn from a Brownian tree there",
            expected="a sampler whose noise can be copied",
            fixes=(
                Fix("set sampler to euler_ancestral", (Edit("", "sampler", "euler_ancestral"),)),
                Fix("unlink noise", (Edit("", "noise"),)),
            ),
            severity="warning",
            code="noise-not-copied",
        )


def _review_zero_terminal_snr(given: Inference) -> Iterator[Finding]:
    """At the level without signal, eps says nothing of the picture (Lin et al. 2023, Sec. 3.3)."""
    zero = given.facts.get("schedule", {}).get("zero_terminal_snr")
    if zero == "yes" and given.facts.get("unet", {}).get("prediction") == "eps":
        yield Finding(
            "the schedule begins without any signal, where a UNet that predicts eps says nothing "
            "of the picture",
            port="schedule",
            got="zero_terminal_snr with a UNet that predicts eps",
            expected="a UNet that predicts v or x0, or a schedule that keeps some signal",
            fixes=(
                Fix("set zero_terminal_snr to false in the NoiseSchedule"),
                Fix("load a model that predicts v"),
            ),
            code="zero-snr-eps",
        )
