"""What this machine computes fast, told without loading what computes."""

from __future__ import annotations

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def resolved(numerics: str, device: str) -> str:
    """Return the numerics of a run: `auto` stays where lower precision is faster on the device.

    What is returned is part of every key, so it is known before any step is.

    Args:
        numerics: As asked for: auto, fast or reference.
        device: Such as cpu or cuda:1.
    """
    if numerics != "auto" or device.startswith("cuda"):
        return numerics
    return "auto" if device == "cpu" and multiplies_bfloat16() else "reference"


def multiplies_bfloat16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the processor multiplies bfloat16 in hardware; False where that cannot be told."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _BFLOAT16.isdisjoint(flags.split())
