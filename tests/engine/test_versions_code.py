"""What counts as the code of a node, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from engine.errors import EngineError
from engine.versions.code import Code


def reached(folder: Path, **files: str) -> Mapping[str, str]:
    """Write a package and return what `work` in its `main` reaches."""
    for path, text in files.items():
        target = folder / "pack" / f"{path}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))
    return Code("pack", folder / "pack").reached("pack.main", "work")


def names(found: Mapping[str, str]) -> set[str]:
    return {name.removeprefix("pack.") for name in found}


BEFORE = """
    from engine.node import node

    LIMIT = 3

    def helper(x):
        return min(x, LIMIT)

    @node("Work", version=1, category="x")
    def work(a: int) -> int:
        b = helper(a)
        return b * 2
"""

SAME = {
    "comments, docstrings and layout": '''
        """A module."""
        from engine.node import node
        LIMIT = 3  # enough
        def helper(x):
            """Bound a number."""
            # as above
            return min(x,
                       LIMIT)

        @node("Work", version=1, category="x")
        def work(a: int) -> int:
            """Work.

            Args:
                a: A number.
            """
            b = (helper(a))
            return b*2
    ''',
    "annotations and the declaration of the node": """
        from engine.node import node, Range
        from typing import Annotated

        LIMIT: int = 3

        def helper(x: float) -> float:
            return min(x, LIMIT)

        def _infer(given):
            return {"work": {"c": LIMIT}}

        @node("Work", version=2, category="y", infer=_infer)
        def work(a: Annotated[int, Range(ge=LIMIT)]) -> Annotated[int, "c"]:
            b: int
            b: int = helper(a)
            return b * 2
    """,
    "order, and what is not reached": """
        from engine.node import node

        @node("Work", version=1, category="x")
        def work(a: int) -> int:
            b = helper(a)
            return b * 2

        def helper(x):
            return min(x, LIMIT)

        OTHER = 99
        LIMIT = 3
    """,
}


@pytest.mark.parametrize("after", SAME.values(), ids=SAME)
def test_what_cannot_change_a_result_changes_no_digest(tmp_path: Path, after: str) -> None:
    assert reached(tmp_path, main=BEFORE) == reached(tmp_path, main=after)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("b * 2", "b * 3", {"main:work"}),
        ("min(x, LIMIT)", "max(x, LIMIT)", {"main:helper"}),
        ("LIMIT = 3", "LIMIT = 3.0", {"main:LIMIT"}),
        ("LIMIT = 3", "LIMIT = 2\n    LIMIT += 1", {"main:LIMIT"}),
        ("def helper(x)", "def helper(x, y=1)", {"main:helper"}),
        ("b = helper(a)", "b = a", {"main:work", "main:helper", "main:LIMIT"}),
    ],
)
def test_a_change_of_anything_it_reaches_is_seen_and_named(
    tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    before = reached(tmp_path, main=BEFORE)
    after = reached(tmp_path, main=BEFORE.replace(old, new))
    moved = {name for name in before if before[name] != after.get(name)}

    assert names(dict.fromkeys(moved, "")) == changed


REACHES = {
    "a function of another module": (
        {"main": "from pack.other import f\ndef work(): return f()", "other": "def f(): return 1"},
        {"other:f"},
    ),
    "an import inside the function": (
        {
            "main": "def work():\n    from pack.other import f as g\n    return g()",
            "other": "def f(): return 1",
        },
        {"other:f"},
    ),
    "an attribute of a module": (
        {
            "main": "from pack import other\ndef work(): return other.f()",
            "other": "def f(): return 1\ndef g(): return 2",
        },
        {"other:f"},
    ),
    "a module by its full name": (
        {"main": "import pack.other\ndef work(): return pack.other.f()", "other": "f = 1\ng = 2"},
        {"other:f"},
    ),
    "a relative import": (
        {"main": "from .other import f\ndef work(): return f", "other": "f = 1"},
        {"other:f"},
    ),
    "a name a package passes on": (
        {
            "main": "from pack.inner import f\ndef work(): return f()",
            "inner/__init__": "from .deep import f",
            "inner/deep": "def f(): return 1",
        },
        {"inner.deep:f"},
    ),
    "all of a module that is handed around": (
        {"main": "from pack import other\ndef work(): return vars(other)", "other": "f = 1\ng = 2"},
        {"other:f", "other:g"},
    ),
    "a table that is filled below": (
        {
            "main": """
                T = {}
                def a(): return 1
                def b(): return 2
                T["a"] = a
                T.update(b=b)
                def work(key): return T[key]()
            """
        },
        {"main:T", "main:a", "main:b"},
    ),
    "a base class and a decorator": (
        {
            "main": """
                def d(c): return c
                class A: pass
                @d
                class B(A): pass
                def work(): return B()
            """
        },
        {"main:A", "main:B", "main:d"},
    ),
    "the class of a parameter, as its methods may be called": (
        {
            "main": """
                from typing import Annotated
                LIMIT = 3
                class A:
                    def m(self): return helper()
                def helper(): return 1
                def work(a: Annotated[A, LIMIT]): return a.m()
            """
        },
        {"main:A", "main:helper"},
    ),
    "either branch at the top of a module": (
        {
            "main": """
                try:
                    import numpy
                    def f(): return 1
                except ImportError:
                    def f(): return 2
                if f():
                    K = 1
                else:
                    K = 2
                def work(): return f() + K
            """
        },
        {"main:f", "main:K"},
    ),
    "a name in a nested function that the outer one does not bind": (
        {"main": "K = 1\ndef work():\n    def inner(k): return k + K\n    return inner"},
        {"main:K"},
    ),
    "the first source of a comprehension": (
        {"main": "k = [1]\ndef work(): return [k for k in k]"},
        {"main:k"},
    ),
    "a global that the function changes": (
        {"main": "k = 1\ndef work():\n    global k\n    k += 1\n    return k"},
        {"main:k"},
    ),
}


@pytest.mark.parametrize(("files", "expected"), REACHES.values(), ids=REACHES)
def test_a_function_reaches(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    assert names(reached(tmp_path, **files)) == {"main:work", *expected}


BINDS = {
    "a parameter": "def work(k): return k",
    "a local variable": "def work():\n    k = 2\n    return k",
    "the variable of a loop": "def work():\n    for k in range(3): pass\n    return k",
    "a comprehension": "def work(): return [k for _ in range(2) for k in range(3) if k]",
    "a walrus": "def work():\n    [(k := 2) for _ in range(3)]\n    return k",
    "a lambda": "def work(): return lambda *, k=1: k",
    "an error": "def work():\n    try: pass\n    except OSError as k: return k",
    "a pattern": "def work(x):\n    match x:\n        case {'a': [k, *_], **rest}: return k, rest",
    "a nested function": "def work():\n    def k(): return 1\n    return k()",
}


@pytest.mark.parametrize("text", BINDS.values(), ids=BINDS)
def test_a_name_the_function_binds_itself_reaches_nothing(tmp_path: Path, text: str) -> None:
    assert names(reached(tmp_path, main=f"k = 1\nrest = 2\n{text}")) == {"main:work"}


def test_where_an_outside_name_comes_from_counts(tmp_path: Path) -> None:
    before = reached(tmp_path, main="from torch import softmax\ndef work(x): return softmax(x)")
    after = reached(tmp_path, main="from scipy import softmax\ndef work(x): return softmax(x)")

    assert before != after


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def work(:", "main.py cannot be read as Python"),
        ("x = 1", "pack.main:work was not found; a node must be a function at the top"),
        ("from os import *\ndef work(): return path", "import them by name"),
    ],
)
def test_code_that_cannot_be_followed_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        reached(tmp_path, main=text)


def test_the_digest_of_a_known_text_never_changes(tmp_path: Path) -> None:
    """The lock must mean the same for every version of Python, so the form is our own."""
    text = 'def work(a, *b, c=1.5, **d):\n    return f"{a!r:>{c}}" + "é" if a[1:] else [*b, {**d}]'

    assert reached(tmp_path, main=text) == {"pack.main:work": "9949bc124a3eb570"}
