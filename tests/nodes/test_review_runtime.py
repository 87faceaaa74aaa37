"""Where a run computes: a device that is not there is named before a weight is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.node import Settings
from nodes.runtime import device_of
from tests.nodes.context import FolderContext


@pytest.mark.parametrize("name", ["mps", "cuda", "cuda:3"])
def test_a_device_that_torch_does_not_see_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    ctx = FolderContext(tmp_path, settings=Settings(name))

    with pytest.raises(ValueError, match=f"the device is {name} but torch sees none; run with"):
        device_of(ctx)


def test_only_as_many_devices_as_there_are_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)

    assert device_of(FolderContext(tmp_path, settings=Settings("cuda:1"))).index == 1
    with pytest.raises(ValueError, match="the device is cuda:2 but torch sees 2"):
        device_of(FolderContext(tmp_path, settings=Settings("cuda:2")))
