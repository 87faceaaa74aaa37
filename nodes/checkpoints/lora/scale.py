"""By how much a LoRA's product counts: alpha / r, as the file or the settings of peft in it say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nodes.checkpoints.header import Header
from nodes.checkpoints.lora.form import Target
from nodes.checkpoints.lora.names import Part, part_of

PEFT_KEY = "lora_adapter_metadata"
"""Where diffusers keeps the settings of peft."""
PREFIXES: dict[Part, str] = {
    "unet": "unet.",
    "text": "text_encoder.",
    "text_2": "text_encoder_2.",
}


@dataclass(frozen=True)
class PeftSettings:
    """What peft was told for one network, as far as it changes the sum.

    Attributes:
        alpha: alpha of all weights; None where it is the rank.
        alphas: alpha of weights whose name ends so, before that of all.
        by_root: Whether the rank counts by its square root (Kalajdzievski 2023, rsLoRA).
    """

    alpha: float | None = None
    alphas: Mapping[str, float] = field(default_factory=dict)
    by_root: bool = False


@dataclass(frozen=True)
class Scales:
    """alpha / r of every weight a file changes.

    Attributes:
        settings: Those of peft for each network, where the file has them.
    """

    settings: Mapping[Part, PeftSettings]

    def of(self, target: Target, alpha: float | None) -> float:
        """Return alpha / r.

        Args:
            target: The weight's two matrices.
            alpha: What stands beside them in the file; None where nothing does.
        """
        settings = self.settings.get(part_of(target.stem), PeftSettings())
        if alpha is None:
            ends = (a for end, a in settings.alphas.items() if _ends(target.stem, end))
            alpha = next(ends, settings.alpha)
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(target.rank) if settings.by_root else target.rank)


def read_scales(header: Header) -> Scales:
    """Read the settings of peft in a header; files of other tools have none.

    Raises:
        ValueError: They are not readable, or ask for a DoRA.
    """
    text = header.metadata.get(PEFT_KEY)
    if text is None:
        return Scales({})
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {PEFT_KEY} is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise ValueError(f"its {PEFT_KEY} is no object")
    return Scales({part: _settings(document, begin) for part, begin in PREFIXES.items()})


def _settings(document: Mapping[str, Any], begin: str) -> PeftSettings:
    given = {k.removeprefix(begin): v for k, v in document.items() if k.startswith(begin)}
    if given.get("use_dora"):
        raise ValueError("it is a DoRA, and plain LoRA is what is read here")
    alpha, alphas = given.get("lora_alpha"), given.get("alpha_pattern") or {}
    if not isinstance(alphas, dict):
        raise ValueError(f"its {PEFT_KEY} has an alpha_pattern that is no object")
    for number in (alpha, *alphas.values()):
        if number is not None and type(number) not in (int, float):
            raise ValueError(f"its {PEFT_KEY} has the alpha {number!r}, expected a number")
    return PeftSettings(alpha, alphas, given.get("use_rslora") is True)


def _ends(stem: str, end: str) -> bool:
    """Whether a weight is meant by a name in peft's patterns: that name, or the end of one."""
    return re.search(rf"(^|\.){re.escape(end)}$", stem) is not None
