import ast
import os
import pkgutil
import subprocess
import sys
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
