"""A Stable Diffusion 1.5 at random weights: our two profiles beside diffusers in float32.

Run by hand, takes about ten minutes and 15 GB of memory:
python tests/benchmarks/checkpoints.py [--threads N] [--rounds N] [--folder DIR]

Each contestant is a process of its own that reads the same file of 2.1 GB (float16, in memory where
the system has /dev/shm) and then waits for orders. They take turns, so that other load on the
machine falls on all alike, and medians are compared. Peak memory is the process's own, set back
before each measurement. A step is one call of the denoiser with guidance, as one batch of two.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

WHO = ("ours reference", "ours fast", "diffusers float32")
SIDES = (256, 512)
STEPS, GUIDANCE = 10, 7.5


def peak(*, reset: bool = False) -> float:
    """Largest memory of this process since the last reset, in GB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024 / 1e9


def say(line: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def inputs(side: int, batch: int = 2) -> tuple[Tensor, Tensor]:
    """Latents for pictures of `side` pixels, and two contexts of 77 tokens."""
    generator = torch.Generator().manual_seed(side)
    x = torch.randn(1, 4, side // 8, side // 8, generator=generator)
    return x, torch.randn(batch, 77, 768, generator=generator)


class Ours:
    """Our networks, opened as the nodes open them."""

    def __init__(self, path: Path, numerics: str) -> None:
        from engine.node import Settings
        from nodes import runtime, values
        from tests.nodes.context import FolderContext

        self.ctx = FolderContext(path.parent, {"file": path}, settings=Settings("cpu", numerics))
        self.unet = runtime.open_unet(self.ctx, values.UNet("file", "eps")).network
        runtime.open_text_encoder(self.ctx, values.TextEncoder("file"))
        self.stage = runtime.open_autoencoder(self.ctx, values.Autoencoder("file", 4, 8)).network

    def step(self, x: Tensor, context: Tensor) -> Tensor:
        """One guided prediction, float32."""
        from nodes.ldm.guidance import Condition, guided

        uncond, cond = Condition(context[:1]), Condition(context[1:])
        return guided(self.unet, cond, uncond, GUIDANCE)(x, torch.tensor([500.0]))

    def decode(self, z: Tensor) -> Tensor:
        """A picture in about [-1, 1]."""
        return self.stage.decode(z).float()

    def image(self, side: int) -> Tensor:
        """Ten steps from noise and the decoder, in [0, 1]."""
        from nodes.ldm.sampling import Steering, Walk, sample
        from nodes.ldm.schedule import NoiseSchedule

        table = NoiseSchedule("scaled_linear", 0.00085, 0.012, 1000)
        levels = torch.linspace(999, 0, STEPS, dtype=torch.float64)
        sigmas = (*(float(table.sigma_of(level)) for level in levels), 0.0)
        x, context = inputs(side)
        steering = Steering(context[1:], context[:1], guidance=GUIDANCE)
        for step in sample(self.unet, x, steering, Walk(table, "eps", sigmas)):
            x = step.x
        return (self.decode(x / 0.18215) / 2 + 0.5).clamp(0, 1)


class Diffusers:
    """The same file in diffusers' classes, its names converted by diffusers."""

    def __init__(self, path: Path, numerics: str) -> None:
        del numerics
        from diffusers import AutoencoderKL, UNet2DConditionModel
        from diffusers.loaders import single_file_utils as convert
        from safetensors.torch import load_file

        stored = load_file(path)
        self.unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8)
        names = convert.convert_ldm_unet_checkpoint(dict(stored), dict(self.unet.config))
        self.unet.load_state_dict(names)
        widths = (128, 256, 512, 512)
        self.stage = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=widths,
            layers_per_block=2,
            sample_size=512,
        )
        names = convert.convert_ldm_vae_checkpoint(dict(stored), dict(self.stage.config))
        self.stage.load_state_dict(names)

    def step(self, x: Tensor, context: Tensor) -> Tensor:
        """One guided prediction."""
        uncond, cond = self.unet(torch.cat([x, x]), 500, context).sample.chunk(2)
        out: Tensor = uncond + GUIDANCE * (cond - uncond)
        return out

    def decode(self, z: Tensor) -> Tensor:
        """A picture in about [-1, 1]."""
        out: Tensor = self.stage.decode(z).sample
        return out


CONTESTANTS: dict[str, tuple[Callable[[Path, str], Any], str]] = {
    "ours reference": (Ours, "reference"),
    "ours fast": (Ours, "auto"),
    "diffusers float32": (Diffusers, ""),
}


