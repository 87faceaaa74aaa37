from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load
from torch import Tensor

from nodes import values
from nodes.value_kinds import JsonValue, TensorValue

SHA = "ab" * 32
AXES = {
    values.Image: {"data": 4},
    values.Mask: {"data": 4},
    values.Latent: {"data": 4},
    values.Conditioning: {"context": 3, "vector": 2},
    values.Concat: {"channels": 4},
    values.TrainingLatents: {"latent": 4, "masked": 4, "mask": 4, "tokens": 2},
}
JSON_VALUES: list[JsonValue] = [
    values.ModelPart(SHA),
    values.Autoencoder(SHA, 4, 8),
    values.UNet(SHA, "eps"),
    values.TextEncoder(SHA),
    values.Judge(SHA),
    values.Schedule("linear", 0.1, 0.2, 1000, (14.6, 0.0), True),
    values.Schedule("linear", 0.1, 0.2, 1000, (4096.0, 0.0), True, zero_terminal_snr=True),
    values.Noise("comfyui"),
    values.Scenes(7, 3, 128, (1, 4)),
    values.Curve("Denoiser", (0.1 + 0.2, 1e-300, 5.0)),
    values.Metrics("Quality", (("PSNR, dB", 24.125), ("scenes", 8.0))),
]
tensor_classes = st.sampled_from(list(AXES))
reals = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def tensor_values(draw: Callable[..., int]) -> TensorValue:
    cls = draw(tensor_classes)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    tensors: dict[str, Tensor] = {}
    for name, rank in AXES[cls].items():  # type: ignore[index]
        shape = draw(st.lists(st.integers(0, 3), min_size=rank, max_size=rank))
        tensors[name] = torch.randn(shape, generator=generator)
    return cls(**tensors)  # type: ignore[operator, no-any-return]


def same_bits(a: TensorValue, b: TensorValue) -> bool:
    pairs = [(getattr(a, name), getattr(b, name)) for name in a.AXES]
    return type(a) is type(b) and all(
        x.dtype == y.dtype and x.shape == y.shape and x.numpy().tobytes() == y.numpy().tobytes()
        for x, y in pairs
    )


@given(tensor_values())
def test_a_tensor_value_comes_back_from_its_bytes_bit_for_bit(value: TensorValue) -> None:
    again = type(value).from_bytes(value.to_bytes())

    assert same_bits(again, value)
    assert again.to_bytes() == value.to_bytes()


@given(tensor_values())
def test_equal_tensors_give_equal_bytes_however_they_lie_in_memory(value: TensorValue) -> None:
    turned = {
        name: getattr(value, name).transpose(0, -1).clone().transpose(0, -1) for name in value.AXES
    }

    assert type(value)(**turned).to_bytes() == value.to_bytes()


def test_different_tensors_give_different_bytes() -> None:
    one = values.Latent(torch.zeros(1, 4, 2, 2))

    assert one.to_bytes() != values.Latent(torch.zeros(1, 4, 4, 1)).to_bytes()
    assert one.to_bytes() != values.Latent(torch.full((1, 4, 2, 2), 1e-45)).to_bytes()


def test_tensor_values_are_plain_safetensors_files() -> None:
    value = values.Mask(torch.ones(1, 1, 2, 3))

    assert load(value.to_bytes())["data"].tolist() == value.data.tolist()


def test_a_vector_that_is_not_there_leaves_no_trace_in_the_bytes() -> None:
    context = torch.ones(1, 2, 3)
    plain, told = values.Conditioning(context), values.Conditioning(context, torch.zeros(1, 4))

    assert load(plain.to_bytes()).keys() == {"context"}
    assert values.Conditioning.from_bytes(plain.to_bytes()).vector is None
    assert plain.nbytes == 6 * 4
    assert plain.facts == {"n": 1, "width": 3, "vector": "none"}
    assert told.facts == {"n": 1, "width": 3, "vector": 4}
    assert told.nbytes == 6 * 4 + 4 * 4


def test_half_and_integer_tensors_keep_their_type() -> None:
    latent, mask = torch.ones(2, 4, 3, 3).half(), torch.ones(2, 1, 3, 3).half()
    tokens = torch.tensor([[1, 2], [3, 2**40]])
    value = values.TrainingLatents(latent, latent.clone(), mask, tokens)
    again = values.TrainingLatents.from_bytes(value.to_bytes())

    assert same_bits(again, value)
    assert value.nbytes == 2 * (2 * 4 * 9) * 2 + 2 * 9 * 2 + 4 * 8


@given(tensor_classes, st.integers(0, 5))
def test_a_tensor_of_the_wrong_rank_is_refused(cls: type[TensorValue], rank: int) -> None:
    name = next(iter(cls.AXES))
    tensors = {other: torch.zeros([1] * n) for other, n in AXES[cls].items()}
    tensors[name] = torch.zeros([2] * rank)

    if rank == AXES[cls][name]:
        assert cls(**tensors).nbytes > 0
        return
    with pytest.raises(
        ValueError, match=rf"^{cls.__name__}\.{name}: shape .* the axes {cls.AXES[name]}"
    ):
        cls(**tensors)


@pytest.mark.parametrize("value", JSON_VALUES, ids=lambda value: type(value).__name__)
def test_a_json_value_comes_back_from_its_bytes(value: JsonValue) -> None:
    again = type(value).from_bytes(value.to_bytes())

    assert again == value
    assert again.to_bytes() == value.to_bytes()
    assert value.nbytes == len(value.to_bytes())


@given(st.text(max_size=20), st.lists(reals, max_size=9))
def test_losses_keep_every_bit(title: str, losses: list[float]) -> None:
    again = values.Curve.from_bytes(values.Curve(title, tuple(losses)).to_bytes())

    assert again == values.Curve(title, tuple(losses))


@given(reals, reals, st.lists(reals, max_size=5).map(tuple), st.booleans())
def test_a_schedule_keeps_every_bit(
    start: float, end: float, sigmas: tuple[float, ...], from_noise: bool
) -> None:
    schedule = values.Schedule("cosine", start, end, 1000, sigmas, from_noise)

    assert values.Schedule.from_bytes(schedule.to_bytes()) == schedule


def test_a_reference_says_nothing_of_where_its_file_is() -> None:
    written = (
        f'{{"beside":[],"heads":"as detected","patches":[],"prediction":"v","sha256":"{SHA}"}}'
    )
    assert values.UNet(SHA, "v").to_bytes() == written.encode()


@given(tensor_values())
def test_a_tensor_value_knows_its_own_sizes(value: TensorValue) -> None:
    name, axes = next(iter(value.AXES.items()))
    lengths = dict(zip(axes.split(), getattr(value, name).shape, strict=True))

    assert (
        value.facts.items() >= {fact: lengths[axis] for fact, axis in value.FACTS.items()}.items()
    )
    assert value.facts["n"] == len(getattr(value, name))
