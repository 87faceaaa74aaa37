import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.measuring.sheet import grid, rows


def pictures(count: int, height: int = 3, width: int = 5) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(count)) / 2


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 6))
def test_every_picture_is_at_its_place_on_white(count: int, columns: int, gap: int) -> None:
    batch = pictures(count)
    sheet = grid(batch, columns, gap)
    full = -(-count // columns)
    left = torch.ones_like(sheet)

    assert sheet.shape == (1, 3, full * (3 + gap) + gap, columns * (5 + gap) + gap)
    for k in range(count):
        top, start = gap + k // columns * (3 + gap), gap + k % columns * (5 + gap)
        place = (slice(None), slice(None), slice(top, top + 3), slice(start, start + 5))
        assert torch.equal(sheet[place][0], batch[k])
        left[place] = sheet[place]
    assert torch.equal(sheet, left)


def test_rows_put_the_same_picture_of_each_stack_in_one_column() -> None:
    above, below = pictures(3), pictures(3) + 0.5
    sheet = rows([above, below], gap=0)

    assert sheet.shape == (1, 3, 6, 15)
    assert torch.equal(sheet[0, :, :3, 5:10], above[1])
    assert torch.equal(sheet[0, :, 3:, 5:10], below[1])
