import pytest
import torch

from nodes.training.neighbours import described, nearest


def test_neighbours_come_in_the_order_of_their_distance() -> None:
    database = torch.tensor([[0.0, 0.0], [3.0, 0.0], [1.0, 0.0], [0.0, 9.0]])

    assert nearest(torch.tensor([[0.9, 0.0], [0.1, 8.0]]), database, 3).tolist() == [
        [2, 0, 1],
        [3, 0, 2],
    ]


def test_a_large_search_is_what_sorting_all_distances_gives() -> None:
    generator = torch.Generator().manual_seed(0)
    queries, database = (torch.randn(n, 5, generator=generator) for n in (300, 70))
    distance = (queries[:, None] - database[None]).square().sum(2)

    assert torch.equal(nearest(queries, database, 4), distance.argsort(dim=1)[:, :4])


def test_a_picture_is_not_its_own_neighbour() -> None:
    database = torch.randn(6, 8, generator=torch.Generator().manual_seed(0))
    rows = nearest(database, database, 5)

    assert all(k not in found for k, found in enumerate(rows.tolist()))


def test_too_small_a_database_is_told() -> None:
    with pytest.raises(ValueError, match="has 3 pictures, too few for 3 neighbours that are not"):
        nearest(torch.eye(3), torch.eye(3), 3)


def test_a_description_keeps_where_things_are_but_not_more() -> None:
    z = torch.zeros(1, 4, 16, 16)
    z[0, 2, 4:8, 12:16] = 1
    told = described(z).reshape(4, 4, 4)

    assert told[2, 1, 3] == 1
    assert told.sum() == 1
