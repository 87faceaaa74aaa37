import pytest

from engine.node import Facts, Finding, Inference
from nodes.sampling_rules import review_sampling

SETTINGS = {"sampler": "ddim", "eta": None, "rescale": 0.0, "guidance": 7.5}


def review(facts: dict[str, Facts] | None = None, **changed: object) -> list[Finding]:
    return list(review_sampling(Inference({**SETTINGS, **changed}, facts or {})))


@pytest.mark.parametrize("sampler", ["ddim", "euler_ancestral", "dpmpp_2m_sde", None])
def test_an_eta_that_is_read_or_may_be_is_not_doubted(sampler: str | None) -> None:
    assert review(sampler=sampler, eta=0.5) == []


@pytest.mark.parametrize("sampler", ["ddpm", "euler", "heun", "uni_pc", "lcm"])
def test_an_eta_that_nobody_reads_is_doubted(sampler: str) -> None:
    (found,) = review(sampler=sampler, eta=0.5)

    assert found.severity == "warning"
    assert found.message == f"eta is 0.5, but the sampler {sampler} does not read it"
    assert review(sampler=sampler, eta=0.0) == []  # what older files say by default


def test_a_rescale_without_guidance_is_doubted() -> None:
    (found,) = review(rescale=0.7, guidance=1.0)

    assert found.message == "rescale is 0.7, but guidance 1 leaves nothing to rescale"
    assert review(rescale=0.7) == []


@pytest.mark.parametrize(
    ("convention", "sampler", "copied"),
    [
        ("comfyui", "euler_ancestral", True),
        ("comfyui", "dpmpp_2m_sde", False),
        ("diffusers", "dpmpp_2m_sde", True),
        ("diffusers", "dpmpp_sde", False),
        ("latentgraph", "dpmpp_sde", True),
    ],
)
def test_step_noise_that_is_not_copied_is_told(convention: str, sampler: str, copied: bool) -> None:
    found = review({"noise": {"convention": convention}}, sampler=sampler)

    assert [item.code for item in found] == ([] if copied else ["noise-not-copied"])


@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
@pytest.mark.parametrize("zero", ["yes", "no"])
def test_no_signal_is_refused_for_eps_alone(prediction: str, zero: str) -> None:
    facts: dict[str, Facts] = {
        "schedule": {"zero_terminal_snr": zero},
        "unet": {"prediction": prediction},
    }
    found = review(facts)

    assert bool(found) == (zero == "yes" and prediction == "eps")
    assert all(item.severity == "error" and item.fixes for item in found)
