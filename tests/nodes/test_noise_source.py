import pytest

from engine.node import Inference
from nodes.ldm.noise_conventions import CONVENTIONS
from nodes.noise_source import noise_source


def test_every_convention_can_be_chosen() -> None:
    assert noise_source.inputs["convention"].choices == tuple(CONVENTIONS)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_type_tells_the_convention_that_the_value_has(convention: str) -> None:
    assert noise_source.infer
    said = noise_source.infer(Inference({"convention": convention}, {}))

    assert said == {"noise": noise_source(convention).facts}  # type: ignore[arg-type]
