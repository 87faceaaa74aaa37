import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.node import Finding, Inference, machine_bytes
from nodes import memory
from nodes.ldm.config import KL_F8, SD15
from nodes.memory import decoding_floats, denoising_floats, needed_bytes

GIGABYTE = 10**9
cells = st.integers(1, 512)


@pytest.fixture(autouse=True)
def _eight_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "machine_bytes", lambda: 8 * GIGABYTE)


def denoising(side: int, guidance: float | None = 1.0, batch: int = 1) -> list[Finding]:
    facts = {
        "latent": {"w": side, "h": side, "n": batch},
        "unet": {"peak": denoising_floats(SD15), "weights": 859_520_964},
    }
    return list(memory.review_denoising(Inference({"guidance": guidance}, facts)))


def decoding(side: int, batch: int) -> list[Finding]:
    facts = {
        "latent": {"w": side, "h": side, "n": batch},
        "autoencoder": {"f": 8, "peak": decoding_floats(KL_F8)},
    }
    return list(memory.review_decoding(Inference({}, facts)))


def test_what_fits_is_not_doubted() -> None:
    assert denoising(64) == []
    assert decoding(64, batch=1) == []


def test_a_pass_that_takes_more_than_the_machine_has_is_doubted_and_told_in_gigabytes() -> None:
    (found,) = denoising(256, guidance=7.5)

    assert found.severity == "warning"
    assert found.expected == "at most 8.0 GB"
    assert "for 256 x 256 cells in a batch of 1, but the machine has 8.0 GB" in found.message


def test_of_a_large_network_it_is_told_what_fast_numerics_take() -> None:
    (found,) = denoising(256, guidance=7.5)
    (small,) = decoding(512, batch=1)  # of a first stage whose weights are not known

    exact = float(found.got.removesuffix(" GB"))
    assert f"about {exact} GB of memory ({exact / 2:.1f} GB in fast numerics) for" in found.message
    assert "fast" not in small.message


def test_guidance_takes_two_passes_at_once() -> None:
    alone = denoising(256)
    (guided,) = denoising(256, guidance=7.5)

    assert alone == []
    assert guided.port == "latent"


def test_a_large_batch_is_decoded_in_parts_so_it_takes_no_more() -> None:
    (few,), (many,) = decoding(128, batch=4), decoding(128, batch=64)

    assert few.got == many.got


@given(cells, cells, st.integers(1, 8))
def test_more_places_never_take_less(width: int, height: int, batch: int) -> None:
    peak = denoising_floats(SD15)
    places = width * height * batch

    assert (needed_bytes(0, peak, places) or 0) < (needed_bytes(0, peak, places + 1) or 0)
    assert needed_bytes(None, None, places) is None


def test_nothing_is_doubted_where_the_machine_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "machine_bytes", lambda: None)

    assert denoising(100_000) == []


def test_this_machine_tells() -> None:
    assert (machine_bytes() or GIGABYTE) > GIGABYTE // 10
