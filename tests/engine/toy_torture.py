"""A toy node that leaves a trace of every time it really computes, for tests that kill."""

from __future__ import annotations

import hashlib
import os
import time
from typing import Annotated

from engine.node import Context, Unkeyed, node
from tests.engine.toy_nodes import Words


@node("Stretch", version=1, category="toys")
def stretch(
    parts: list[Words],
    ctx: Context,
    name: str,
    trace: Annotated[str, Unkeyed()],
    milliseconds: Annotated[int, Unkeyed()] = 10,
) -> Words:
    """Turn words into many, slowly, and leave a line in a file when it begins.

    Args:
        parts: What to start from.
        name: What to write into the file.
        trace: Path of the file.
        milliseconds: How long.
    """
    line = f"{name}\n".encode()
    handle = os.open(trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line)
    os.close(handle)
    ctx.progress(0, 1)
    time.sleep(milliseconds / 1000)
    seed = name + "".join(part.text for part in parts)
    return Words("".join(hashlib.sha256(f"{seed}{n}".encode()).hexdigest() for n in range(60)))
