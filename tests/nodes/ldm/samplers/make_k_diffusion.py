"""Write k_diffusion.json: whole walks of k-diffusion's samplers, float64, to hold ours to.

Needs `pip install --no-deps k-diffusion torchsde trampoline torchdiffeq` and scipy, tqdm. From the
repository's root: python -m tests.nodes.ldm.samplers.make_k_diffusion
"""

import importlib.util
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.nodes.ldm.samplers.toys import bent_denoiser, waves

SHAPE = (1, 1, 2, 3)
SIGMAS = (14.6, 7.1, 3.9, 2.2, 1.1, 0.6, 0.25, 0.08, 0.0)
TARGET = Path(__file__).with_name("k_diffusion.json")
SAMPLERS = {
    "euler": "sample_euler",
    "euler_ancestral": "sample_euler_ancestral",
    "heun": "sample_heun",
    "dpm_2": "sample_dpm_2",
    "dpm_2_ancestral": "sample_dpm_2_ancestral",
    "lms": "sample_lms",
    "dpmpp_2m": "sample_dpmpp_2m",
    "dpmpp_2m_sde": "sample_dpmpp_2m_sde",
    "dpmpp_2s_ancestral": "sample_dpmpp_2s_ancestral",
    "dpmpp_sde": "sample_dpmpp_sde",
}
NOISY = ("euler_ancestral", "dpm_2_ancestral", "dpmpp_2m_sde", "dpmpp_2s_ancestral", "dpmpp_sde")


def sampling() -> Any:
    """k-diffusion's module of samplers alone; the package would load CLIP and torchvision."""
    found = importlib.util.find_spec("k_diffusion")
    assert found
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0])
    package = type(sys)("k_diffusion")
    package.__path__ = [str(folder)]
    utils = type(sys)("k_diffusion.utils")
    utils.append_dims = lambda x, dims: x[(...,) + (None,) * (dims - x.ndim)]  # type: ignore[attr-defined]
    package.utils = utils  # type: ignore[attr-defined]
    sys.modules |= {"k_diffusion": package, "k_diffusion.utils": utils}
    return importlib.import_module("k_diffusion.sampling")


def noise_of_the_steps(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Increments of one Brownian path over sigma, made of `waves`, from one level to another."""

    def between(sigma: Tensor, sigma_next: Tensor) -> Tensor:
        index = min(range(len(SIGMAS)), key=lambda i: abs(SIGMAS[i] - float(sigma)))
        first, second = waves(2 * index, SHAPE), waves(2 * index + 1, SHAPE)
        high, low = SIGMAS[index], SIGMAS[index + 1]
        if name != "dpmpp_sde" or abs(float(sigma_next) - low) > 1e-9:
            return first
        middle = math.sqrt(high * low)
        parts = math.sqrt(high - middle) * first + math.sqrt(middle - low) * second
        return parts / math.sqrt(high - low)

    return between


def walk(module: Any, name: str) -> list[list[float]]:
    """x after each step."""
    seen: list[Tensor] = []
    extra = {"noise_sampler": noise_of_the_steps(name)} if name in NOISY else {}
    last = getattr(module, SAMPLERS[name])(
        lambda x, sigma, **_: bent_denoiser(x, sigma.reshape(-1, 1, 1, 1)),
        SIGMAS[0] * waves(1000, SHAPE),
        torch.tensor(SIGMAS, dtype=torch.float64),
        callback=lambda state: seen.append(state["x"].clone()),
        disable=True,
        **extra,
    )
    return [x.flatten().tolist() for x in (*seen[1:], last)]


def main() -> None:
    """Write the file."""
    module = sampling()
    walks = {name: walk(module, name) for name in SAMPLERS}
    document = {"shape": SHAPE, "sigmas": SIGMAS, "walks": walks}
    TARGET.write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
