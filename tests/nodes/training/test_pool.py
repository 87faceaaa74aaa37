import torch

from nodes.training.optimizer import step_generator
from nodes.training.pool import ScenePool, draw_pool, to_bytes
from nodes.training.scenes import render, sample_scene


def numbered(count: int, side: int) -> ScenePool:
    """A pool whose pixels tell where they are: red the row, green the column, blue the picture."""
    rows = torch.arange(side).view(1, 1, side, 1).expand(count, 1, side, side)
    columns = torch.arange(side).view(1, 1, 1, side).expand(count, 1, side, side)
    which = torch.arange(count).view(count, 1, 1, 1).expand(count, 1, side, side)
    images = torch.cat([rows, columns, which], dim=1).to(torch.uint8)
    return ScenePool(tuple(sample_scene(i) for i in range(count)), images)


def test_a_pool_holds_the_scenes_of_its_seeds() -> None:
    reported: list[tuple[int, int]] = []
    pool = draw_pool(20, 3, 32, (1, 2), lambda *done: reported.append(done))

    assert pool.scenes == tuple(sample_scene(20 + i, (1, 2)) for i in range(3))
    assert pool.images.dtype == torch.uint8
    assert torch.equal(pool.images, to_bytes(render(pool.scenes, 32).image))
    assert len(pool) == 3
    assert reported == [(3, 3)]


def test_pictures_are_brought_to_minus_one_to_one() -> None:
    pool = ScenePool((sample_scene(0),), torch.tensor([0, 51, 255]).byte().view(1, 3, 1, 1))

    assert torch.allclose(pool.pictures(0, 9).flatten(), torch.tensor([-1.0, -0.6, 1.0]))


def test_windows_are_whole_and_half_of_them_mirrored() -> None:
    pool = numbered(3, 8)
    x = (pool.crops(400, 5, step_generator(0, 0)) + 1) * 127.5
    rows, columns, which = (x[:, channel].round().long() for channel in range(3))
    mirrored = columns[:, 0, 0] > columns[:, 0, 1]

    assert x.shape == (400, 3, 5, 5)
    assert bool((rows.diff(dim=1) == 1).all())
    assert bool((columns.diff(dim=2).abs() == 1).all())
    assert set(rows[:, 0, 0].tolist()) == set(columns.amin(dim=(1, 2)).tolist()) == {0, 1, 2, 3}
    assert set(which[:, 0, 0].tolist()) == {0, 1, 2}
    assert 0.4 < float(mirrored.float().mean()) < 0.6


def test_a_window_may_be_the_whole_picture() -> None:
    pool = numbered(1, 4)
    x = pool.crops(9, 4, step_generator(0, 0))

    assert all(
        torch.equal(window, pool.pictures(0, 1)[0])
        or torch.equal(window, pool.pictures(0, 1)[0].flip(2))
        for window in x
    )


def test_pictures_are_rounded_to_bytes() -> None:
    image = torch.tensor([-0.1, 0.0, 0.498, 0.499, 1.0, 1.7])

    assert to_bytes(image).tolist() == [0, 0, 127, 127, 255, 255]
