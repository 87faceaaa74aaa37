"""Retrieval: what a denoiser is told are pictures of a database that can be swapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from engine.node import Edit, Facts, Finding, Fix, Inference, Of, Range, Seed, node
from nodes.dataset_values import TokenSet
from nodes.sizes import size_of, sized, whole
from nodes.training.shapes import NEIGHBOUR_CELLS
from nodes.values import Conditioning, Latent

Neighbours = Annotated[int, Range(ge=1, le=64, step=1)]


def _width(given: Inference) -> dict[str, int]:
    """Width of a neighbour's token, where the first stage is known."""
    channels = whole(given.facts.get("database", {}), "c")
    return {} if channels is None else {"width": channels * NEIGHBOUR_CELLS**2}


def _infer_tokens(given: Inference) -> Mapping[str, Facts]:
    return {"token_set": {"told": "vectors", **_width(given)}}


def _review_count(given: Inference) -> Iterator[Finding]:
    """Find a database that is too small."""
    there, wanted = given.facts.get("database", {}).get("n"), given.settings["neighbours"]
    if isinstance(there, int) and wanted is not None and there < wanted:
        edits = (Edit("", "neighbours", there),) if there > 0 else ()
        yield Finding(
            f"the database has {there} pictures, too few for {wanted} neighbours",
            port="neighbours",
            got=str(wanted),
            expected=f"at most {there}",
            fixes=(Fix(f"set neighbours to {there}", edits), Fix("take a larger database")),
            code="database-too-small",
        )


@node("TellNeighbours", version=1, category="dataset", infer=_infer_tokens, review=_review_count)
def tell_neighbours(
    latent: Annotated[Latent, Of(n="n", c="c", f="f", space="s")],
    database: Annotated[Latent, Of(c="c", f="f", space="s")],
    neighbours: Neighbours = 4,
) -> Annotated[TokenSet, Of(n="n")]:
    """Tell a denoiser the nearest neighbours of each picture, a token for each (Blattmann 2022).

    A picture is described by its latent, pooled to 4 x 4 cells, where the paper takes CLIP: that
    says which colours lie where. Nearness is the distance of these; a picture that is itself in the
    database is not its own neighbour.

    Args:
        latent: Latents of the dataset, from EncodeDataset.
        database: Latents of the pictures where neighbours are looked for, of the same first stage.
        neighbours: How many, the nearest first.
    """
    from nodes.training.neighbours import described, nearest

    seen, there = described(latent.data), described(database.data)
    return TokenSet(vectors=there[nearest(seen, there, neighbours)])


class Retrieved(NamedTuple):
    """What neighbours tell a denoiser, what stands for none, and their own latents, to decode."""

    conditioning: Conditioning
    unconditioned: Conditioning
    latent: Annotated[Latent, Of(c="c", f="f", space="s")]


def _infer_condition(given: Inference) -> Mapping[str, Facts]:
    query = given.facts.get("query")
    width, height = size_of(given.facts.get("database", {})) or (None, None)
    count = given.settings["batch"] if query is None else query.get("n")
    each = given.settings["neighbours"]
    told: Facts = {"vector": "none", **_width(given)}
    shown = count * each if isinstance(count, int) and each is not None else None
    return {
        "conditioning": told if count is None else {**told, "n": count},
        "unconditioned": {**told, "n": 1},
        "latent": sized(width, height, shown),
    }


@node(
    "NeighbourCondition",
    version=1,
    category="latent diffusion",
    infer=_infer_condition,
    review=_review_count,
)
def neighbour_condition(
    database: Annotated[Latent, Of(c="c", f="f", space="s")],
    query: Annotated[Latent, Of(c="c", f="f", space="s")] | None = None,
    neighbours: Neighbours = 4,
    batch: Annotated[int, Range(ge=1, le=256, step=1)] = 4,
    seed: Annotated[int, Seed()] = 0,
) -> Retrieved:
    """Look pictures up in a database, for a denoiser that is told neighbours (Blattmann 2022).

    Without a query, pictures of the database take its place, as in the paper's unconditional
    sampling (Sec. 3.3): swap the database and the model draws other things.

    Args:
        database: Latents of the pictures to look in; they need not be those of the training.
        query: Latents of pictures whose neighbours are told, one for each to draw.
        neighbours: How many for each, the nearest first.
        batch: How many queries are drawn from the database where none is linked.
        seed: Seed of these draws.
    """
    import torch

    from nodes.training.neighbours import described, nearest

    there = described(database.data)
    if query is None:
        generator = torch.Generator().manual_seed(seed)
        seen = there[torch.randint(0, len(there), (batch,), generator=generator)]
    else:
        seen = described(query.data)
    rows = nearest(seen, there, neighbours)
    told, nothing = there[rows], torch.zeros(1, neighbours, there.shape[1])
    return Retrieved(
        Conditioning(told), Conditioning(nothing), Latent(database.data[rows.flatten()])
    )
