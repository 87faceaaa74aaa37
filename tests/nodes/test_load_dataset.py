"""A folder of somebody's own pictures: what is read, what is listed and left out, what is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.disk import file_sha256
from engine.files import FileError, Files
from engine.node import FileRef, Finding, Inference, Settings
from nodes import picture_folder
from nodes.dataset import tell_beside, tell_tokens
from nodes.dataset_values import Note, PictureSet
from nodes.load_dataset import load_dataset
from nodes.picture_folder import read_folder
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels

SIZE = 32
Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Save a picture whose left half is red and whose right half is green."""

    def save(name: str, width: int = 40, height: int = 40, **beside: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        pixels = np.zeros((height, width, 3), dtype=np.uint8)
        pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 1] = 255
        Pillow.fromarray(pixels).save(path)
        for suffix, content in beside.items():
            path.with_suffix(f".{suffix}").write_bytes(content)
        return path

    return save


def named(path: Path) -> FileRef:
    return Files({"inputs": [path.parent], "models": []}, file_sha256).resolve(
        load_dataset.inputs["file"].file, path.name  # type: ignore[arg-type]
    )  # fmt: skip


def read(path: Path, ctx: FolderContext) -> tuple[PictureSet, dict[str, float]]:
    done = load_dataset(named(path), ctx, size=SIZE)
    return done.picture_set, dict(done.report.figures)


def notes(pictures: PictureSet) -> list[Note]:
    return pictures.read_notes()[0]


def findings(path: Path) -> list[Finding]:
    assert load_dataset.review
    return list(load_dataset.review(Inference({"file": named(path), "size": SIZE}, {})))


