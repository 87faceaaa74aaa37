"""How much of a walk a strength below 1 leaves; loads without torch."""

import math


def kept_steps(steps: int, strength: float) -> int:
    """Return floor(strength S): how many of S steps are walked (SDEdit, Meng et al. 2022)."""
    return math.floor(round(strength * steps, 6))  # 0.29 * 100 is 28.999999999999996
