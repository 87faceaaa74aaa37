import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from nodes.picture_files import check_picture, picture_size, png_bytes, read_grey, read_picture

Write = Callable[..., Path]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
FORMATS = ["png", "jpg", "webp", "bmp", "tif"]


def ramp(mode: str = "RGB") -> Pillow.Image:
    """Red rises to the right, green downwards; 16 x 8."""
    across = Pillow.linear_gradient("L").rotate(90).resize((16, 8))
    down = Pillow.linear_gradient("L").resize((16, 8))
    return Pillow.merge("RGB", (across, down, Pillow.new("L", (16, 8), 90))).convert(mode)


def encoded(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG header that claims a size, with next to nothing behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(data: bytes, name: str = "photo.png") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return put


def refusal(path: Path) -> str:
    """The one sentence a picture is refused with, read as a picture or as a mask."""
    with pytest.raises(ValueError, match=f"^{path.name} ") as as_picture:
        read_picture(path)
    with pytest.raises(ValueError, match=f"^{path.name} ") as as_mask:
        read_grey(path)
    assert str(as_mask.value) == str(as_picture.value)
    assert "\n" not in str(as_picture.value)
    return str(as_picture.value)


def answer(path: Path) -> str:
    """Read a picture, or return the sentence it is refused with."""
    try:
        x = read_picture(path)
    except ValueError as error:
        return str(error)
    assert 0 <= float(x.min()) <= float(x.max()) <= 1
    return ""


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_picture_of_every_format_is_read(write: Write, suffix: str) -> None:
    path = write(encoded(ramp(), Pillow.registered_extensions()[f".{suffix}"]), f"a.{suffix}")
    x = read_picture(path)

    assert x.shape == (1, 3, 8, 16)
    assert x.dtype == torch.float32
    assert bool((x[0, 0].mean(0).diff() > -0.05).all())
    assert float(x[0, 0, :, -1].mean() - x[0, 0, :, 0].mean()) > 0.7
    assert float(x[0, 2].mean()) == pytest.approx(90 / 255, abs=0.03)


@pytest.mark.parametrize(
    "data",
    [b"", b"just words", SVG, encoded(ramp(), "GIF"), encoded(ramp(), "PPM"), b"%PDF-1.7\n" + SVG],
    ids=["empty", "text", "svg", "gif", "ppm", "pdf"],
)
def test_what_is_no_allowed_picture_is_refused_whatever_its_name(write: Write, data: bytes) -> None:
    path = write(data)

    assert refusal(path) == (
        "photo.png is not a readable picture; expected PNG, JPEG, WEBP, BMP, TIFF;"
        " save it again from a picture program"
    )
    with pytest.raises(ValueError, match="is not a readable picture"):
        check_picture(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()

    assert "is not a readable picture" in refusal(tmp_path / "folder.png")
    assert "is not a readable picture" in refusal(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("width", "height"),
    [(60_000, 60_000), (2**31 - 1, 1), (16_385, 1), (1, 16_385), (9_000, 9_000)],
)
def test_an_enormous_picture_is_refused_by_its_header(
    write: Write, width: int, height: int
) -> None:
    path = write(png_of_size(width, height))
    start = time.process_time()
    sentence = refusal(path)

    assert time.process_time() - start < 1
    assert "the limit is 16384 a side and 67108864 in all; scale it down first" in sentence


def test_a_large_picture_within_the_limits_passes_the_check(write: Write) -> None:
    check_picture(write(png_of_size(8_192, 8_192)))
    with pytest.raises(ValueError, match="8193 x 8193"):
        check_picture(write(png_of_size(8_193, 8_193)))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_picture_cut_short_is_refused(write: Write, suffix: str) -> None:
    noisy = Pillow.effect_noise((40, 40), 90).convert("RGB")
    data = encoded(noisy, Pillow.registered_extensions()[f".{suffix}"])
    sentence = refusal(write(data[: len(data) // 2], f"photo.{suffix}"))

    assert "get a whole copy of it" in sentence or "save it again from a picture" in sentence


@given(data=st.data(), suffix=st.sampled_from(["PNG", "JPEG", "WEBP", "BMP"]))
def test_a_damaged_picture_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, suffix: str
) -> None:
    whole = bytearray(encoded(ramp(), suffix))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])

    assert "\n" not in answer(path)


def test_a_palette_picture_shows_its_colours(write: Write) -> None:
    picture = Pillow.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 255, 128, 0])
    picture.putpixel((1, 0), 1)
    x = read_picture(write(encoded(picture, "PNG"))) * 255

    assert x[0, :, 0].T.round().tolist() == [[10, 20, 30], [255, 128, 0]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_picture_of_sixteen_bits_keeps_its_brightness(write: Write, kind: str) -> None:
    levels = struct.pack("<4H", 0, 257 * 64, 257 * 128, 65_535)
    path = write(encoded(Pillow.frombytes("I;16", (4, 1), levels), kind))

    assert (read_picture(path)[0, 1, 0] * 255).tolist() == pytest.approx([0, 64, 128, 255])
    assert (read_grey(path)[0, 0, 0] * 255).tolist() == pytest.approx([0, 64, 128, 255])


@pytest.mark.parametrize("mode", ["I", "F"])
def test_a_picture_of_thirty_two_bits_is_refused(write: Write, mode: str) -> None:
    sentence = refusal(write(encoded(Pillow.new(mode, (2, 2)), "TIFF"), "deep.tif"))

    assert sentence == (
        "deep.tif has 32 bits a pixel, which do not say what white is; save it with 8 or 16 bits"
    )


def test_transparency_is_laid_on_white(write: Write) -> None:
    picture = Pillow.new("RGBA", (3, 1), (255, 0, 0, 255))
    picture.putpixel((1, 0), (255, 0, 0, 0))
    picture.putpixel((2, 0), (0, 0, 0, 51))
    x = read_picture(write(encoded(picture, "PNG"))) * 255

    assert x[0, :, 0].T.round().tolist() == [[255, 0, 0], [255, 255, 255], [204, 204, 204]]


def test_the_clear_part_of_a_transparent_mask_repaints(write: Write) -> None:
    picture = Pillow.new("RGBA", (3, 1), (255, 255, 255, 255))
    picture.putpixel((1, 0), (9, 9, 9, 0))
    picture.putpixel((2, 0), (9, 9, 9, 204))

    assert read_grey(write(encoded(picture, "PNG")))[0, 0, 0].tolist() == pytest.approx([0, 1, 0.2])


def test_an_opaque_mask_counts_by_brightness_even_with_an_alpha_channel(write: Write) -> None:
    picture = Pillow.new("RGBA", (2, 1), (0, 0, 0, 255))
    picture.putpixel((1, 0), (255, 255, 255, 255))

    assert read_grey(write(encoded(picture, "PNG")))[0, 0, 0].tolist() == [0, 1]


def test_a_print_picture_becomes_rgb(write: Write) -> None:
    picture = Pillow.new("CMYK", (16, 16), (0, 255, 255, 0))
    x = read_picture(write(encoded(picture, "JPEG"), "print.jpg"))

    assert x[0, :, 8, 8].tolist() == pytest.approx([1, 0, 0], abs=0.02)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_read_the_way_its_camera_was_held(write: Write, kind: str) -> None:
    upright = ramp()
    notes = upright.getexif()
    notes[0x0112] = 6  # turn by a quarter clockwise to see it upright
    sideways = upright.transpose(Pillow.Transpose.ROTATE_90)
    x = read_picture(write(encoded(sideways, kind, exif=notes.tobytes())))

    assert x.shape == (1, 3, 8, 16)
    assert float(x[0, 0, :, -1].mean() - x[0, 0, :, 0].mean()) > 0.7


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(9))
def test_the_header_tells_the_size_a_picture_will_be_read_with(
    write: Write, kind: str, turn: int
) -> None:
    notes = Pillow.Exif()
    notes[0x0112] = turn
    path = write(encoded(ramp(), kind, exif=notes))
    height, width = read_picture(path).shape[2:]

    assert picture_size(path) == (width, height)


