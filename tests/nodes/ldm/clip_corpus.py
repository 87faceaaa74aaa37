"""10,000 strings that are hard on a tokenizer, always the same, and a way to tell ids apart."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

BLOCK = 100
SCRIPTS = (
    "abcdefghij klm  ABC",
    "0123456789 ²½Ⅷ①",
    "'s 't 'LL 're 'Ve d'm",
    "!?.,;:()[]{}<>|&#@%^*-_=+~`\"'\\/…’",
    "\x00\x01\t\n\r\x0b\x0c\x1c\x1f\x7f\x85\u200b\u200d\ufeff\u2028\u3000\xa0",
    "한국어 프롬프트 고양이 각까ᄀ까ᅢᆨᆩ",
    "中文提示词，一只猫。「」、漢字",
    "😀🤦🏽‍♀️👩‍👩‍👧🇰🇷🏳️‍🌈❤️☕🫠",
    "éèüñÇŁøßẞİıſKÅ",
    "αβγΣσςΔΩάἀ ΟΔΟΣ",
    "АБВгдж ёЁй",
    "مرحبا العالم",
    "नमस्ते दुनिया",
    "ก็สวัสดี",
    "e\u0301a\u0308n\u0303o\u0302\u0323\u0323\u0302",
)
PHRASES = (
    "<|endoftext|>", "<|startoftext|>", "<|EndOfText|>", "&amp;", "&lt;br&gt;", "&#39;", "</w>",
    "http://x.y/z?a=1", " a photograph of an astronaut riding a horse ", "masterpiece, 8k, ", "Ġ",
)  # fmt: skip


def corpus() -> list[str]:
    """The strings: mixtures of scripts, any letters, and 10,000-letter texts."""
    draw = random.Random(0)  # noqa: S311
    mixed = [_mixture(draw) for _ in range(8990)]
    any_character = [
        "".join(_character(draw) for _ in range(draw.randrange(30))) for _ in range(1000)
    ]
    long = ["".join(_mixture(draw) for _ in range(400))[:10_000] for _ in range(4)]
    same = [letter * 10_000 for letter in "a가!\u0301 "]
    return [*mixed, *any_character, *long, *same, "x " * 5000]


def _mixture(draw: random.Random) -> str:
    scripts = [SCRIPTS[draw.randrange(len(SCRIPTS))] for _ in range(draw.randrange(1, 4))]
    parts = []
    for _ in range(draw.randrange(60)):
        phrase, script = draw.randrange(25) == 0, scripts[draw.randrange(len(scripts))]
        choices: Sequence[str] = PHRASES if phrase else script
        parts.append(choices[draw.randrange(len(choices))])
    return "".join(parts)


def _character(draw: random.Random) -> str:
    low, high = ((0x20, 0x250), (0x250, 0x1C80), (0x2000, 0xA7B0), (0xAC00, 0xD7A4))[
        draw.randrange(4)
    ]
    return chr(draw.randrange(low, high))


def digests(ids: Sequence[Sequence[int]]) -> list[str]:
    """Eight hex digits for each block of 100 lists of ids."""
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    return [
        hashlib.sha256(repr([list(one) for one in block]).encode()).hexdigest()[:8]
        for block in blocks
    ]
