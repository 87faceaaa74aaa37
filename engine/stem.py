"""Names of result files: what is safe on every system, judged before a run and again in it."""

from __future__ import annotations

import re

STEM_FORM = 'use letters, digits, - and _, optionally as "folder/name"'

_COMPONENT = re.compile(r"[^\x00-\x1f/\\:*?\"<>|]{1,120}")
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d\xb9\xb2\xb3])(\..*)?", re.IGNORECASE
)


def is_stem(text: str) -> bool:
    """Tell whether a text is one safe path component, or `folder/stem` of two."""
    parts = text.split("/")
    return len(parts) <= 2 and all(_is_safe(part) for part in parts)


def _is_safe(part: str) -> bool:
    return bool(
        _COMPONENT.fullmatch(part)
        and part == part.strip(" .")
        and part.isprintable()
        and len(part.encode()) <= 200
        and not _RESERVED.fullmatch(part)
    )
