"""The words the scene models know, and the transformer that reads them."""

from nodes.ldm.text_config import SPECIAL_TOKENS, TextEncoderConfig
from nodes.ldm.tokenizer import WordTokenizer
from nodes.training.holes import NOTHING
from nodes.training.scenes import VOCABULARY
from nodes.training.shapes import TEXT_HEADS

WORDS = (*VOCABULARY, "an", NOTHING)
MAX_TOKENS = 28
TOKENIZER = WordTokenizer(WORDS, MAX_TOKENS)


def text_config(width: int) -> TextEncoderConfig:
    """Shape of tau_theta: three unmasked layers, as the paper's are unmasked (App. E.2.1)."""
    return TextEncoderConfig(
        vocab_size=len(WORDS) + SPECIAL_TOKENS,
        width=width,
        layers=3,
        heads=TEXT_HEADS,
        max_tokens=MAX_TOKENS,
        words=WORDS,
    )
