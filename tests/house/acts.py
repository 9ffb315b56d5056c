"""Which acts the code writes into the journal, read from the code: constants, choices of two, verbs, states."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVICE = Path(__file__).parent.parent.parent / "service"

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """The act of a `note(...)` cannot be told from the code."""


def enums(trees: dict[Path, ast.Module]) -> dict[str, list[str]]:
    """The text values of every enum class by its name."""
    found: dict[str, list[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
                values = [
                    one.value.value
                    for one in node.body
                    if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)
                ]
                found.setdefault(node.name, []).extend(str(value) for value in values)
    return found


def _functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


class Reader:
    """Tells which texts an expression may have."""

    def __init__(
        self, tree: ast.Module, function: Function, known: dict[str, list[str]], modules: dict[str, ast.Module]
    ) -> None:
        self.tree = tree
        self.function = function
        self.known = known
        self.modules = modules

    def texts(self, node: ast.expr) -> list[str]:
        """Every text; raises Unreadable."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        if isinstance(node, ast.IfExp):
            return self.texts(node.body) + self.texts(node.orelse)
        if isinstance(node, ast.JoinedStr):
            made = [""]
            for part in node.values:
                further = self.texts(part.value if isinstance(part, ast.FormattedValue) else part)
                made = [start + end for start in made for end in further]
            return made
        if isinstance(node, ast.Attribute) and node.attr == "value" and isinstance(node.value, ast.Name):
            return self._of_enum(node.value.id)
        if isinstance(node, ast.Name):
            return self._of_name(node.id)
        raise Unreadable(ast.unparse(node))

    def _of_enum(self, name: str) -> list[str]:
        for argument in _arguments(self.function):
            if argument.arg == name and argument.annotation is not None:
                kind = ast.unparse(argument.annotation)
                if kind in self.known:
                    return self.known[kind]
        raise Unreadable(f"{name}.value")

    def _of_name(self, name: str) -> list[str]:
        for body in (self.function, self.tree):
            found = [
                text
                for node in ast.walk(body)
                if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [name]
                for text in self.texts(node.value)
            ]
            if found:
                return found
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and name in {one.asname or one.name for one in node.names}:
                module = self.modules.get(node.module or "")
                if module is not None:
                    return Reader(module, self.function, self.known, self.modules)._of_name(name)
        return self._of_callers(name)

    def _of_callers(self, name: str) -> list[str]:
        """What the functions of the same file give for an argument of this one."""
        places = [argument.arg for argument in _arguments(self.function)]
        if name not in places:
            raise Unreadable(name)
        found: list[str] = []
        for caller in _functions(self.tree):
            for node in ast.walk(caller):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == self.function.name:
                    given = {one.arg: one.value for one in node.keywords if one.arg}
                    if name in given:
                        found += Reader(self.tree, caller, self.known, self.modules).texts(given[name])
                    elif places.index(name) < len(node.args):
                        found += Reader(self.tree, caller, self.known, self.modules).texts(
                            node.args[places.index(name)]
                        )
        if not found:
            raise Unreadable(name)
        return found


def acts_in(root: Path = SERVICE) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Acts and kinds of things with a place where each is written, and the places that cannot be read."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))}
    known = enums(trees)
    modules = {
        ".".join(("service", *path.relative_to(root).with_suffix("").parts)): tree for path, tree in trees.items()
    }
    acts: dict[str, str] = {}
    kinds: dict[str, str] = {}
    unreadable: list[str] = []
    for path, tree in trees.items():
        for function in _functions(tree):
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                place = f"{path.relative_to(root)}:{node.lineno}"
                reader = Reader(tree, function, known, modules)
                if ast.unparse(node.func) == "note" and len(node.args) >= 4:
                    _collect(reader, node.args[1], acts, place, unreadable)
                    if "subject_kind" not in ast.unparse(node.args[2]):  # approvals: named by who proposes, below
                        _collect(reader, node.args[2], kinds, place, unreadable)
                for keyword in node.keywords:
                    if keyword.arg == "subject_kind" and "propos" in ast.unparse(node.func):
                        _collect(reader, keyword.value, kinds, place, unreadable)
    return acts, kinds, unreadable


def _collect(reader: Reader, node: ast.expr, into: dict[str, str], place: str, unreadable: list[str]) -> None:
    try:
        for text in reader.texts(node):
            into.setdefault(text, place)
    except Unreadable as error:
        unreadable.append(f"{place}: {error}")
