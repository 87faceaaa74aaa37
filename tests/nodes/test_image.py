import io
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from torch import Tensor

from engine.node import FileRef
from nodes.image import (
    composite,
    contact_sheet,
    crop,
    load_image,
    mask_image,
    preview_image,
    resize,
    save_image,
    solid_image,
)
from nodes.values import Image, Mask
from tests.nodes.asking import findings, messages
from tests.nodes.context import FolderContext

seeds = st.integers(0, 2**31)


def picture(batch: int = 1, height: int = 6, width: int = 8, seed: int = 0) -> Image:
    generator = torch.Generator().manual_seed(seed)
    return Image(torch.rand(batch, 3, height, width, generator=generator))


def to_tensor(file: Path | io.BytesIO) -> Tensor:
    with Pillow.open(file) as opened:
        data = torch.frombuffer(bytearray(opened.convert("RGB").tobytes()), dtype=torch.uint8)
        return data.reshape(opened.height, opened.width, 3).permute(2, 0, 1)


@given(seeds, st.integers(1, 3), st.booleans())
def test_composite_leaves_what_the_mask_keeps_bit_for_bit(
    seed: int, batch: int, soft: bool
) -> None:
    background, foreground = picture(batch, seed=seed), picture(batch, seed=seed + 1)
    levels = torch.rand(batch, 1, 6, 8, generator=torch.Generator().manual_seed(seed + 2))
    mask = (levels * 3 - 1).clamp(0, 1) if soft else levels.round()
    mixed = composite(background, foreground, Mask(mask)).data
    kept, painted = (mask == 0).expand_as(mixed), (mask == 1).expand_as(mixed)

    assert torch.equal(mixed[kept], background.data[kept])
    assert torch.equal(mixed[painted], foreground.data[painted])
    assert torch.allclose(mixed, background.data * (1 - mask) + foreground.data * mask, atol=1e-6)


def test_one_mask_serves_a_batch_of_pictures() -> None:
    mask = Mask(torch.ones(1, 1, 6, 8))

    assert torch.equal(composite(picture(1), picture(3), mask).data, picture(3).data)
    assert mask_image(picture(3), mask).data.shape == (3, 3, 6, 8)


def test_pictures_and_masks_that_do_not_go_together_are_refused() -> None:
    low, two = Mask(torch.ones(1, 1, 5, 8)), Mask(torch.ones(2, 1, 6, 8))
    one = Mask(two.data[:1])

    assert messages(composite, background=picture(), foreground=picture(3), mask=one) == []
    assert messages(composite, background=picture(), foreground=picture(), mask=low) == [
        "mask: `mask` is 8 x 5 but `background` is 8 x 6"
    ]
    assert messages(composite, background=picture(), foreground=picture(width=4), mask=two) == [
        "foreground: `foreground` is 4 x 6 but `background` is 8 x 6"
    ]
    assert messages(mask_image, image=picture(3), mask=two) == [
        "mask: `image` is a batch of 3 but `mask` is a batch of 2"
    ]
    assert messages(composite, background=picture(2), foreground=picture(3), mask=two) == [
        "mask: `background` is a batch of 2 but `foreground` is a batch of 3"
        " but `mask` is a batch of 2"
    ]


def test_a_masked_picture_is_grey_in_the_hole_and_untouched_around_it() -> None:
    image = picture()
    mask = torch.zeros(1, 1, 6, 8)
    mask[..., 2:4, 3:5] = 1
    masked = mask_image(image, Mask(mask)).data
    hole = (mask == 1).expand_as(masked)

    assert bool((masked[hole] == 0.5).all())
    assert torch.equal(masked[~hole], image.data[~hole])


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from(["bilinear", "bicubic", "nearest"]))
def test_resizing_gives_the_size_asked_for_and_stays_in_range(
    width: int, height: int, method: str
) -> None:
    image = Image(picture().data.round())
    data = resize(image, width, height, method).data  # type: ignore[arg-type]

    assert data.shape == (1, 3, height, width)
    assert float(data.min()) >= 0
    assert float(data.max()) <= 1


def test_shrinking_takes_means_instead_of_dropping_pixels() -> None:
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::2] = 1

    assert torch.allclose(resize(Image(stripes), 8, 8).data, torch.tensor(0.5), atol=0.03)


def test_a_crop_is_the_rectangle_it_names() -> None:
    image = picture()

    assert torch.equal(crop(image, 3, 2, 5, 4).data, image.data[..., 4:6, 5:8])
    with pytest.raises(
        ValueError, match="ends at 9 x 6, but the picture is 8 x 6; make it smaller"
    ):
        crop(image, 3, 2, 6, 4)


def test_a_solid_picture_is_one_grey() -> None:
    data = solid_image(5, 4, 0.25).data

    assert data.shape == (1, 3, 4, 5)
    assert bool((data == 0.25).all())


@pytest.mark.parametrize(
    ("batches", "columns", "rows"), [((1,), 1, 1), ((2, 3), 2, 3), ((4,), 4, 1), ((5,), 3, 2)]
)
def test_a_contact_sheet_has_rows_of_pictures_with_gaps(
    batches: tuple[int, ...], columns: int, rows: int
) -> None:
    sheet = contact_sheet([picture(n, seed=n) for n in batches], columns).data
    first = picture(batches[0], seed=batches[0]).data[0]

    assert sheet.shape == (1, 3, rows * (6 + 4) + 4, columns * (8 + 4) + 4)
    assert torch.equal(sheet[0, :, 4:10, 4:12], first)
    assert bool((sheet[..., :4] == 1).all())


def test_a_contact_sheet_of_different_sizes_is_refused_with_a_resize_for_each() -> None:
    pictures = [picture(2), picture(height=4)]
    (found,) = findings(contact_sheet, {"columns": 4}, pictures=pictures)
    (edit,) = found.fixes[0].edits

    assert found.message == "the pictures have the sizes 8 x 6, 8 x 4"
    assert edit.via
    assert (edit.via.type, edit.via.inputs) == ("Resize", {"width": 8, "height": 6})
    assert findings(contact_sheet, {"columns": 4}, pictures=pictures[:1]) == []


def test_saved_pictures_read_back_equal_to_eight_bits(ctx: FolderContext) -> None:
    image = picture(2)
    save_image(image, ctx, "shot")
    files = sorted((ctx.folder / "output").iterdir())

    assert [file.name for file in files] == ["shot_00001.png", "shot_00002.png"]
    for file, expected in zip(files, image.data, strict=True):
        assert torch.equal(to_tensor(file), (expected * 255).round().to(torch.uint8))


def test_saving_again_never_overwrites(ctx: FolderContext) -> None:
    save_image(picture(seed=1), ctx, "shot")
    save_image(picture(seed=2), ctx, "shot")
    first, second = sorted((ctx.folder / "output").iterdir())

    assert first.read_bytes() != second.read_bytes()


def test_what_is_saved_and_loaded_again_stays_as_it_was(ctx: FolderContext) -> None:
    eight_bits = Image((picture().data * 255).round() / 255)
    save_image(eight_bits, ctx, "shot")
    (path,) = (ctx.folder / "output").iterdir()

    assert torch.equal(load_image(FileRef(path.name, "ab" * 32, path)).data, eight_bits.data)


def test_a_preview_is_a_temporary_picture(ctx: FolderContext) -> None:
    preview_image(picture(2), ctx)

    assert len(list((ctx.folder / "preview").glob("preview_*.png"))) == 2
    assert not (ctx.folder / "output").exists()
