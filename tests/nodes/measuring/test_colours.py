import pytest
import torch

from nodes.measuring.colours import histogram, mean_colour, shared


def painted(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([red, green, blue])[None, :, None, None].expand(1, 3, 8, 8)


def test_pictures_of_one_colour_have_all_of_it() -> None:
    found = histogram(painted(0.9, 0.1, 0.1))

    assert found.max() == 1
    assert found.sum() == 1


def test_what_two_sets_of_pictures_share_lies_between_nothing_and_all() -> None:
    red, blue = painted(0.9, 0.1, 0.1), painted(0.1, 0.1, 0.9)

    assert shared(red, blue) == 0
    assert shared(red, red) == 1
    assert shared(torch.cat([red, blue]), blue) == pytest.approx(0.5)


def test_the_mean_colour_is_that_of_all_pixels() -> None:
    both = torch.cat([painted(1, 0, 0), painted(0, 0, 0.5)])

    assert mean_colour(both) == pytest.approx((0.5, 0, 0.25))
