"""How alike two pictures are."""

from skimage.metrics import structural_similarity
from torch import Tensor


def psnr(x: Tensor, target: Tensor, mask: Tensor | None = None) -> list[float]:
    """Peak signal-to-noise ratio of each picture in decibels; both B 3 H W in [0, 1].

    Args:
        x: Pictures.
        target: What they should be.
        mask: B 1 H W; where it is 1 counts. Everything by default.
    """
    error = (x - target).square()
    if mask is None:
        mse = error.mean(dim=(1, 2, 3))
    else:
        weight = mask.expand_as(error)
        mse = (error * weight).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))
    return [float(value) for value in -10 * mse.clamp(min=1e-10).log10()]


def ssim(x: Tensor, target: Tensor) -> list[float]:
    """Structural similarity of each picture (Wang et al. 2004: Gaussian window, sigma 1.5)."""
    pairs = zip(x.permute(0, 2, 3, 1).numpy(), target.permute(0, 2, 3, 1).numpy(), strict=True)
    return [
        float(
            structural_similarity(
                a,
                b,
                channel_axis=2,
                data_range=1.0,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        )
        for a, b in pairs
    ]
