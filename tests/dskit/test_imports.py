"""What `import dskit` costs, and that every public name is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import dskit

# What loads `import dskit` and the names of it that people use first, beside the standard library.
LIGHT = "import dskit; dskit.Store; dskit.StoreError; dskit.open_store; dskit.Attributes; dskit.GetResult"


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_import_loads_dskit_itself_and_nothing_else_of_it() -> None:
    assert {name for name in modules_after("import dskit") if name.startswith("dskit")} == {"dskit"}


def test_facade_urls_and_types_need_the_standard_library_only() -> None:
    foreign = {name.split(".")[0] for name in modules_after(LIGHT) - modules_after("pass")}
    assert foreign - sys.stdlib_module_names - {"dskit"} == set()


def test_local_files_need_no_async_library() -> None:
    loaded = modules_after("import dskit, tempfile; dskit.LocalStore(tempfile.mkdtemp()).put('k', b'')")
    assert loaded & {"anyio", "boto3", "minio", "trio"} == set()


def test_every_public_name_is_there_and_listed_once() -> None:
    for name in dskit.__all__:
        assert getattr(dskit, name).__name__ == name
        assert name in dir(dskit)
    assert len(set(dskit.__all__)) == len(dskit.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(dskit, "Shop")


def test_what_type_checkers_see_is_what_there_is() -> None:
    """The imports under TYPE_CHECKING name the modules and the names of the lazy table."""
    tree = ast.parse(Path(dskit.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name != "*"
    }
    starred = set(dskit._MODULES["errors"]) | set(dskit._MODULES["types"])
    assert seen | starred == set(dskit.__all__)
    from dskit import errors, types

    assert set(errors.__all__) == set(dskit._MODULES["errors"])
    assert set(types.__all__) == set(dskit._MODULES["types"])
