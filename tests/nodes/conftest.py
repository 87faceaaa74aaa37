"""Contexts and tiny models for the tests of the nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodes.training.optimizer import seeded
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels, make_tiny_models


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
