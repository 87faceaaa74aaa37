"""LoadTextualInversion: a word of one's own for a text encoder, kept beside the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from engine.node import Edit, Facts, File, FileRef, Finding, Fix, Inference, Told, node
from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.textual_inversion import InversionFacts, read_inversion
from nodes.checkpoints.widths import family_of_width
from nodes.ldm.own_names import NAME
from nodes.values import TextEncoder

SUFFIXES = (".safetensors",)


def read_facts(path: Path) -> InversionFacts:
    """Read what a textual inversion's header says; no tensor is read.

    Raises:
        ValueError: It is none, or a pickle, with how to convert it.
    """
    try:
        return read_inversion(path)
    except CheckpointError as error:
        raise ValueError(str(error)) from error


def check_inversion(path: Path) -> None:
    """Refuse what is no textual inversion.

    Raises:
        ValueError: As `read_facts`.
    """
    read_facts(path)


def tell_inversion(path: Path) -> Iterator[Told]:
    """Tell what a textual inversion holds.

    Raises:
        ValueError: As `read_facts`.
    """
    facts = read_facts(path)
    family = family_of_width(sum(facts.widths))
    yield Told("kind", f"textual inversion for {family}", "names and shapes")
    yield Told("tokens", str(facts.vectors), "names and shapes")


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    facts, name = given.facts.get("text_encoder", {}), _name_of(given)
    known = str(facts.get("own_words", ""))
    return {"text_encoder": {**facts, "own_words": f"{known} {name}".strip()}} if name else None


def _name_of(given: Inference) -> str | None:
    name, file = given.settings["name"], given.settings["embedding"]
    if name is None or file is None:
        return None
    return str(name or file.path.stem)


def _review(given: Inference) -> Iterator[Finding]:
    name, file = _name_of(given), given.settings["embedding"]
    if name is None:
        return
    if not NAME.fullmatch(name):
        yield Finding(
            f"{name!r} cannot stand in a prompt as embedding:NAME",
            port="name",
            got=name,
            expected="letters, digits, `_`, `-` and dots inside",
            fixes=(Fix("call it my-word", (Edit("", "name", "my-word"),)),),
            code="no-name",
        )
    wants = sum(read_facts(file.path).widths)
    facts = given.facts.get("text_encoder", {})
    has = facts.get("width")
    if has is not None and has != wants:
        model, family = facts.get("file", "the model"), family_of_width(has)
        yield Finding(
            f"{file.name} is a textual inversion for {family_of_width(wants)}, but {model} is of"
            f" {family}",
            port="text_encoder",
            got=f"vectors of width {wants}",
            expected=f"vectors of width {has}",
            fixes=(Fix(f"choose one for {family}"),),
            code="embedding-family",
        )


@node("LoadTextualInversion", version=1, category="model", infer=_infer, review=_review)
def load_textual_inversion(
    text_encoder: TextEncoder,
    embedding: Annotated[FileRef, File("models", SUFFIXES, check_inversion, tell=tell_inversion)],
    name: str = "",
) -> TextEncoder:
    """Teach a text encoder a word of one's own (Gal et al. 2022, arXiv:2208.01618).

    Prompts that read with it may say `embedding:NAME`; weights work on it as on any word.

    Args:
        text_encoder: CLIP, of the family the word was learnt for.
        embedding: A .safetensors file below the model folders.
        name: NAME in prompts; empty takes the file's name without its suffix.
    """
    called = name or embedding.path.stem
    if not NAME.fullmatch(called):
        raise ValueError(f"{called!r} cannot stand in a prompt as embedding:NAME; set `name`")
    return replace(text_encoder, own_words=(*text_encoder.own_words, (called, embedding.sha256)))
