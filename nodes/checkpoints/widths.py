"""Which published family an adapter is for: the width of the contexts its denoiser reads tells."""

from __future__ import annotations

FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "Stable Diffusion XL"}


def family_of_width(width: object) -> str:
    """The published family whose denoiser reads contexts of a width, in words."""
    known = FAMILIES.get(width) if isinstance(width, int) else None
    return known or f"a model with a context of width {width}"
