"""The shape of the house: file names, sizes, cycles, local imports, docstrings of what is public."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
HOUSE = SOURCE / "sekisho"
FILES = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)
APP_FILES = {
    "__init__", "actions", "api", "apps", "commands", "controls", "editions", "errors", "forms", "holdings", "jobs",
    "exports", "inbox", "index", "ledgers", "log", "middleware", "profiles",
    "migrations", "models", "queries", "rules", "services", "sessions", "static", "templates", "templatetags", "urls",
    "views",
}  # fmt: skip
# These rooms hold one subject a file instead: machinery without tables of its own (config: hardly any).
SUBJECT_ROOMS = {"config", "kernel", "trust", "ui", "locale"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function, methods and inner ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def p95(sizes: list[int]) -> float:
    """Return the size that 95 of 100 stay under."""
    return statistics.quantiles(sizes, n=20)[-1]


def test_files_and_functions_are_short() -> None:
    """Files p95 <= 300 lines, functions p95 <= 40, no function over 80."""
    files = {path: len(path.read_text(encoding="utf8").splitlines()) for path in FILES}
    sizes = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in functions(ast.parse(path.read_text(encoding="utf8")))
    }
    assert p95(list(files.values())) <= 300
    assert max(files.values()) <= 400, max(files, key=files.__getitem__)
    assert p95(list(sizes.values())) <= 40
    assert max(sizes.values()) <= 80, max(sizes, key=sizes.__getitem__)


def test_apps_use_the_same_file_names() -> None:
    """A newcomer who knows one app knows them all."""
    rooms = [path for path in HOUSE.iterdir() if path.is_dir() and not path.name.startswith("__")]
    strange = [
        str(file.relative_to(HOUSE))
        for room in rooms
        if room.name not in SUBJECT_ROOMS
        for file in room.iterdir()
        if file.stem not in APP_FILES and file.name != "__pycache__"
    ]
    assert strange == []


def test_no_import_hides_in_a_function() -> None:
    """A local import hides a cycle."""
    hidden = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in FILES
        for function in functions(ast.parse(path.read_text(encoding="utf8")))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert hidden == []


def import_graph() -> dict[str, set[str]]:
    """Return which of our modules each of our modules names in an import, wherever in the file."""
    names = {_module(path): path for path in FILES}
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        wanted: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                wanted |= {f"{node.module}.{alias.name}" for alias in node.names}
                if not any(f"{node.module}.{alias.name}" in names for alias in node.names):
                    wanted.add(node.module)
        graph[name] = (wanted & names.keys()) - {name}
    return graph


def _module(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def test_there_is_no_import_cycle() -> None:
    """Hidden imports count too."""
    graph = import_graph()
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for target in sorted(graph[name]):
            visit(target)
        done.add(path.pop())

    for module in graph:
        visit(module)


def test_public_things_are_described() -> None:
    """Modules, public classes and public functions say what they mean."""
    bare = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf8"))
        nodes = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        bare += [f"{path}:{node.name}" for node in nodes if node.name[0] != "_" and not ast.get_docstring(node)]
        if path.read_text(encoding="utf8").strip() and not ast.get_docstring(tree):
            bare.append(str(path))
    assert bare == []


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("services*")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_write_is_recorded(path: Path) -> None:
    """A public service that opens a transaction appends an event, itself or through a helper of its file."""
    files = [path] if path.is_file() else sorted(path.glob("*.py"))
    silent = []
    for file in (file for file in files if file.suffix == ".py"):
        source = file.read_text(encoding="utf8")
        tree = ast.parse(source)
        defined = {node.name: ast.get_source_segment(source, node) or "" for node in functions(tree)}
        for node in functions(tree):
            if node.name.startswith("_") or "actor" not in {argument.arg for argument in node.args.kwonlyargs}:
                continue
                body = _reached(node.name, defined)
                if "atomic" in "".join(map(ast.unparse, node.decorator_list)) + body and "append(" not in body:
                    silent.append(f"{file.name}:{node.name}")
    assert silent == []


def _reached(name: str, defined: dict[str, str]) -> str:
    """Return the source of a function and of every function of its file that it calls, directly or not."""
    seen, waiting = set(), [name]
    while waiting:
        seen.add(present := waiting.pop())
        called = set(re.findall(r"\b(\w+)\(", defined[present]))
        waiting += (called & defined.keys()) - seen
    return "".join(defined[function] for function in seen)
