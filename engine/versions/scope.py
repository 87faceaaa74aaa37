"""Which names a piece of code uses that it does not bind itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NO_NAMES: frozenset[str] = frozenset()


def used_names(node: ast.AST, bound: frozenset[str] = _NO_NAMES) -> Iterator[str]:
    """Yield the dotted names a piece of code reads from outside: `Latent`, `values.Latent`.

    Names it imports itself count as from outside, annotations do not count.

    Args:
        node: Any syntax tree.
        bound: Names that code around it binds.
    """
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted(node)
        if name is None:
            yield from _of_children(node, bound)
        elif name.partition(".")[0] not in bound:
            yield name
    elif isinstance(node, Function | ast.Lambda):
        yield from _of_function(node, bound)
    elif isinstance(node, _COMPREHENSIONS):
        yield from _of_comprehension(node, bound)
    elif isinstance(node, ast.AnnAssign):
        yield from _of_all([node.target, *([node.value] if node.value else [])], bound)
    else:
        yield from _of_children(node, bound)


def annotation_names(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names in annotations: the classes whose methods the code may call."""
    for found in ast.walk(node):
        annotations: list[ast.expr | None] = []
        if isinstance(found, ast.arg | ast.AnnAssign):
            annotations = [found.annotation]
        elif isinstance(found, Function):
            annotations = [found.returns]
        for annotation in annotations:
            if annotation is not None:
                yield from used_names(annotation)


def dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` for a name or a chain of attributes of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def _of_all(nodes: list[ast.AST], bound: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        yield from used_names(node, bound)


def _of_children(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    yield from _of_all(list(ast.iter_child_nodes(node)), bound)


def _of_function(node: Function | ast.Lambda, bound: frozenset[str]) -> Iterator[str]:
    arguments = node.args
    outside: list[ast.AST] = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    outside += [] if isinstance(node, ast.Lambda) else node.decorator_list
    yield from _of_all(outside, bound)
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
    names = {found.arg for found in ast.walk(arguments) if isinstance(found, ast.arg)}
    declared: set[str] = set()
    for statement in body:
        names.update(_bindings(statement))
        declared.update(_declared_outside(statement))
    yield from _of_all(body, bound | frozenset(names - declared))


def _of_comprehension(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    assert isinstance(node, _COMPREHENSIONS)  # noqa: S101 - tells the type checker
    first = node.generators[0].iter
    yield from used_names(first, bound)
    targets = (name for part in node.generators for name in _bindings(part.target))
    inside = bound | frozenset(targets)
    for part in node.generators:
        yield from _of_all([part.target, *part.ifs], inside)
        if part.iter is not first:
            yield from used_names(part.iter, inside)
    results: list[ast.AST] = (
        [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    )
    yield from _of_all(results, inside)


def _bindings(node: ast.AST) -> Iterator[str]:
    """Yield the names a statement binds in its own scope; imports are left out."""
    if isinstance(node, Function | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    comprehended = isinstance(node, _COMPREHENSIONS)
    for child in ast.walk(node) if comprehended else ast.iter_child_nodes(node):
        if not comprehended:
            yield from _bindings(child)
        elif isinstance(child, ast.NamedExpr):
            yield child.target.id  # := binds in the function around a comprehension


def _declared_outside(node: ast.AST) -> Iterator[str]:
    """Yield names declared `global` or `nonlocal`."""
    for found in ast.walk(node):
        if isinstance(found, ast.Global | ast.Nonlocal):
            yield from found.names
