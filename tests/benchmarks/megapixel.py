"""What a megapixel takes of memory, window by window beside whole, and how far the two differ.

Run by hand: python tests/benchmarks/megapixel.py. Each line is a new process that runs
`megapixel.json`; torch alone, which is taken off, is the peer. Read the ratios.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
MEGAPIXEL = ("main.py", "--workflow", "workflows/megapixel.json", "--no-cache")
WHOLE = ("encode.tile=0", "decode.tile=0", "denoise.tile=0")


def run(*words: str) -> tuple[float, float]:
    """Peak gigabytes and seconds of one new Python process."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} ended with {status}")
    return used.ru_maxrss * 1024 / 1e9, time.perf_counter() - began


def enlarged(folder: str, side: int, *settings: str) -> tuple[float, float, np.ndarray]:
    """Peak gigabytes, seconds, and the picture of `side` pixels."""
    sizes = (f"size={side // 4}", f"width={side}", f"height={side}", *settings)
    sets = [word for setting in sizes for word in ("--set", setting)]
    place = Path(folder, "_".join(sizes))
    peak, seconds = run(*MEGAPIXEL, *sets, "--store", f"{place}.store", "--output", str(place))
    (picture,) = place.glob("*.png")
    return peak, seconds, np.asarray(Image.open(picture).convert("RGB"), dtype=float)


def main() -> None:
    """Measure and print."""
    torch_alone, _ = run("-c", "import torch")
    with tempfile.TemporaryDirectory() as folder:
        for side in (512, 1024):
            tiled = enlarged(folder, side)
            whole = enlarged(folder, side, *WHOLE)
            peaks = [part[0] - torch_alone for part in (tiled, whole)]
            error = np.abs(tiled[2] - whole[2])
            psnr = 20 * np.log10(255 / np.sqrt((error**2).mean()))
            sys.stdout.write(
                f"{side} px: windows {peaks[0]:.2f} GB, whole {peaks[1]:.2f} GB"
                f" ({peaks[0] / peaks[1]:.2f} of it); {tiled[1]:.0f} s, {whole[1]:.0f} s;"
                f" the pictures agree to {psnr:.1f} dB\n"
            )


if __name__ == "__main__":
    main()
