"""Nearest neighbours of pictures in a database, as tokens (Blattmann et al. 2022).

Retrieval-augmented diffusion models (arXiv:2204.11824, Sec. 3.1) describe a picture by a fixed
embedding, CLIP's. Here it is the picture's latent, pooled to a few cells: it tells what colours lie
where, needs no further network, and knows no names of things.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.training.shapes import NEIGHBOUR_CELLS


def described(latent: Tensor) -> Tensor:
    """Describe pictures by their latents, B c h w, pooled to a few cells: B D with D = 16 c."""
    return F.adaptive_avg_pool2d(latent.float(), NEIGHBOUR_CELLS).flatten(1)


def nearest(queries: Tensor, database: Tensor, count: int) -> Tensor:
    """Find the nearest rows of a database by squared distance, the nearest first.

    A row that equals the query is left out, as the picture itself when it is part of the database;
    else a model would learn to copy its first neighbour (Blattmann et al. 2022, Sec. 3.2).

    Args:
        queries: N D.
        database: M D.
        count: Rows wanted.

    Returns:
        Their indices, N count.

    Raises:
        ValueError: There are too few others.
    """
    rows = []
    for part in torch.split(queries.double(), 256):
        distance = torch.cdist(part, database.double())
        distance[(part[:, None] == database.double()[None]).all(2)] = torch.inf
        near = distance.topk(min(count, len(database)), dim=1, largest=False)
        if near.indices.shape[1] < count or not near.values.isfinite().all():
            raise ValueError(
                f"the database has {len(database)} pictures, too few for {count} neighbours that"
                " are not the picture itself; take a larger one, or fewer neighbours"
            )
        rows.append(near.indices)
    return torch.cat(rows)
