import pytest

from engine.node import Finding, Inference
from nodes.latent import empty_latent
from nodes.values import Autoencoder

STAGE = Autoencoder("ab" * 32, channels=6, factor=16)


def check(width: int | None, height: int | None, **facts: int) -> list[Finding]:
    assert empty_latent.review
    settings = {"width": width, "height": height, "batch": 1}
    return list(empty_latent.review(Inference(settings, {"autoencoder": facts})))


def test_an_empty_latent_has_the_autoencoders_channels_and_cells() -> None:
    data = empty_latent(STAGE, width=64, height=32, batch=3).data

    assert data.shape == (3, 6, 2, 4)
    assert data.count_nonzero() == 0


@pytest.mark.parametrize(
    ("width", "height", "sentence", "near"),
    [
        (72, 64, "`width` is 72, which is no multiple of the autoencoder's factor 16", [64, 80]),
        (64, 200, "`height` is 200, which is no multiple of", [192, 208]),
        (8, 64, "`width` is 8, which is no multiple of", [16]),
    ],
)
def test_a_side_that_f_does_not_divide_is_refused_with_its_neighbours(
    width: int, height: int, sentence: str, near: list[int]
) -> None:
    (found,) = check(width, height, f=16)

    assert sentence in found.message
    assert [fix.edits[0].value for fix in found.fixes] == near


def test_a_wrong_side_is_refused_outside_a_graph_too() -> None:
    with pytest.raises(ValueError, match="64 x 40 are no multiples"):
        empty_latent(STAGE, width=64, height=40)


def test_what_is_not_known_yet_is_not_refused() -> None:
    assert check(72, 64) == []
    assert check(None, 64, f=16) == []
    assert check(64, 32, f=16) == []
    assert len(check(65, 64, f=16)) == 1
