"""Whole walks of k-diffusion 0.1.1 (see make_k_diffusion.py), recorded in float64."""

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nodes.ldm.samplers import SAMPLERS
from tests.nodes.ldm.samplers.toys import bent_denoiser, largest_error, waves

RECORDED = json.loads(Path(__file__).with_name("k_diffusion.json").read_text())
SHAPE = tuple(RECORDED["shape"])


def noise(index: int, draw: int = 0, /) -> Tensor:
    return waves(2 * index + draw, SHAPE)


@pytest.mark.parametrize("name", RECORDED["walks"])
def test_a_walk_is_that_of_k_diffusion(name: str) -> None:
    sigmas = torch.tensor(RECORDED["sigmas"], dtype=torch.float64)
    x = float(sigmas[0]) * waves(1000, SHAPE)
    theirs = [torch.tensor(x, dtype=torch.float64).reshape(SHAPE) for x in RECORDED["walks"][name]]

    ours = [step.x for step in SAMPLERS[name](bent_denoiser, x, sigmas, noise)]

    assert largest_error(ours, theirs) < 1e-9


def test_the_recorded_walks_differ_from_each_other() -> None:
    ends = {tuple(walk[-1]) for walk in RECORDED["walks"].values()}

    assert len(ends) == len(RECORDED["walks"])
