import pytest
import torch

from nodes.measuring.samples import _in_box, frechet, mean_iou


def test_the_frechet_distance_of_equal_clouds_is_nothing() -> None:
    cloud = torch.randn(400, 5, generator=torch.Generator().manual_seed(0))

    assert frechet(cloud, cloud) == pytest.approx(0, abs=1e-9)
    assert frechet(cloud, cloud + 2) == pytest.approx(4 * 5)  # only the means differ


def test_the_frechet_distance_of_two_spreads_is_that_of_their_deviations() -> None:
    """Of Gaussians along one axis it is the difference of deviations, squared."""
    cloud = torch.randn(400, 1, generator=torch.Generator().manual_seed(0))
    deviation = float(cloud.std())
    shift = float((3 * cloud.mean() - cloud.mean()) ** 2)

    assert frechet(cloud, 3 * cloud) == pytest.approx((2 * deviation) ** 2 + shift, rel=1e-4)


def test_one_picture_has_no_spread() -> None:
    with pytest.raises(ValueError, match="at least 4 pictures"):
        frechet(torch.zeros(1, 3), torch.zeros(4, 3))


def test_mean_iou_counts_every_label_alike() -> None:
    truth = torch.zeros(1, 4, 4, dtype=torch.int64)
    truth[0, :, 3] = 7
    found = torch.zeros_like(truth)
    found[0, :2, 3] = 7

    assert mean_iou(truth, truth) == 1
    assert mean_iou(found, truth) == pytest.approx((2 / 4 + 12 / 14) / 2)


def test_an_object_is_looked_for_in_its_box() -> None:
    found = torch.zeros(40, 40, dtype=torch.int64)
    found[10:20, 10:30] = 3

    assert _in_box(found, 3, (0.25, 0.25, 0.75, 0.5)) == (1.0, 1.0)
    assert _in_box(found, 3, (0.5, 0.25, 1.0, 0.5)) == pytest.approx((1.0, 1 / 3))
    assert _in_box(found, 4, (0.25, 0.25, 0.75, 0.5)) == (0.0, 0.0)
