"""The shape of the project: which wing may import which, what an import costs, how long a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WINGS = {
    "dskit": ROOT / "dskit",
    "dskit_emulator": ROOT / "emulator" / "dskit_emulator",
    "dskit_conformance": ROOT / "conformance" / "dskit_conformance",
}
FORBIDDEN = {
    "dskit": ("dskit_emulator", "dskit_conformance"),
    "dskit_emulator": ("dskit_conformance", "boto3.s3", "moto"),
    "dskit_conformance": ("dskit_emulator", "dskit.reference", "dskit.backends", "moto"),
}
# Inside the emulator, what a layer may not look up to.
EMULATOR_LAYERS = {
    "wire": ("ops", "service", "control", "fronts", "server", "endpoint", "cli"),
    "ops": ("service", "control", "fronts", "server", "endpoint", "cli"),
    "control": ("fronts", "server", "endpoint", "cli"),
    "planes": ("service", "control", "fronts", "server", "endpoint", "cli"),
    "fronts": ("server", "endpoint", "cli"),
}


def modules(wing: str) -> list[Path]:
    return sorted(WINGS[wing].rglob("*.py"))


def imports(path: Path, package: str, root: Path) -> Iterator[str]:
    """Absolute names of all that a file imports, relative imports resolved."""
    parts = [package, *path.relative_to(root).with_suffix("").parts]
    if parts[-1] == "__init__":
        parts.pop()
    here = parts if path.name == "__init__.py" else parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("wing", sorted(WINGS))
def test_wings_import_one_way(wing: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(wing)
        for name in imports(path, wing, WINGS[wing])
        if any(below(name, package) for package in FORBIDDEN[wing])
    ]
    assert wrong == []


@pytest.mark.parametrize("layer", sorted(EMULATOR_LAYERS))
def test_emulator_layers_import_one_way(layer: str) -> None:
    root = WINGS["dskit_emulator"]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((root / layer).rglob("*.py"))
        for name in imports(path, "dskit_emulator", root)
        if any(below(name, f"dskit_emulator.{other}") for other in EMULATOR_LAYERS[layer])
    ]
    assert wrong == []


def test_the_model_shares_only_value_types_and_errors_with_dskit() -> None:
    """A mistake common to the model and the stores would be invisible."""
    root = WINGS["dskit_conformance"]
    allowed = ("dskit.types", "dskit.errors", "dskit.capabilities", "dskit.clock", "dskit.ids")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted(root.glob("model*.py"))
        for name in imports(path, "dskit_conformance", root)
        if below(name, "dskit") and name != "dskit" and not any(below(name, module) for module in allowed)
    ]
    assert wrong == []


def test_the_server_never_imports_botocore_at_module_level() -> None:
    """The wire codec has its own model; boto3 is only there for `client()` and the in-process transport."""
    root = WINGS["dskit_emulator"]
    wrong = []
    for path in modules("dskit_emulator"):
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [
                f"{path.relative_to(root)}: {name}" for name in names if name.split(".")[0] in ("boto3", "botocore")
            ]
    assert wrong == []


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for wing in WINGS
        for path in modules(wing)
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_import_dskit_loads_the_standard_library_only() -> None:
    foreign = {
        name
        for name in loaded_by("import dskit")
        if name.split(".")[0] not in sys.stdlib_module_names and not below(name, "dskit")
    }
    assert foreign == set()


def test_the_pytest_plugins_load_no_library_at_start() -> None:
    """Every pytest run of every user imports them."""
    loaded = loaded_by("import pytest, dskit_emulator.pytest_plugin, dskit_conformance.pytest_plugin")
    heavy = {"boto3", "botocore", "httptools", "uvloop", "hypothesis", "sortedcontainers", "anyio", "jinja2", "rich"}
    pytest_itself = loaded_by("import pytest")
    assert (loaded - pytest_itself) & heavy == set()


def test_a_server_starts_without_what_few_servers_need() -> None:
    """A start is waited for in each test session: parsers of forms and of mail dates are loaded by who sends such."""
    loaded = loaded_by("from dskit_emulator import Server; Server().start().close()")
    assert "dskit_emulator.service" in loaded
    late = {"boto3", "difflib", "dskit_emulator.forms", "email.utils", "encodings.idna", "xml.etree.ElementTree"}
    late |= {"dskit.signers", "pyexpat", "quopri", "sqlite3"}
    assert loaded & late == set()
