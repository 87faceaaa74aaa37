"""Where a run computes: a device that is not there is named before a weight is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from engine.node import OutOfMemoryError, Settings
from nodes.runtime import computing, device_of
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


def test_a_tensor_no_machine_could_hold_is_out_of_memory_with_what_to_lower(
    tmp_path: Path,
) -> None:
    with (
        pytest.raises(OutOfMemoryError, match=r"on cpu \(it wanted 4000000.0 GB at once"),
        computing(FolderContext(tmp_path)),
    ):
        torch.empty(10**15)


def test_another_fault_of_torch_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="size"), computing(FolderContext(tmp_path)):
        torch.ones(2) @ torch.ones(3)


def test_a_step_uses_the_threads_the_run_gives_it(tmp_path: Path) -> None:
    def threads_of(given: int | None) -> int:
        with computing(FolderContext(tmp_path, settings=Settings(threads=given))):
            return torch.get_num_threads()

    with ThreadPoolExecutor(1) as fresh:  # torch keeps the number by thread
        assert fresh.submit(threads_of, 3).result() == 3
        assert fresh.submit(threads_of, None).result() == 3
        assert fresh.submit(threads_of, 1).result() == 1
