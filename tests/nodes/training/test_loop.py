import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded

STEPS = 6
RECIPE = Recipe(steps=STEPS, batch=4, lr=1e-2, warmup=2, seed=3)


def make(
    folder: Path | None, recipe: Recipe = RECIPE, width: int = 5, every: float = 120
) -> Trainer:
    with seeded(0):
        network = nn.Sequential(nn.Linear(3, width), nn.SiLU(), nn.Linear(width, 1))
    return Trainer(network, regression(network, recipe.batch), recipe, folder, every)


def regression(network: nn.Module, batch: int) -> Callable[[torch.Generator], Tensor]:
    def loss(generator: torch.Generator) -> Tensor:
        x = torch.randn(batch, 3, generator=generator)
        error: Tensor = network(x) - x.sum(dim=1, keepdim=True)
        return error.float().square().mean()

    return loss


def advance(trainer: Trainer, steps: int) -> None:
    """Do some steps, as a run that is killed right after the last of them."""
    for step in trainer.train():
        if step.step == steps:
            break


def same(a: Trainer, b: Trainer) -> bool:
    """Whether networks, averages and losses agree bit for bit."""
    states = [(t.network.state_dict(), t.ema.state()) for t in (a, b)]
    return a.losses == b.losses and all(
        ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)
        for ours, theirs in zip(*states, strict=True)
    )


def test_each_step_is_reported_in_order(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    steps = list(trainer.train())

    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6]
    assert {step.steps for step in steps} == {STEPS}
    assert [step.loss for step in steps] == trainer.losses
    assert [step.lr for step in steps] == [RECIPE.lr_at(k) for k in range(STEPS)]


def test_the_loss_falls() -> None:
    trainer = make(None, Recipe(steps=150, batch=16, lr=1e-2, warmup=5))
    list(trainer.train())

    assert sum(trainer.losses[-20:]) < 0.3 * sum(trainer.losses[:20])


def test_the_same_seed_trains_the_same_network(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    other = make(None, Recipe(steps=STEPS, batch=4, lr=1e-2, warmup=2, seed=4))
    for trainer in (one, two, other):
        torch.randn(3)
        list(trainer.train())

    assert same(one, two)
    assert one.losses != other.losses


@pytest.mark.parametrize("done", [1, 3, 5])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path: Path, done: int) -> None:
    straight = make(tmp_path / "straight")
    list(straight.train())
    killed = make(tmp_path / "killed")
    advance(killed, done)
    killed.save()
    resumed = make(tmp_path / "killed")
    steps = [step.step for step in resumed.train()]

    assert steps == list(range(done + 1, STEPS + 1))
    assert same(resumed, straight)
    assert resumed.ema.updates == STEPS


def test_what_was_not_saved_is_done_again(tmp_path: Path) -> None:
    straight = make(None)
    list(straight.train())
    killed = make(tmp_path)
    advance(killed, 2)
    killed.save()
    for step in killed.train():
        if step.step == 4:
            break
    resumed = make(tmp_path)
    list(resumed.train())

    assert same(resumed, straight)


def test_checkpoints_are_written_while_training(tmp_path: Path) -> None:
    advance(make(tmp_path / "often", every=0.0), 2)
    advance(make(tmp_path / "seldom"), 2)

    assert len(make(tmp_path / "often").losses) == 2
    assert make(tmp_path / "seldom").losses == []


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    first = make(tmp_path)
    list(first.train())
    again = make(tmp_path)

    assert list(again.train()) == []
    assert same(again, first)


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    list(make(None).train())

    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_plain_tensors_and_no_pickle(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    list(trainer.train())
    (path,) = tmp_path.iterdir()
    header_bytes = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(path.read_bytes()[8 : 8 + header_bytes])

    assert path.name == "checkpoint.safetensors"
    assert {name.split(".")[0] for name in header} == {
        "__metadata__", "network", "ema", "optimizer", "losses",
    }  # fmt: skip
    with safe_open(path, framework="pt") as file:
        assert file.get_tensor("losses").tolist() == trainer.losses


def test_a_checkpoint_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(tmp_path)
    advance(trainer, 2)
    trainer.save()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("nodes.training.loop.os.replace", full)
        advance(trainer, 4)
        with pytest.raises(OSError, match="no space left"):
            trainer.save()

    assert len(make(tmp_path).losses) == 2


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def damage_words(path: Path) -> None:
    path.write_bytes(b"not a checkpoint")


def damage_foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)


def damage_other_network(path: Path) -> None:
    other = make(path.parent / "other", width=7)
    list(other.train())
    path.write_bytes((path.parent / "other" / path.name).read_bytes())


@pytest.mark.parametrize("damage", [damage_cut, damage_words, damage_foreign, damage_other_network])
def test_a_checkpoint_that_does_not_fit_is_refused_in_one_sentence(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    trainer = make(tmp_path)
    advance(trainer, 2)
    trainer.save()
    path = tmp_path / "checkpoint.safetensors"
    damage(path)

    with pytest.raises(
        ValueError, match="is damaged or of another training; delete it to begin"
    ) as e:
        make(tmp_path)
    assert str(path) in str(e.value)
    assert "\n" not in str(e.value)
    path.unlink()
    assert make(tmp_path).losses == []


def test_large_gradients_are_clipped() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)

    def steep(generator: torch.Generator) -> Tensor:
        slope: Tensor = network(torch.full((1, 1), 1e6))
        return slope.float().sum()

    list(Trainer(network, steep, Recipe(1, 1, 1e-3, warmup=0, clip=0.5)).train())

    assert network.weight.grad is not None
    assert float(network.weight.grad.norm()) == pytest.approx(0.5, rel=1e-3)
