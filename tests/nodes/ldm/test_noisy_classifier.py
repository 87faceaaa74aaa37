import pytest
import torch

from nodes.ldm.classifier_config import ClassifierConfig
from nodes.ldm.noisy_classifier import NoisyClassifier
from nodes.training.optimizer import seeded

CONFIG = ClassifierConfig(names=("red", "blue", "green"), width=16)


@pytest.fixture
def network() -> NoisyClassifier:
    with seeded(0):
        network = NoisyClassifier(CONFIG).eval()
        for parameter in network.parameters():  # also those that a new network leaves at zero
            parameter.data += 0.05 * torch.randn(parameter.shape)
    return network


@pytest.mark.parametrize("side", [(8, 8), (16, 4)])
def test_latents_of_any_size_get_a_score_for_each_class(
    network: NoisyClassifier, side: tuple[int, int]
) -> None:
    scores = network(torch.randn(2, 4, *side), torch.tensor([0.0, 999.0]))

    assert scores.shape == (2, 3)
    assert scores.dtype == torch.float32


def test_the_noise_level_counts(network: NoisyClassifier) -> None:
    z_t = torch.randn(1, 4, 8, 8)
    early, late = (network(z_t, torch.tensor([float(t)])) for t in (10, 900))

    assert not torch.allclose(early, late)


def test_the_gradient_reaches_every_cell(network: NoisyClassifier) -> None:
    z_t = torch.randn(1, 4, 8, 8, requires_grad=True)
    network(z_t, torch.tensor([500.0]))[0, 0].backward()

    assert z_t.grad is not None
    assert (z_t.grad.abs().sum(1) > 0).all()


def test_latents_of_another_make_are_refused(network: NoisyClassifier) -> None:
    with pytest.raises(ValueError, match="expected B 4 h w"):
        network(torch.randn(1, 3, 8, 8), torch.tensor([0.0]))


def test_a_width_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="width is 24, expected a multiple of 16"):
        ClassifierConfig(names=("red",), width=24)