@torch.no_grad()
def contestant(who: str, path: Path, threads: int) -> None:
    """Load, then answer each order on stdin by one line: seconds and peak memory."""
    torch.set_num_threads(threads)
    make, numerics = CONTESTANTS[who]
    if make is Diffusers:
        importlib.import_module("diffusers.loaders.single_file_utils")
    else:
        importlib.import_module("nodes.runtime")
    before = peak(reset=True)
    start = time.perf_counter()
    networks = make(path, numerics)
    networks.step(*inputs(64))
    answer(time.perf_counter() - start, loaded=peak() - before)
    for line in sys.stdin:
        what, side = line.split()
        x, context = inputs(int(side))
        peak(reset=True)
        start = time.perf_counter()
        if what == "image":
            np.save(path.parent / f"{who}.npy", networks.image(int(side)).numpy())
        else:
            networks.decode(x) if what == "decode" else networks.step(x, context)
        answer(time.perf_counter() - start)


def answer(seconds: float, **more: float) -> None:
    """Tell the one who gave the order."""
    say(json.dumps({"seconds": seconds, "peak": peak(), **more}))


class Contestant:
    """A process that waits for orders."""

    def __init__(self, who: str, path: Path, threads: int) -> None:
        words = [sys.executable, __file__, "--as", who, "--threads", str(threads)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
        self.process = subprocess.Popen(
            [*words, "--folder", str(path.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.loading = self._answer()

    def ask(self, what: str, side: int) -> dict[str, float]:
        """Give an order and wait for its figures."""
        assert self.process.stdin
        self.process.stdin.write(f"{what} {side}\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout
        found: dict[str, float] = json.loads(self.process.stdout.readline())
        return found

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def compare(path: Path, threads: int, rounds: int) -> None:
    """Run the contest and print its table."""
    say(machine(threads, path.stat().st_size))
    field = {who: Contestant(who, path, threads) for who in WHO}
    row("load to the first step (64 px), s", {w: c.loading["seconds"] for w, c in field.items()})
    row("memory taken by loading, peak GB", {w: c.loading["loaded"] for w, c in field.items()})
    for what in ("step", "decode"):
        for side in SIDES:
            turns = [{who: c.ask(what, side) for who, c in field.items()} for _ in range(rounds)]
            for figure, unit in (("seconds", "s"), ("peak", "peak GB")):
                found = {w: median(turn[w][figure] for turn in turns) for w in field}
                row(f"{what} at {side} px, {unit}", found)
    for who in ("ours reference", "ours fast"):
        field[who].ask("image", 256)
    for one in field.values():
        one.close()
    exact, fast = (np.load(path.parent / f"ours {n}.npy") for n in ("reference", "fast"))
    say(f"PSNR of fast to reference, 256 px, {STEPS} steps: {psnr(exact, fast):.1f} dB")


def psnr(a: Any, b: Any) -> float:
    """Peak signal to noise ratio of pictures in [0, 1], dB."""
    return float(-10 * np.log10(np.mean((a - b) ** 2)))


def row(name: str, found: dict[str, float]) -> None:
    """Print one line: three figures, and ours as shares of diffusers'."""
    other = found[WHO[-1]]
    shares = [found[who] / other for who in WHO[:-1]]
    columns = "".join(f"{found[who]:>12.2f}" for who in WHO)
    say(f"{name:<36}{columns}" + "".join(f"{share:>10.2f}" for share in shares))


def machine(threads: int, size: int) -> str:
    """Where this was measured, and the head of the table."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    flags = sorted(set(re.findall(r"\b(avx512_bf16|amx_bf16)\b", info))) or ["no bfloat16"]
    load = os.getloadavg()[0]
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {', '.join(flags)},"
        f" {threads} threads, load {load:.1f} before the start, torch {torch.__version__},"
        f" file of {size / 1e9:.2f} GB\n"
        f"{'':<36}{'reference':>12}{'fast':>12}{'diffusers':>12}{'ref/diff':>10}{'fast/diff':>10}"
    )


@contextmanager
def model_file(folder: Path | None) -> Iterator[Path]:
    """The file, deleted afterwards."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
    with tempfile.TemporaryDirectory(dir=folder or (shared if shared.is_dir() else None)) as made:
        path = Path(made) / "sd15.safetensors"
        command = [sys.executable, str(Path(__file__).with_name("random_checkpoint.py")), str(path)]
        subprocess.run(command, check=True)
        yield path


def main() -> None:
    """Read the arguments; a process started by another one has `--as`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--as", dest="who")
    given = parser.parse_args()
    if given.who:
        contestant(given.who, given.folder / "sd15.safetensors", given.threads)
    else:
        with model_file(given.folder) as path:
            compare(path, given.threads, given.rounds)


if __name__ == "__main__":
    main()
