import torch

from nodes.ldm.pictures import grey, seen_as


def test_grey_pictures_stay_grey_and_white_stays_white() -> None:
    x = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))

    assert torch.allclose(grey(grey(x)), grey(x))
    assert torch.allclose(grey(torch.ones(1, 3, 2, 2)), torch.ones(1, 3, 2, 2))


def test_of_a_shrunk_picture_the_means_of_squares_are_left() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4).expand(1, 3, 4, 4)

    assert torch.equal(seen_as(x, 4), torch.full((1, 3, 1, 1), 7.5))
    assert torch.equal(seen_as(x, 2)[0, 0], torch.tensor([[2.5, 4.5], [10.5, 12.5]]))
    assert torch.equal(seen_as(x), x)
    assert torch.allclose(seen_as(x, 2, colourless=True), seen_as(x, 2))
