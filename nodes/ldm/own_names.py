"""How a prompt names words of one's own: `embedding:NAME`, as ComfyUI has it. Loads without torch.

A name ends before a space, a comma, a bracket, or a dot that ends a sentence.
"""

from __future__ import annotations

import re

MARK = "embedding:"
NAME = re.compile(r"[\w.\-]*[\w\-]")
WRITTEN = re.compile(rf"\b{MARK}({NAME.pattern})")


def names_in(prompt: str) -> list[str]:
    """Names that a prompt mentions, each once, in order."""
    return list(dict.fromkeys(WRITTEN.findall(prompt)))
