import math

import pytest
import torch

from nodes.measuring.quality import psnr, ssim


def picture(batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, 3, 24, 24, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("error", "decibels"), [(0.1, 20.0), (0.01, 40.0), (1.0, 0.0)])
def test_psnr_of_a_constant_error_is_known(error: float, decibels: float) -> None:
    target = torch.zeros(2, 3, 8, 8)

    assert psnr(target + error, target) == pytest.approx([decibels, decibels], abs=1e-4)


def test_psnr_of_equal_pictures_is_one_hundred() -> None:
    assert psnr(picture(), picture()) == pytest.approx([100.0])


def test_psnr_is_of_each_picture_alone() -> None:
    target = torch.zeros(2, 3, 4, 4)
    x = target.clone()
    x[1] = 0.1

    assert psnr(x, target) == pytest.approx([100.0, 20.0], abs=1e-4)


def test_only_what_the_mask_holds_counts() -> None:
    target = torch.zeros(1, 3, 4, 4)
    x, mask = target + 0.1, torch.zeros(1, 1, 4, 4)
    mask[..., :2] = 1
    x[..., 2:] = 0.9

    assert psnr(x, target, mask) == pytest.approx([20.0], abs=1e-4)
    assert psnr(x, target)[0] < 5


def test_ssim_of_equal_pictures_is_one() -> None:
    assert ssim(picture(2), picture(2)) == pytest.approx([1.0, 1.0])


def test_ssim_of_two_flat_pictures_is_the_luminance_term() -> None:
    """(2 a b + C1) / (a^2 + b^2 + C1), C1 = 0.01^2 (Wang et al. 2004, Eq. 6)."""
    a, b, c1 = 0.3, 0.6, 0.01**2
    x, y = (torch.full((1, 3, 16, 16), level) for level in (a, b))

    assert ssim(x, y) == pytest.approx([(2 * a * b + c1) / (a**2 + b**2 + c1)], rel=1e-4)


def test_ssim_falls_with_noise() -> None:
    noise = torch.randn(1, 3, 24, 24, generator=torch.Generator().manual_seed(1))
    (little,), (much,) = (ssim((picture() + s * noise).clamp(0, 1), picture()) for s in (0.02, 0.3))

    assert 1 > little > 0.9 > much > -1
    assert math.isfinite(much)
