import pytest

from engine.node import Inference
from nodes.latent import empty_latent
from nodes.values import Autoencoder

STAGE = Autoencoder("ab" * 32, channels=6, factor=16)


def check(width: int | None, height: int | None, **fact: int) -> None:
    assert empty_latent.infer is not None
    facts = {"autoencoder": fact}
    assert empty_latent.infer(Inference({"width": width, "height": height}, facts)) is None


def test_an_empty_latent_has_the_autoencoders_channels_and_cells() -> None:
    data = empty_latent(STAGE, width=64, height=32, batch=3).data

    assert data.shape == (3, 6, 2, 4)
    assert data.count_nonzero() == 0


@pytest.mark.parametrize(
    ("width", "height", "sentence"),
    [
        (72, 64, r"`width` is 72, .* factor 16; set it to 64 or 80$"),
        (64, 200, r"`height` is 200, .* factor 16; set it to 192 or 208$"),
        (8, 64, r"`width` is 8, .* factor 16; set it to 16$"),
    ],
)
def test_a_side_that_f_does_not_divide_is_refused_with_its_neighbours(
    width: int, height: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        check(width, height, f=16)


def test_a_linked_side_is_refused_when_its_value_is_known() -> None:
    with pytest.raises(ValueError, match=r"`height` is 40, .* set it to 32 or 48$"):
        empty_latent(STAGE, width=64, height=40)


def test_what_is_not_known_yet_is_not_refused() -> None:
    check(72, 64)
    check(None, 64, f=16)
    check(64, 32, f=16)
    with pytest.raises(ValueError, match="65"):
        check(65, 64, f=16)
