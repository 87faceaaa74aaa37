"""Pictures of the shipped workflows: made again from themselves, and verified.

What was tampered with is named: the first step that differs, and the cause.
"""

import json
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.cli.run import run_command_line
from engine.receipt import RUN, WORKFLOW
from main import make_registry
from tests.engine.pngs import assembled, chunks_of, edited, itxt

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, list[dict[str, Any]]]]

SMALL = {
    "inpaint.json": ["steps=2"],
    "text_to_image.json": ["steps=2"],
    "reconstruct.json": [],
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The first picture of each of a few workflows, at small settings."""
    folder = tmp_path_factory.mktemp("originals")
    found = {}
    for name, changes in SMALL.items():
        sets = [word for change in changes for word in ("--set", change)]
        places = ["--store", str(folder / "store"), "--output", str(folder / name)]
        words = ["--workflow", str(ROOT / "workflows" / name), *sets, *places]
        assert run_command_line(words, ROOT, make_registry) == 0
        found[name] = min((folder / name).rglob("*.png"))
    return found


@dataclass
class Desk:
    """One picture to tamper with, and the command line that verifies it."""

    picture: Path
    run: Run

    def verify(self, *words: str) -> tuple[int, dict[str, Any]]:
        code, lines = self.run("--verify", str(self.picture), *words)
        return code, lines[-1]

    def differs(self, *words: str) -> tuple[str, str]:
        """Verify; the step that differs and the cause."""
        code, last = self.verify(*words)
        assert code == 1, last
        assert last["identical"] is False
        assert last["message"]
        return last["step"], last["cause"]

    def refused(self) -> str:
        code, last = self.verify()
        assert code == 2, last
        return str(last["message"])

    def edit(self, part: str, change: Callable[[dict[str, Any]], None]) -> None:
        def changed(text: str) -> str:
            told = json.loads(text)
            change(told)
            return json.dumps(told)

        edited(self.picture, part, changed)


@pytest.fixture
def desk(originals: dict[str, Path], tmp_path: Path, run: Run) -> Desk:
    picture = tmp_path / "inpaint.png"
    shutil.copy(originals["inpaint.json"], picture)
    return Desk(picture, run)


@pytest.mark.parametrize("name", SMALL)
def test_a_picture_of_a_shipped_workflow_is_identical_when_made_again(
    run: Run, originals: dict[str, Path], name: str
) -> None:
    code, lines = run("--verify", str(originals[name]))

    assert code == 0, lines[-1]
    assert lines[-1]["event"] == "verified"
    assert lines[-1]["identical"] is True


def test_a_picture_runs_again_to_the_same_bytes_and_with_changes(
    run: Run, originals: dict[str, Path]
) -> None:
    picture = originals["inpaint.json"]
    code, lines = run("--workflow", str(picture))
    changed, more = run("--workflow", str(picture), "--set", "seed=99")

    assert (code, changed) == (0, 0)
    assert Path(lines[-1]["files"][0]).read_bytes() == picture.read_bytes()
    assert Path(more[-1]["files"][0]).read_bytes() != picture.read_bytes()


def test_another_program_may_have_packed_the_pixels_anew(desk: Desk) -> None:
    with Image.open(desk.picture) as picture:
        texts = dict(picture.text)  # type: ignore[attr-defined]
        picture.save(desk.picture, "PNG", compress_level=1)
    header, *rest = chunks_of(desk.picture.read_bytes())
    kept = [itxt(name, text.encode()) for name, text in texts.items()]
    desk.picture.write_bytes(assembled([header, *kept, *rest]))

    assert desk.verify()[0] == 0


def test_another_seed_is_named(desk: Desk) -> None:
    def change(told: dict[str, Any]) -> None:
        told["nodes"]["denoise"]["inputs"]["seed"] += 1

    desk.edit(WORKFLOW, change)
    assert desk.differs() == ("denoise", "seed")


def test_another_setting_is_named(desk: Desk) -> None:
    def change(told: dict[str, Any]) -> None:
        told["nodes"]["condition"]["inputs"]["prompt"] = "a small red cube"

    desk.edit(WORKFLOW, change)
    assert desk.differs() == ("condition", "settings")


def test_another_model_file_is_named(desk: Desk, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for path in (ROOT / "models").glob("*.safetensors"):
        data = bytearray(path.read_bytes())
        if "inpaint" in path.name:
            data[-5] ^= 1
        (models / path.name).write_bytes(data)

    assert desk.differs("--models", str(models)) == ("model", "file")


def test_another_input_picture_is_named(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "workflows/inputs", tmp_path / "mine/inputs")
    with Image.open(tmp_path / "mine/inputs/scene.png") as picture:
        picture.convert("RGB").rotate(90).save(tmp_path / "mine/inputs/scene.png")

    assert desk.differs("--inputs", str(tmp_path / "mine")) == ("photo", "file")


@pytest.mark.parametrize("by", [-1, 1])
def test_another_version_of_a_node_is_named(desk: Desk, by: int) -> None:
    def change(told: dict[str, Any]) -> None:
        told["nodes"]["denoise"]["version"] += by

    desk.edit(WORKFLOW, change)
    assert desk.differs() == ("denoise", "node version")


def test_other_numerics_are_named(desk: Desk) -> None:
    def change(told: dict[str, Any]) -> None:
        told["numerics"] = "reference" if told["numerics"] != "reference" else "fast"

    desk.edit(RUN, change)
    _, cause = desk.differs()
    assert cause == "numerics"


def test_other_numbers_in_the_receipt_are_named(desk: Desk) -> None:
    def change(told: dict[str, Any]) -> None:
        told["steps"]["decode"]["outputs"]["image"][1] = "0" * 64

    desk.edit(RUN, change)
    step, cause = desk.differs()
    assert (step, cause) == ("compose", "settings")


def test_changed_pixels_are_named(desk: Desk) -> None:
    with Image.open(desk.picture) as picture:
        texts = dict(picture.text)  # type: ignore[attr-defined]
        red, green, blue = picture.getpixel((3, 4))  # type: ignore[misc]
        picture.putpixel((3, 4), (red ^ 1, green, blue))
        picture.save(desk.picture, "PNG")
    header, *rest = chunks_of(desk.picture.read_bytes())
    kept = [itxt(name, text.encode()) for name, text in texts.items()]
    desk.picture.write_bytes(assembled([header, *kept, *rest]))

    assert desk.differs() == ("save", "pixels")


def test_a_picture_without_a_receipt_is_refused(desk: Desk) -> None:
    edited(desk.picture, RUN, lambda _: None)
    assert "not its run" in desk.refused()
    edited(desk.picture, WORKFLOW, lambda _: None)
    assert "carries no workflow" in desk.refused()


@pytest.mark.parametrize(
    "garbage",
    ["", "{", "[]", "null", '{"format": "latentgraph.run/1"}', "\x00\xff", "[" * 100_000,
     '{"format": "latentgraph.run/1", "numerics": "auto", "makers": [{"software": 3}],'
     ' "saved": {"step": "save", "number": 0}, "steps": {}, "seeds": {}, "files": {}}'],
)  # fmt: skip
def test_garbage_in_the_place_of_a_receipt_is_refused(desk: Desk, garbage: str) -> None:
    edited(desk.picture, RUN, lambda _: garbage)
    assert desk.refused()
    edited(desk.picture, WORKFLOW, lambda _: garbage)
    assert desk.refused()


def test_a_receipt_bomb_is_refused(desk: Desk) -> None:
    plain = [
        chunk
        for chunk in chunks_of(desk.picture.read_bytes())
        if not chunk[1].startswith(b"latent")
    ]
    for bomb in (
        itxt(WORKFLOW, bytes(300_000_000), packed=True),
        (b"zTXt", WORKFLOW.encode() + b"\0\0" + zlib.compress(b" " * 300_000_000, 9)),
    ):
        desk.picture.write_bytes(assembled([plain[0], bomb, *plain[1:]]))
        assert "larger than" in desk.refused()


def test_a_strangers_picture_is_refused(desk: Desk) -> None:
    Image.new("RGB", (8, 8), "red").save(desk.picture, "PNG")
    assert "carries no workflow" in desk.refused()
    Image.new("RGB", (8, 8), "red").save(desk.picture, "JPEG")
    assert desk.refused()
    desk.picture.write_text("<svg onload=alert(1)>")
    assert desk.refused()
    desk.picture.unlink()
    assert "does not exist" in desk.refused()


def test_a_workflow_that_reaches_out_of_its_folders_is_refused(desk: Desk) -> None:
    def change(told: dict[str, Any]) -> None:
        told["nodes"]["photo"]["inputs"]["file"] = "../../../../etc/passwd.png"

    desk.edit(WORKFLOW, change)
    assert desk.differs() == ("photo", "receipt")
