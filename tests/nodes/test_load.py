import pickle
from pathlib import Path

import pytest

from engine.node import Absent, Facts, FileRef, Finding, Inference
from nodes import values
from nodes.checkpoints.model_file import load_unet
from nodes.load import check_model, load_model, save_model
from nodes.training.words import MAX_TOKENS, WORDS
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, FACTOR, WIDTH, TinyModels

BETAS = "scaled_linear 0.0015..0.0195 over 1000"


def facts(file: FileRef | None) -> dict[str, object] | None:
    assert load_model.infer is not None
    settings = {"prediction": "as detected", "heads": "as detected", "scale_factor": 0.0}
    found = load_model.infer(Inference({"model": file, **settings}, {}))
    return None if found is None else dict(found)


def test_a_model_is_referred_to_by_digest_and_header(models: TinyModels) -> None:
    stage = models.file("autoencoder")
    denoiser = models.file("inpainting")

    assert load_model(stage).autoencoder == values.Autoencoder(stage.sha256, CHANNELS, FACTOR)
    assert load_model(denoiser).unet == values.UNet(denoiser.sha256, "eps")
    assert load_model(denoiser).text_encoder == values.TextEncoder(denoiser.sha256)
    assert load_model(models.file("judge")).judge == models.judge


def test_the_name_of_the_file_does_not_matter(models: TinyModels, tmp_path: Path) -> None:
    file = models.file("judge")
    copy = tmp_path / "other.safetensors"
    copy.write_bytes(file.path.read_bytes())

    assert load_model(FileRef(copy.name, file.sha256, copy)) == load_model(file)


def test_the_header_tells_what_fits_together(models: TinyModels) -> None:
    stage, inpainting, plain = (
        facts(models.file(name)) for name in ("autoencoder", "inpainting", "plain")
    )
    space = "kl scaled by 0.7"
    unet = {
        "c": CHANNELS,
        "width": WIDTH,
        "betas": BETAS,
        "stride": 2,
        "prediction": "eps",
        "vector": "none",
    }

    assert stage is not None
    assert inpainting is not None
    assert plain is not None
    assert plainly(stage["autoencoder"]) == {
        "c": CHANNELS,
        "f": FACTOR,
        "kind": "kl",
        "space": space,
    }
    assert plainly(inpainting["unet"]) == {**unet, "concat": "5 channels"}
    assert plainly(inpainting["text_encoder"]) == {
        "width": WIDTH,
        "max_tokens": MAX_TOKENS,
        "words": " ".join(WORDS),
        "vector": "none",
        "layers": 3,
    }
    assert plainly(plain["unet"]) == {**unet, "concat": "none"}


MEMORY = {"weights", "peak", "peak_in", "learning", "attending", "file"}


def plainly(found: object) -> dict[str, object]:
    """Facts of a network without its file and those about memory."""
    assert isinstance(found, dict)
    return {name: fact for name, fact in found.items() if name not in MEMORY}


def test_the_header_tells_how_many_numbers_a_network_has(models: TinyModels) -> None:
    path = models.file("inpainting").path
    found = facts(models.file("inpainting"))
    unet = load_unet(path)

    assert found
    assert isinstance(found["unet"], dict)
    assert found["unet"]["weights"] == sum(weight.numel() for weight in unet.parameters())


def test_networks_that_are_not_inside_are_absent_with_the_reason(models: TinyModels) -> None:
    found = facts(models.file("inpainting"))

    assert found is not None
    assert found["autoencoder"] == Absent("'Tiny inpainting' holds unet, text but no autoencoder")
    assert found["judge"] == Absent("'Tiny inpainting' holds unet, text but no judge")
    parts = {"autoencoder", "unet", "text_encoder", "judge", "segmenter", "classifier"}
    assert set(found) == parts


def test_an_unknown_file_leaves_the_types_open() -> None:
    assert facts(None) is None


def test_a_pickle_with_another_name_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))

    with pytest.raises(
        ValueError, match=r"^model.safetensors: not a safetensors file but a pickle;"
    ) as e:
        check_model(path)
    assert "\n" not in str(e.value)
    assert not (tmp_path / "sprung").exists()


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.mkdir, (self.path,)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a safetensors file, or cut short"),
        (b"PK\x03\x04" + bytes(64), "a zip archive, as pickled .ckpt and .pt checkpoints are"),
        (b"\x02\0\0\0\0\0\0\0{}", "no network that is known here"),
    ],
)
def test_what_is_no_model_is_refused_in_one_sentence(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)

    with pytest.raises(ValueError, match=sentence) as e:
        check_model(path)
    assert "\n" not in str(e.value)


def test_a_model_cut_short_is_refused(models: TinyModels, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(models.file("judge").path.read_bytes()[:-1])

    with pytest.raises(ValueError, match="cut short or changed, get it again"):
        check_model(path)


def test_a_whole_model_passes_the_check(models: TinyModels) -> None:
    paths = list(models.folder.iterdir())
    for path in paths:
        check_model(path)

    assert {path.suffix for path in paths} == {".safetensors"}


def test_save_model_copies_the_bytes(ctx: FolderContext, models: TinyModels) -> None:
    save_model(ctx, unet=models.unet, name="mine")
    saved = ctx.folder / "output" / "mine.safetensors"

    assert saved.read_bytes() == models.file("inpainting").path.read_bytes()
    assert list(saved.parent.iterdir()) == [saved]


def test_the_check_counts_the_networks_of_save_model() -> None:
    def review(**facts: Facts) -> list[Finding]:
        assert save_model.review
        return list(save_model.review(Inference({"name": "m"}, facts)))

    (none,), (two,) = review(), review(unet={}, judge={})
    assert review(unet={}) == []
    assert none.got == "nothing"
    assert two.message == "2 networks are linked, and a file is saved of exactly one"
    assert [(edit.input, edit.value) for edit in two.fixes[0].edits] == [("judge", None)]


def test_save_model_wants_exactly_one_network(ctx: FolderContext, models: TinyModels) -> None:
    with pytest.raises(ValueError, match="0 networks are linked; link exactly one"):
        save_model(ctx)
    with pytest.raises(ValueError, match="2 networks are linked; link exactly one"):
        save_model(ctx, autoencoder=models.autoencoder, judge=models.judge)
    assert not (ctx.folder / "output").exists()
