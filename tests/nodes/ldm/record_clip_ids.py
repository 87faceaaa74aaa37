"""Records what transformers' CLIPTokenizer makes of the corpus; run by hand when it changes.

    python -m tests.nodes.ldm.record_clip_ids bpe_simple_vocab_16e6.txt.gz

The vocabulary is OpenAI's, inside the wheel of `open_clip_torch`; it is not needed to run tests.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from transformers import CLIPTokenizer

from tests.nodes.ldm.clip_corpus import PHRASES, SCRIPTS, corpus, digests

RECORD = Path(__file__).with_name("clip_ids.json")
SAMPLES = [*SCRIPTS, *PHRASES, "", "   ", "it's don't CAN'T we'll", "𝔘𝔫𝔦 \ue000 \U000e0001"]


def reference(vocabulary: Path) -> Any:
    """transformers' tokenizer over OpenAI's list of merges."""
    lines = gzip.decompress(vocabulary.read_bytes()).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in printable] + [
        chr(256 + n) for n in range(256 - len(printable))
    ]
    tokens = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=merges)


def main() -> None:
    """Write `clip_ids.json` beside this file."""
    tokenizer = reference(Path(sys.argv[1]))

    def ids(texts: list[str]) -> list[list[int]]:
        found: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
        return found

    samples = dict(zip(SAMPLES, ids(SAMPLES), strict=True))
    document = {"samples": samples, "blocks": digests(ids(corpus()))}
    RECORD.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
