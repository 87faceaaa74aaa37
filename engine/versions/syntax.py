"""Code in plain values: its meaning, without layout, comments, docstrings and annotations.

The form is our own rather than that of `ast.dump`, which differs between versions of Python.
"""

from __future__ import annotations

import ast
from typing import Any

_SKIPPED = {"ctx", "kind", "type_comment", "type_ignores", "returns"}
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
_WITHOUT_EFFECT = (ast.Import, ast.ImportFrom, ast.Pass)


def plain(node: ast.AST, in_class: bool = False) -> list[Any]:
    """Return the tree as nested lists of texts.

    Imports are left out: what they bring counts where it is used. Annotations are left out, except
    those in the body of a class, which may declare fields.

    Args:
        node: Any syntax tree.
        in_class: Whether it stands in the body of a class.
    """
    if isinstance(node, ast.Constant):
        return ["Constant", type(node.value).__name__, repr(node.value)]
    if isinstance(node, ast.AnnAssign) and node.value is not None and not in_class:
        return plain(ast.Assign(targets=[node.target], value=node.value))
    skipped = _SKIPPED if in_class else {*_SKIPPED, "annotation"}
    fields = []
    for name, value in ast.iter_fields(node):
        found = _statements(node, value) if name == "body" else value
        if name not in skipped and found is not None and found != []:
            fields.append([name, _field(found, isinstance(node, ast.ClassDef))])
    return [type(node).__name__, *fields]


def _field(value: Any, in_class: bool) -> Any:
    if isinstance(value, list):
        return [_field(item, in_class) for item in value]
    if isinstance(value, ast.AST):
        return plain(value, in_class)
    return None if value is None else f"{type(value).__name__} {value}"


def _statements(node: ast.AST, body: Any) -> Any:
    """Return what a body does: without its docstring, imports and bare annotations."""
    if not isinstance(body, list):
        return body  # of a lambda or a conditional expression
    documented = isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None
    return [
        statement
        for statement in (body[1:] if documented else body)
        if not isinstance(statement, _WITHOUT_EFFECT)
        and not (_is_bare(statement) and not isinstance(node, ast.ClassDef))
    ]


def _is_bare(statement: ast.stmt) -> bool:
    """Tell whether a statement only annotates."""
    return isinstance(statement, ast.AnnAssign) and statement.value is None
