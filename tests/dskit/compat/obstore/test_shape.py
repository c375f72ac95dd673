"""Names and signatures are those of the real package."""

from __future__ import annotations

import inspect
import operator
from pathlib import Path
from typing import Any

import obstore
import obstore.exceptions
import obstore.fsspec
import obstore.store
import pytest

import dskit.compat.obstore as obs
import dskit.compat.obstore.fsspec  # noqa: F401 - not loaded before
from tests.dskit.compat.obstore.pairs import parameters

FUNCTIONS = sorted(
    name for name in dir(obstore) if inspect.isbuiltin(getattr(obstore, name)) and not name.startswith("open_")
)
METHODS = sorted(name for name in vars(obstore.store.ObjectStoreMethods) if not name.startswith("_"))
OLD_NAME = {"get_range": ["offset"], "get_range_async": ["offset"]}
"""What the guide calls `start`: accepted beside it."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_the_parameters_of_the_package(name: str) -> None:
    hidden = OLD_NAME.get(name, [])
    assert parameters(getattr(obs, name), hidden=hidden) == parameters(getattr(obstore, name))
    assert name in obs.__all__


@pytest.mark.parametrize("name", METHODS)
def test_methods_have_the_parameters_and_defaults_of_the_package(name: str) -> None:
    real = inspect.signature(getattr(obstore.store.ObjectStoreMethods, name)).parameters
    facade = inspect.signature(getattr(obs.store.ObjectStoreMethods, name)).parameters
    assert [one for one in facade if one not in OLD_NAME.get(name, [])] == list(real)
    for parameter, expected in real.items():
        if (name, parameter) not in (("get_range", "start"), ("get_range_async", "start")):
            assert facade[parameter].default == expected.default, parameter
            assert facade[parameter].kind == expected.kind, parameter


@pytest.mark.parametrize("name", METHODS)
def test_a_coroutine_there_is_a_coroutine_here(name: str) -> None:
    real = inspect.iscoroutinefunction(getattr(obstore.store.ObjectStoreMethods, name))
    assert inspect.iscoroutinefunction(getattr(obs.store.ObjectStoreMethods, name)) == real


def test_exceptions_have_the_tree_of_the_package() -> None:
    real = {name: kind for name, kind in vars(obstore.exceptions).items() if inspect.isclass(kind)}
    facade = {name: getattr(obs.exceptions, name) for name in obs.exceptions.__all__}
    assert set(facade) == set(real)
    for name, kind in real.items():
        assert [base.__name__ for base in facade[name].__mro__] == [base.__name__ for base in kind.__mro__]


MADE: dict[str, Any] = {
    "result": lambda package, store: package.get(store, "k"),
    "stream": lambda package, store: package.get(store, "k").stream(),
    "listing": lambda package, store: package.list(store),
    "bytes": lambda package, store: package.get(store, "k").bytes(),
}


@pytest.mark.parametrize("name", MADE)
def test_results_have_the_members_of_the_package(name: str) -> None:
    """Public names, and whether they iterate, are buffers, are ordered."""

    def shape(package: Any) -> tuple[str, set[str], list[bool]]:
        store = package.store.MemoryStore()
        package.put(store, "k", b"x")
        made = MADE[name](package, store)
        traits = [hasattr(type(made), special) for special in ("__iter__", "__next__", "__aiter__", "__len__")]
        return type(made).__name__, {one for one in dir(made) if not one.startswith("_") and hasattr(made, one)}, traits

    kind, members, traits = shape(obs)
    assert kind == shape(obstore)[0]
    assert members == shape(obstore)[1]
    if name != "bytes":  # a bytes iterates by a method, the package's class by its items
        assert traits == shape(obstore)[2]


STORES = ["AzureStore", "GCSStore", "HTTPStore", "LocalStore", "MemoryStore", "S3Store"]


@pytest.mark.parametrize("name", [*STORES, "from_url", "fsspec.FsspecStore", "fsspec.register"])
def test_constructors_have_the_parameters_of_the_package(name: str) -> None:
    def told(module: Any) -> list[list[tuple[str, Any, Any]]]:
        found = operator.attrgetter(name)(module)
        ways = [found, found.from_url] if hasattr(found, "from_url") else [found]
        return [
            [(one.name, one.kind, one.default) for one in inspect.signature(way).parameters.values()] for way in ways
        ]

    if name.startswith("fsspec."):
        assert told(obs) == told(obstore)
    else:
        assert told(obs.store) == told(obstore.store)


def test_stores_have_the_properties_of_the_package(tmp_path: Path) -> None:
    for name, options in (("MemoryStore", ()), ("LocalStore", (tmp_path,)), ("S3Store", ("bucket",))):
        real = {one for one in dir(getattr(obstore.store, name)) if not one.startswith("_")}
        made = getattr(obs.store, name)(*options)
        assert real <= {one for one in dir(made) if not one.startswith("_")}, name


def test_the_names_of_the_guide_that_the_package_lacks_are_there() -> None:
    assert not hasattr(obstore.store, "PrefixStore")
    store = obs.store.PrefixStore(obs.store.MemoryStore(), "folder")
    obs.put(store, "file.txt", b"hello")
    assert obs.get_range(store, "file.txt", offset=1, length=3) == b"ell"
    with pytest.raises(TypeError, match="old name"):
        obs.get_range(store, "file.txt", offset=1, start=1, length=3)


def test_every_name_of_the_store_module_can_be_imported() -> None:
    """`from obstore.store import *` fails on the names that are there for annotations only."""
    names: dict[str, Any] = {}
    exec("from dskit.compat.obstore.store import *; from dskit.compat.obstore import *", names)
    assert {"S3Store", "MemoryStore", "from_url", "put", "get_async"} <= names.keys()


def test_importing_the_facade_loads_neither_the_package_nor_a_backend() -> None:
    import subprocess
    import sys

    code = "import sys, dskit.compat.obstore; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"obstore", "boto3", "pyarrow", "fsspec"} & set(loaded)