def test_pictures_come_cut_from_the_middle_scaled_and_in_the_order_of_their_names(
    draw: Draw, ctx: FolderContext
) -> None:
    draw("b.png", 40, 40)
    first = draw("a.png", 120, 40)
    pictures, figures = read(first, ctx)
    shown = pictures.pictures.float() / 255

    assert pictures.facts == {"n": 2, "h": SIZE, "w": SIZE}
    assert (figures["pictures"], figures["left out"], figures["classes"]) == (2, 0, 0)
    # The wide one is cut by equal parts from both ends, so its halves still meet in the middle.
    assert (shown[0] - shown[1]).abs().max() < 0.05
    assert shown[0, 0, :, : SIZE // 2 - 2].min() > 0.9
    assert shown[0, 0, :, SIZE // 2 + 2 :].max() < 0.1


def test_captions_stand_in_texts_beside_or_in_the_metadata(draw: Draw, ctx: FolderContext) -> None:
    draw("a.png", txt="\ufeffa red and a green half\n".encode())
    draw("b.png")
    path = draw("c.png").with_name("metadata.jsonl")
    path.write_text(json.dumps({"file_name": "b.png", "text": "two halves", "class": "flag"}))
    pictures, _ = read(path, ctx)

    assert [note.caption for note in notes(pictures)] == [
        "a red and a green half",
        "two halves",
        "",
    ]
    assert notes(pictures)[1].kind == "flag"
    words = tell_tokens(pictures, "words").names
    assert words == ("a", "and", "green", "half", "halves", "red", "two")


def test_the_folder_of_a_picture_is_its_class(draw: Draw, ctx: FolderContext) -> None:
    draw("dogs/a.png")
    draw("cats/b.png")
    first = draw("dogs/a.png").parents[1] / "metadata.jsonl"
    first.write_text("")
    pictures, _ = read(first, ctx)

    assert tell_tokens(pictures, "classes").rows.tolist() == [[0], [1]]
    assert pictures.read_notes()[1] == ("cats", "dogs")


def test_boxes_move_with_the_cut_and_those_it_takes_away_are_left_out(
    draw: Draw, ctx: FolderContext
) -> None:
    path = draw("a.png", 80, 40).with_name("metadata.jsonl")
    boxes = {"bbox": [[30, 10, 20, 10], [0, 0, 18, 40]], "categories": ["in", "out"]}
    path.write_text(json.dumps({"file_name": "a.png", "objects": boxes}))
    pictures, _ = read(path, ctx)

    assert notes(pictures)[0].boxes == (("in", 0.25, 0.25, 0.75, 0.5),)
    assert tell_tokens(pictures, "boxes").rows.shape[0] == 1


def test_label_maps_are_cut_alike_and_named_by_the_classes(
    draw: Draw, ctx: FolderContext, models: TinyModels
) -> None:
    path = draw("a.png", 80, 40)
    labels = np.zeros((40, 80), dtype=np.uint8)
    labels[:, 40:] = 2
    Pillow.fromarray(labels).save(path.with_name("a.labels.png"))
    path.with_name("classes.txt").write_text("sky\n")
    pictures, _ = read(path, ctx)
    beside = tell_beside(pictures, models.autoencoder, ctx.again(), "labels").rows

    assert pictures.labels is not None
    assert pictures.labels[0, :, : SIZE // 2].flatten().tolist() == [0] * (SIZE * SIZE // 2)
    assert pictures.labels[0, :, SIZE // 2 :].flatten().tolist() == [2] * (SIZE * SIZE // 2)
    assert pictures.read_notes()[1] == ("sky", "label 2")
    assert beside.shape[1] == 3


def test_bad_files_are_listed_by_name_and_left_out(draw: Draw, ctx: FolderContext) -> None:
    good = draw("good.png", txt=b"a caption")
    good.with_name("text.png").write_text("no picture")
    whole = draw("cut.jpg", 200, 200).read_bytes()
    good.with_name("cut.jpg").write_bytes(whole[: len(whole) // 2])
    draw("strange.png", txt=b"\xff\xfe\xfa")
    draw("mapped.png")
    Pillow.new("RGB", (40, 40)).save(good.with_name("mapped.labels.png"))
    Pillow.new("1", (20_000, 20)).save(good.with_name("wide.png"))
    good.with_name("link.png").symlink_to("/etc/hostname")
    lines = ['{"file_name": "../x.png"}', "[1", '{"file_name": "good.png", "text": 3}', "[" * 9999]
    good.with_name("metadata.jsonl").write_text("\n".join(lines))
    (finding,) = findings(good)
    pictures, figures = read(good, ctx)
    told = " ".join(figures)

    assert [note.caption for note in notes(pictures)] == ["a caption", ""]
    assert finding.severity == "warning"
    assert finding.got == f"{figures['left out'] - 2:.0f} that cannot be used"
    for part in (
        "link.png is a link that leads out", "text.png is not a readable picture",
        "wide.png is 20000 x 20", "strange.png has strange.txt beside it", "cut.jpg is damaged",
        "line 1 names '../x.png'", "line 2 is no JSON", "line 3 has a \"text\"", "line 4 is no",
        "label maps are used of all pictures or of none",
    ):  # fmt: skip
        assert part in told


def test_a_folder_without_a_picture_is_refused_before_and_at_the_run(
    tmp_path: Path, ctx: FolderContext
) -> None:
    path = tmp_path / "metadata.jsonl"
    path.write_text("")
    (finding,) = findings(path)

    assert (finding.severity, finding.code, finding.got) == ("error", "no-pictures", "0 pictures")
    with pytest.raises(ValueError, match="no picture of the folder can be read"):
        read(path, ctx)


def test_every_file_of_the_folder_is_in_the_key_and_none_outside(draw: Draw) -> None:
    path = draw("a.png", txt=b"words")
    draw("b/c.png")
    path.with_name("link.png").symlink_to("/etc/hostname")
    path.with_name(".hidden.png").write_text("")
    path.with_name("program.py").write_text("")

    assert [file.name for file in named(path).beside] == ["a.txt", "b/c.png"]


def test_a_folder_is_named_by_a_file_in_it(draw: Draw) -> None:
    folder = draw("my/a.png").parent
    with pytest.raises(FileError) as error:
        named(folder)

    assert [fix.text for fix in error.value.fixes] == [
        "name metadata.jsonl or any picture in the folder"
    ]


def test_what_it_takes_grows_with_the_largest_picture_and_their_number(draw: Draw) -> None:
    def told(path: Path, **settings: Any) -> int:
        given = Inference({"file": named(path), "size": SIZE, **settings}, {})
        assert load_dataset.estimate
        found = load_dataset.estimate(given, Settings())
        assert found
        return found.working

    path = draw("a.png")
    one = told(path)
    draw("b.png")
    two = told(path)
    draw("c.png", 400, 400)

    assert two - one == 2 * 3 * SIZE**2
    assert told(path) > 3 * 400 * 400 * 4
    assert told(path, size=2 * SIZE) > told(path)


def test_no_more_of_a_vast_folder_is_looked_at_than_is_allowed(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw("a.png")
    draw("deep/b.png")
    for number in range(8):
        path.with_name(f"{number}.dat").touch()
    everything = read_folder(path)
    monkeypatch.setattr(picture_folder, "MOST_FILES", 6)

    assert [entry.name for entry in everything.entries] == ["a.png", "deep/b.png"]
    assert "deep/b.png" not in [entry.name for entry in read_folder(path).entries]
