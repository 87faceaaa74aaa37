from torch import Tensor, nn

from nodes.evaluate import measure_judge
from nodes.ldm.judge import JudgeNetwork
from nodes.measuring.judging import measure
from nodes.training.judge import judge_config
from nodes.training.scenes import sample_scene
from nodes.values import Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels

SCENES = Scenes(2_000_000_000, 12, 32, (1, 3))


class Stubborn(JudgeNetwork):
    """Says red and cube whatever it is shown."""

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        colours = nn.functional.one_hot(
            windows.new_full((len(windows),), self.config.colours.index("red")).long(), 8
        )
        shapes = nn.functional.one_hot(
            windows.new_full((len(windows),), self.config.shapes.index("cube")).long(), 4
        )
        return colours.float(), shapes.float()


def test_every_object_of_every_scene_counts_once(ctx: FolderContext) -> None:
    things = [t for i in range(12) for t in sample_scene(SCENES.seed + i, (1, 3)).objects]
    figures = dict(measure(Stubborn(judge_config()), SCENES, ctx.progress))

    assert figures["objects"] == len(things)
    assert figures["colour right"] == sum(t.colour == "red" for t in things) / len(things)
    assert figures["shape right"] == sum(t.shape == "cube" for t in things) / len(things)
    assert ctx.progressed[-1] == (12, 12)


def test_a_random_judge_is_no_good(ctx: FolderContext, models: TinyModels) -> None:
    figures = dict(measure_judge(models.judge, SCENES, ctx).figures)

    assert figures["colour right"] < 0.7
    assert figures["shape right"] < 0.9
