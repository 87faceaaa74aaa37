"""A folder of somebody's own pictures with what is known of each; loads without torch.

A folder is given by one file in it: `metadata.jsonl`, or any of its pictures. Everything below that
file's folder belongs to the dataset, nothing outside of it: a link that leads out is left alone.

Beside a picture `cat.png` may stand `cat.txt`, its caption, and `cat.labels.png`, the label of
every pixel as its grey value. `metadata.jsonl` has a JSON object a line: `file_name`, and where
known `text`, `class`, and `objects` with `bbox` (left, top, width, height in pixels of the file)
and `categories` (names), as the "imagefolder" datasets of other projects have them. `classes.txt`
names the classes in order, one a line: label k of a label map is line k, label 0 the background. A
picture in a folder below has that folder's name as its class.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from nodes.picture_files import SUFFIXES, check_picture

METADATA = "metadata.jsonl"
CLASSES = "classes.txt"
LABELS = ".labels.png"
CAPTION = ".txt"
MOST_FILES = 100_000
MOST_TEXT = 64_000_000
"""Bytes of `metadata.jsonl` that are read."""
LONGEST_TEXT = 1_000_000
"""Bytes of any other text that are read."""

Box = tuple[str, float, float, float, float]


@dataclass(frozen=True)
class Entry:
    """One picture of a folder, its pixels not looked at yet.

    Attributes:
        name: Its place below the folder.
        path: The file.
        caption: Its words, empty where nobody knows.
        kind: Its class, empty where nobody knows.
        boxes: Its objects: name, left, top, width, height in pixels of the file.
        labels: Its label map; None without.
    """

    name: str
    path: Path
    caption: str = ""
    kind: str = ""
    boxes: tuple[Box, ...] = ()
    labels: Path | None = None


@dataclass(frozen=True)
class Folder:
    """What a folder holds.

    Attributes:
        entries: Its pictures by name.
        classes: Names in the order `classes.txt` has them.
        faults: What cannot be used: its name, and why.
    """

    entries: tuple[Entry, ...]
    classes: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


def files_beside(path: Path) -> list[str]:
    """Names of the further files below the folder of `path` that belong to its dataset."""
    return [name for name, file, inside in _below(path) if inside and file != path]


def read_folder(path: Path) -> Folder:
    """List the pictures of the dataset that `path` is part of; reads texts and headers only."""
    files, faults = {}, []
    for name, file, inside in _below(path):
        if inside:
            files[name] = file
        else:
            faults.append((name, "is a link that leads out of the folder"))
    known = dict(_metadata(files.get(METADATA), files, faults))
    entries = []
    for name, file in files.items():
        if is_picture(name):
            try:
                check_picture(file)
                entries.append(_entry(name, file, files, known.get(name, {})))
            except (OSError, ValueError) as error:
                faults.append((name, str(error).removeprefix(f"{file.name} ")))
    return Folder(tuple(entries), tuple(_lines(files.get(CLASSES))), tuple(faults))


def _below(path: Path) -> Iterator[tuple[str, Path, bool]]:
    """Name, place and whether it is inside, of every file that may belong to a dataset."""
    root = path.parent
    inside = root.resolve()
    used = filter(_is_used, islice(_names(root), MOST_FILES))
    for name in sorted(used, key=lambda name: name.split("/")):
        file = root / name
        within = not file.is_symlink() or file.resolve().is_relative_to(inside)
        if file.is_file() or not within:
            yield name, file, within


def _names(root: Path) -> Iterator[str]:
    """Names of all that is below a folder; what is hidden or behind a link is passed over."""
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        place = Path(folder).relative_to(root)
        for name in (*below, *files):
            if not name.startswith("."):
                yield (place / name).as_posix()


def _is_used(name: str) -> bool:
    return is_picture(name) or _is_text(name) or name.endswith(LABELS)


def is_picture(name: str) -> bool:
    """Tell a picture by its name from a text or a label map."""
    return name.lower().endswith(SUFFIXES) and not name.lower().endswith(LABELS)


def _is_text(name: str) -> bool:
    return name == METADATA or name.endswith(CAPTION)


def _entry(name: str, path: Path, files: Mapping[str, Path], told: Mapping[str, Any]) -> Entry:
    stem = name.removesuffix(PurePosixPath(name).suffix)
    caption = files.get(stem + CAPTION)
    folder = PurePosixPath(name).parent.name
    return Entry(
        name,
        path,
        told.get("text") or " ".join(_lines(caption)),
        told.get("class") or folder,
        tuple(_boxes(told.get("objects"))),
        files.get(stem + LABELS),
    )


def _lines(path: Path | None) -> list[str]:
    """Lines of a text in UTF-8 that say something.

    Raises:
        ValueError: It is no such text.
    """
    if path is None:
        return []
    if path.stat().st_size > LONGEST_TEXT:
        raise ValueError(f"has {path.name} beside it, which is longer than {LONGEST_TEXT} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"has {path.name} beside it, which is no text in UTF-8") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _metadata(
    path: Path | None, files: Mapping[str, Path], faults: list[tuple[str, str]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What `metadata.jsonl` says, by picture; lines that say nothing usable become faults."""
    if path is None:
        return
    if path.stat().st_size > MOST_TEXT:
        faults.append((METADATA, f"is longer than {MOST_TEXT // 1_000_000} MB"))
        return
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            told = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            told = False
        if told is None:
            continue
        if fault := _fault(told, files):
            faults.append((f"{METADATA} line {number}", fault))
        else:
            yield told["file_name"], told


def _fault(told: Any, files: Mapping[str, Path]) -> str:
    """Why a line of `metadata.jsonl` cannot be used; empty when it can."""
    if not isinstance(told, dict) or not isinstance(told.get("file_name"), str):
        return 'is no JSON object with a "file_name"'
    if told["file_name"] not in files:
        return f"names {told['file_name'][:80]!r}, which is not in the folder"
    if not all(isinstance(told.get(key, ""), str) for key in ("text", "class")):
        return 'has a "text" or "class" that is no string'
    try:
        list(_boxes(told.get("objects")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return '"objects" needs "bbox", four numbers each, and as many "categories"'
    return ""


def _boxes(objects: Any) -> Iterator[Box]:
    if objects is None:
        return
    for name, (left, top, width, height) in zip(
        objects["categories"], objects["bbox"], strict=True
    ):
        sides = [float(side) for side in (left, top, width, height)]
        if not all(map(math.isfinite, sides)):
            raise ValueError
        yield str(name), sides[0], sides[1], sides[2], sides[3]
