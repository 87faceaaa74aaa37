"""What the results of a function depend on in its package: all definitions it reaches by name.

The code is read, never run. A name that cannot be told (an attribute of an unknown object) is not
followed; where a whole module is handed around, all of it counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.canon import digest
from engine.errors import EngineError
from engine.versions.scope import annotation_names, dotted, used_names
from engine.versions.syntax import plain

DECORATOR = "engine.node.node"  # what it is told changes no result, the version apart


@dataclass(frozen=True)
class Definition:
    """A function, class or constant at the top of a module, by the statements that make it."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


@dataclass
class Module:
    """One source file: its statements by the name they bind or act on, and what it imports."""

    name: str
    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


class Code:
    """The source files of a package.

    Args:
        package: Its dotted name.
        folder: Where its files are.
    """

    def __init__(self, package: str, folder: Path) -> None:
        self._package = package
        self._folder = folder
        self._modules: dict[str, Module | None] = {}
        self._own: dict[Definition, tuple[str, frozenset[Definition]]] = {}

    def reached(self, module: str, name: str) -> Mapping[str, str]:
        """Return the digests of a definition and of all it reaches, by `module:name`.

        Raises:
            EngineError: When there is no such definition, or a file cannot be read as Python.
        """
        start = Definition(module, name)
        home = self._module(module)
        if home is None or name not in home.statements:
            raise EngineError(
                f"{start} was not found; a node must be a function at the top of its module."
            )
        found: dict[Definition, str] = {}
        waiting = [start]
        while waiting:
            definition = waiting.pop()
            if definition not in found:
                found[definition], uses = self._read(definition)
                waiting.extend(uses)
        return {str(definition): found[definition] for definition in sorted(found, key=str)}

    def _read(self, definition: Definition) -> tuple[str, frozenset[Definition]]:
        """Return the digest of one definition and what it reaches directly."""
        if definition not in self._own:
            self._own[definition] = self._digested(definition)
        return self._own[definition]

    def _digested(self, definition: Definition) -> tuple[str, frozenset[Definition]]:
        module = self._module(definition.module)
        assert module is not None  # noqa: S101 - found by looking into it
        statements = [
            self._undecorated(module, found) for found in module.statements[definition.name]
        ]
        imports = {**module.imports, **_imports(statements, module.name)}
        outside: dict[str, str] = {}
        uses: set[Definition] = set()
        for statement in statements:
            for name in used_names(statement):
                first, _, rest = name.partition(".")
                if first in imports:
                    outside[first] = imports[first]
                uses.update(self._found(module, imports, first, rest))
            for name in annotation_names(statement):
                first, _, rest = name.partition(".")
                classes = self._found(module, imports, first, rest)
                uses.update(found for found in classes if self._is_class(found))
        body = {"code": [plain(statement) for statement in statements], "outside": outside}
        return digest(body)[:16], frozenset(uses - {definition})

    def _undecorated(self, module: Module, statement: ast.stmt) -> ast.stmt:
        """Return a node's function without the declaration of the node."""
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return statement
        kept = [
            found for found in statement.decorator_list if not _declares_node(found, module.imports)
        ]
        if len(kept) == len(statement.decorator_list):
            return statement
        fields = {**dict(ast.iter_fields(statement)), "decorator_list": kept}
        return type(statement)(**fields)

    def _found(
        self, module: Module, imports: Mapping[str, str], first: str, rest: str
    ) -> Iterator[Definition]:
        """Yield what a name used in a module stands for; nothing when it is not of the package."""
        if first in imports:
            yield from self._located(f"{imports[first]}.{rest}".rstrip("."))
        elif first in module.statements:
            yield Definition(module.name, first)

    def _located(self, path: str) -> Iterator[Definition]:
        """Yield what a dotted path stands for: one definition, or all of a module."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            module = self._module(".".join(parts[:length]))
            if module is None:
                continue
            rest = parts[length:]
            if not rest:
                yield from (Definition(module.name, name) for name in module.statements)
            elif rest[0] in module.statements:
                yield Definition(module.name, rest[0])
            elif rest[0] in module.imports:
                yield from self._located(".".join([module.imports[rest[0]], *rest[1:]]))
            return

    def _is_class(self, definition: Definition) -> bool:
        module = self._module(definition.module)
        found = module.statements.get(definition.name, []) if module else []
        return any(isinstance(statement, ast.ClassDef) for statement in found)

    def _module(self, name: str) -> Module | None:
        """Return a module of the package, read once; None when it is none of it."""
        if name not in self._modules:
            self._modules[name] = self._parsed(name)
        return self._modules[name]

    def _parsed(self, name: str) -> Module | None:
        inside = name == self._package or name.startswith(f"{self._package}.")
        if not inside:
            return None
        base = self._folder.joinpath(*name.split(".")[self._package.count(".") + 1 :])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return _module_from(name, path)
        return None


def _module_from(name: str, path: Path) -> Module:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise EngineError(f"{path} cannot be read as Python ({error}).") from None
    here = f"{name}.__init__" if path.name == "__init__.py" else name
    statements = list(_flat(tree.body))
    imports = [found for found in statements if isinstance(found, ast.Import | ast.ImportFrom)]
    module = Module(name, imports=_imports(imports, here))
    for statement in statements:
        for bound in _acts_on(statement):
            module.statements.setdefault(bound, []).append(statement)
    return module


def _flat(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those inside `if` and `try` as well."""
    for statement in statements:
        if isinstance(statement, ast.If | ast.Try):
            for child in ast.iter_child_nodes(statement):
                inner = child.body if isinstance(child, ast.ExceptHandler) else [child]
                yield from _flat([found for found in inner if isinstance(found, ast.stmt)])
        else:
            yield statement


def _acts_on(statement: ast.stmt) -> Iterator[str]:
    """Yield the names a statement at the top of a module binds or changes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        name = dotted(statement.value.func) or ""
        if "." in name:
            yield name.partition(".")[0]  # TABLE.update(...)
    elif not isinstance(statement, ast.Import | ast.ImportFrom):
        stored = [
            found
            for found in ast.walk(statement)
            if isinstance(found, ast.Name | ast.Attribute | ast.Subscript)
            and not isinstance(found.ctx, ast.Load)
        ]
        yield from dict.fromkeys(name for found in stored if (name := _base(found)))


def _base(target: ast.AST) -> str:
    """Return the name a target belongs to: TABLE of TABLE["a"]."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _imports(statements: Sequence[ast.stmt], here: str) -> dict[str, str]:
    """Return the dotted path of every imported name, by the name it has in the code."""
    found: dict[str, str] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                found |= _imported_from(node, here)
    return found


def _imported_from(node: ast.ImportFrom, here: str) -> dict[str, str]:
    base = _absolute(node, here)
    names = {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
    if "*" in names:
        raise EngineError(
            f"{here}: names cannot be followed through `from {base} import *`; import them by name."
        )
    return names


def _absolute(node: ast.ImportFrom, here: str) -> str:
    if not node.level:
        return node.module or ""
    parents = here.split(".")[: -node.level]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _declares_node(decorator: ast.expr, imports: Mapping[str, str]) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    first, _, rest = (dotted(called) or "").partition(".")
    return f"{imports.get(first, first)}.{rest}".rstrip(".") == DECORATOR
