"""The reverse process as one call: conditions, guidance, start, sampler, all by their names.

UNetDenoise and the measurements go through here, so what is measured is what people get.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from safetensors.torch import load, save
from torch import Tensor

from nodes.ldm.denoiser import Predict, denoiser
from nodes.ldm.guidance import Condition, Network, guided
from nodes.ldm.masked import repainting
from nodes.ldm.noise_conventions import CONVENTIONS
from nodes.ldm.samplers import SAMPLERS, Start, Step, from_latent, from_noise
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.steering import Likelihood, steered
from nodes.ldm.tiling import in_windows

OVERLAP = 4
"""Windows share one part in so many of their side."""


@dataclass(frozen=True)
class Steering:
    """What a denoiser is told.

    Attributes:
        cond: tau_theta(y), 1 or B rows of T D; None for an unconditional network.
        uncond: What guidance points away from, 1 or B rows; unused when guidance is 1.
        concat: Channels beside the latent, 1 or B rows of c' h w; None without concat conditioning.
        guidance: Scale w of classifier-free guidance.
        rescale: Share phi of the guided output brought back to the conditional one's spread.
        vector: What is added to the time embedding for cond, 1 or B rows; None where the network
            takes none.
        uncond_vector: The same for uncond.
        mask: Where to repaint, 1 or B rows of 1 h w, the rest of the latent is kept; None repaints
            all.
        likelihoods: What shall become likely, by gradients; none in most walks.
    """

    cond: Tensor | None = None
    uncond: Tensor | None = None
    concat: Tensor | None = None
    guidance: float = 1.0
    rescale: float = 0.0
    vector: Tensor | None = None
    uncond_vector: Tensor | None = None
    mask: Tensor | None = None
    likelihoods: tuple[Likelihood, ...] = ()


@dataclass(frozen=True)
class Walk:
    """How noise becomes a latent.

    Attributes:
        table: Betas the network was trained with.
        prediction: What the network predicts: eps, v or x0.
        sigmas: Levels to visit, falling; at least two.
        from_noise: Start at pure noise instead of at the noised latent.
        sampler: A name in `SAMPLERS`.
        eta: Share of fresh noise, where the sampler reads one; None is the sampler's own.
        seed: Seed of the noise.
        noise: Whose noise the seed stands for, a name in `CONVENTIONS`.
        first: Steps that somebody else has walked; the latent is then taken as it is.
        tile: Side in latent cells of the windows the network sees; 0 shows it all at once.
    """

    table: NoiseSchedule
    prediction: str
    sigmas: tuple[float, ...]
    from_noise: bool = True
    sampler: str = "ddim"
    eta: float | None = None
    seed: int = 0
    noise: str = "latentgraph"
    first: int = 0
    tile: int = 0


@dataclass(frozen=True, eq=False)
class State:
    """Where a walk was left: enough to go on bit by bit as if it had not been.

    Attributes:
        done: Steps done.
        x: B c h w, after them.
        history: What the sampler remembers (`nodes.ldm.samplers.Step`).
    """

    done: int
    x: Tensor
    history: tuple[Tensor, ...] = ()


def sample(
    network: Network, latent: Tensor, steering: Steering, walk: Walk, state: State | None = None
) -> Iterator[Step]:
    """Denoise `latent`, B c h w on the network's device; the last step's `x` is the result.

    Args:
        network: The denoiser.
        latent: Where to start.
        steering: What it is told.
        walk: How to go.
        state: Go on from here instead of from the latent.

    Raises:
        ValueError: The walk begins without signal, but the network predicts eps.
    """
    if walk.table.zero_terminal_snr and walk.prediction == "eps":
        raise ValueError(
            "zero terminal SNR: got a network that predicts eps, expected v or x0; pure noise says"
            " nothing of the picture to eps (Lin et al. 2023, Sec. 3.3)"
        )
    if walk.tile:
        network = in_windows(network, walk.tile, walk.tile // OVERLAP)
    denoise = denoiser(told(network, latent, steering), walk.table, walk.prediction)
    if steering.likelihoods:
        denoise = steered(denoise, steering.likelihoods, walk.table)
    if steering.mask is not None:
        denoise = repainting(denoise, latent, steering.mask.to(latent), _start_noise(latent, walk))
    state = state or _beginning(latent, walk)
    x = state.x.to(latent)
    history = tuple(tensor.to(latent) for tensor in state.history)
    sampler, source = SAMPLERS[walk.sampler], CONVENTIONS[walk.noise]
    return sampler(
        denoise,
        x,
        torch.tensor(walk.sigmas, dtype=torch.float64),
        source.steps(walk.seed, x, sampler.facts.draws),
        eta=walk.eta,
        start=Start(state.done, history),
    )


def state_bytes(step: Step) -> bytes:
    """The state after a step as a safetensors file; equal states give equal bytes."""
    tensors = {"x": step.x, **{f"history{n}": t for n, t in enumerate(step.history)}}
    return save({name: tensor.contiguous().cpu() for name, tensor in tensors.items()})


def read_state(found: tuple[int, bytes] | None, first: int = 0) -> State | None:
    """Read what `state_bytes` wrote: (steps of this walk that are done, bytes)."""
    if found is None:
        return None
    tensors = load(found[1])
    x = tensors.pop("x")
    return State(first + found[0], x, tuple(tensors[f"history{n}"] for n in range(len(tensors))))


def _beginning(latent: Tensor, walk: Walk) -> State:
    """At pure noise, at the noised latent, or where another walk has left the latent."""
    if walk.first:
        return State(walk.first, latent)
    eps, sigma = _start_noise(latent, walk), walk.sigmas[0]
    return State(0, from_noise(eps, sigma) if walk.from_noise else from_latent(latent, eps, sigma))


def _start_noise(latent: Tensor, walk: Walk) -> Tensor:
    return CONVENTIONS[walk.noise].start(walk.seed, latent.shape).to(latent)


def told(network: Network, latent: Tensor, steering: Steering) -> Predict:
    """The network with what it is told, for a batch like `latent`."""

    def rows(tensor: Tensor | None) -> Tensor | None:  # one for each picture of the batch
        return None if tensor is None else tensor.to(latent).expand(len(latent), *tensor.shape[1:])

    cond = Condition(rows(steering.cond), rows(steering.vector))
    uncond = cond
    if steering.uncond is not None:
        uncond = Condition(rows(steering.uncond), rows(steering.uncond_vector))
    concat = rows(steering.concat)
    return guided(network, cond, uncond, steering.guidance, concat, steering.rescale)
