import torch
from torch import nn

from nodes.training.ema import Ema


def line(weight: float) -> nn.Linear:
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, weight)
    return network


def weight_of(ema: Ema) -> float:
    return float(ema.weights["weight"])


def test_the_average_warms_up_as_lit_ema_does() -> None:
    ema = Ema(line(0.0), decay=0.9)
    expected = 0.0
    for n in range(1, 200):
        decay = min(0.9, (1 + n) / (10 + n))
        expected = decay * expected + (1 - decay) * n
        ema.update(line(float(n)))
        assert abs(weight_of(ema) - expected) < 1e-3


def test_the_first_update_takes_most_of_the_trained_weights() -> None:
    ema = Ema(line(0.0), decay=0.999)
    ema.update(line(11.0))

    assert abs(weight_of(ema) - 9.0) < 1e-5  # 1 - 2/11


def test_a_network_that_stands_still_is_its_own_average_bit_for_bit() -> None:
    network = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))
    ema = Ema(network)
    for _ in range(20):
        ema.update(network)

    assert all(torch.equal(ema.state()[k], v) for k, v in network.state_dict().items())


def test_the_network_itself_is_never_changed() -> None:
    network = line(3.0)
    ema = Ema(network)
    ema.update(line(5.0))
    nn.init.constant_(network.weight, 4.0)

    assert float(network.weight.detach()) == 4.0
    assert 3.0 < weight_of(ema) < 5.0
    assert not ema.weights["weight"].requires_grad


def test_low_precision_weights_are_averaged_in_float32() -> None:
    assert Ema(line(1.0).half()).weights["weight"].dtype == torch.float32
