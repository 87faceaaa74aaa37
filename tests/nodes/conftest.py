"""Contexts and tiny models for the tests of the nodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from nodes.training.optimizer import seeded
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels, make_tiny_models


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small lose far more by threads waiting for each other than they gain."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    with seeded(0):
        return make_tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def loaded() -> dict[str, Any]:
    """Networks in memory, shared between tests as the engine shares them between runs."""
    return {}


@pytest.fixture
def ctx(tmp_path: Path, models: TinyModels, loaded: dict[str, Any]) -> FolderContext:
    """A context of a run whose file inputs are the tiny models."""
    return FolderContext(tmp_path / "step", models.by_digest, loaded=loaded)