def test_the_size_of_a_picture_with_notes_behind_its_pixels_is_left_open(write: Write) -> None:
    """They may turn it, and nothing is decoded to find out."""
    whole = encoded(ramp(), "PNG")
    notes = Pillow.Exif()
    notes[0x0112] = 6
    body = b"eXIf" + notes.tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path = write(whole[:-12] + chunk + whole[-12:])

    assert read_picture(path).shape == (1, 3, 16, 8)
    assert picture_size(path) is None


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_size_of_a_picture_cut_short_is_told_or_left_open(write: Write, suffix: str) -> None:
    whole = encoded(ramp(), Pillow.registered_extensions()[f".{suffix}"])
    sizes = {picture_size(write(whole[:length])) for length in range(0, len(whole), 7)}

    assert sizes <= {(16, 8), None}


@given(st.integers(0, 2**31), st.integers(1, 9), st.integers(1, 9))
def test_a_written_picture_reads_back_equal_to_eight_bits(
    tmp_path_factory: pytest.TempPathFactory, seed: int, width: int, height: int
) -> None:
    x = torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))
    path = tmp_path_factory.getbasetemp() / "written.png"
    path.write_bytes(png_bytes(x))

    assert png_bytes(x.clone()) == path.read_bytes()
    assert torch.equal((read_picture(path)[0] * 255).round(), (x * 255).round())
