import ast
import os
import pkgutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

import ser_core

ROOT = Path(ser_core.__file__).parents[1]
MODULES = sorted(m.name for m in pkgutil.walk_packages(ser_core.__path__, "ser_core."))


def python(code: str) -> str:
    """What a new process prints."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_core_never_imports_streamlit() -> None:
    assert len(MODULES) > 30
    code = f"""
import importlib, sys
for name in {MODULES}:
    importlib.import_module(name)
print([name for name in ("streamlit", "pages", "app") if name in sys.modules])
"""
    assert python(code) == "[]"


def imports(path: Path) -> set[str]:
    """Top-level names of what a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_not_even_inside_a_function() -> None:
    for path in (ROOT / "ser_core").rglob("*.py"):
        assert not imports(path) & {"streamlit", "pages", "app"}, path


# Imports run down only. Each line may import from the lines below it, and from its own unless it
# is named in SIDEWAYS.
LAYERS = [
    {"cli"},
    {"behaviour", "clip_report", "experiments"},
    {"evaluation", "scoring", "maps", "explain", "perturb", "figures", "training"},
    {"analysis", "encoding", "results"},
    {"synthesis", "models"},
    {"inputs", "corpora"},
    {"support"},
    {"metrics", "labels", "errors"},
]
SIDEWAYS = {
    frozenset(pair)
    for rooms in ({"explain", "perturb", "maps", "scoring"}, {"inputs", "corpora"})
    for pair in combinations(sorted(rooms), 2)
}
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported_modules(path: Path) -> set[str]:
    """Full names of the core's modules that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "ser_core":
            found |= {f"ser_core.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.startswith("ser_core.")}


def test_imports_run_down_only() -> None:
    for path in (ROOT / "ser_core").rglob("*.py"):
        own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if own == "__init__":
            continue
        for module in imported_modules(path):
            other = room(module)
            where = f"{path.relative_to(ROOT)} imports {module}"
            assert LEVEL[own] <= LEVEL[other], where
            assert frozenset((own, other)) not in SIDEWAYS, where
            assert (own, other) != ("training", "evaluation"), where


def test_files_stay_small() -> None:
    pages = ROOT / "pages"
    for folder, pattern, most in (
        (ROOT / "ser_core", "**/*.py", 300),
        (pages, "[!_]*.py", 120),
        (pages, "_*.py", 300),
        (pages / "components", "**/*.*", 300),
    ):
        for path in folder.glob(pattern):
            if path.suffix in {".py", ".js", ".css", ".html"}:
                assert len(path.read_text("utf-8").splitlines()) <= most, path


@pytest.mark.parametrize(
    "module", ["ser_core", "ser_core.cli", "ser_core.errors", "ser_core.labels"]
)
def test_light_modules_do_not_load_torch(module: str) -> None:
    heavy = ("torch", "transformers", "lightning", "pandas", "faster_whisper", "sklearn")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    assert python(code) == "[]"


def test_the_public_names() -> None:
    for name in ser_core.__all__:
        assert getattr(ser_core, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Analyser'"):
        _ = ser_core.Analyser


def test_nothing_that_ships_names_the_workshop() -> None:
    for folder in ("ser_core", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "../shared" not in path.read_text("utf-8"), path
