"""`dskit.compat.craft_ai` beside the real package: the same signatures, and the same results of the same calls."""

from __future__ import annotations

import importlib
import inspect
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dskit import Service, open_service
from dskit.compat import craft_ai
from dskit.compat.craft_ai.data_store import size_text
from dskit_emulator import Server
from tests.sdks.document import needs

pytestmark = needs("craft_ai_sdk")

METHODS = (
    "list_data_store_objects",
    "iter_data_store_objects",
    "get_data_store_object_information",
    "upload_data_store_object",
    "download_data_store_object",
    "delete_data_store_object",
)


def real_module() -> Any:
    return importlib.import_module("craft_ai_sdk")


def shape(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults of parameters. The first of a method is `self` here, `sdk` there."""
    parameters = list(inspect.signature(function).parameters.values())
    return [(each.name, each.kind, each.default) for each in parameters if each.name not in ("self", "sdk")]


@pytest.mark.parametrize("name", METHODS)
def test_methods_have_the_packages_signatures(name: str) -> None:
    assert shape(getattr(craft_ai.CraftAiSdk, name)) == shape(getattr(real_module().CraftAiSdk, name))


def test_constructors_have_the_packages_signatures() -> None:
    for name in ("CraftAiSdk", "SdkException"):
        assert shape(getattr(craft_ai, name)) == shape(getattr(real_module(), name))


def test_no_method_of_the_packages_data_store_is_missing() -> None:
    theirs = {name for name in dir(real_module().CraftAiSdk) if "data_store" in name}
    assert theirs == set(METHODS)


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 10**6, 2**20 - 1, 2**30, 10**13, 2**50, 2**60])
def test_sizes_are_written_as_the_package_writes_them(size: int) -> None:
    assert size_text(size) == importlib.import_module("craft_ai_sdk.utils").convert_size(size)


@pytest.mark.parametrize(
    "arguments",
    [
        ("m",),
        ("m", 404),
        ("m", 404, "N", "R", {"a": 1}),
        ("m", 404, "", "NO_REQUEST_ID"),
        ("m", 502),
        ("m", 504, "N"),
        ("m", None, None, None, []),
    ],
)
def test_exceptions_say_what_the_packages_says(arguments: tuple[Any, ...]) -> None:
    mine, theirs = craft_ai.SdkException(*arguments), real_module().SdkException(*arguments)
    assert (str(mine), mine.args, vars(mine)) == (str(theirs), theirs.args, vars(theirs))


class Sides:
    """The same contents behind the facade and behind the package."""

    def __init__(self, folder: Path, facade: Any, package: Any, services: tuple[Service, Service]) -> None:
        self.folder = folder
        self.each = (facade, package)
        self.services = services

    def same(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """What `call(sdk, …)` gives on both sides: a value, or what is the same of an error."""
        mine, theirs = (outcome(call, sdk, *arguments) for sdk in self.each)
        assert mine == theirs
        return mine


def outcome(call: Callable[..., Any], sdk: Any, *arguments: Any) -> Any:
    try:
        return call(sdk, *arguments)
    except Exception as error:
        if type(error).__name__ == "SdkException":
            return "SdkException", getattr(error, "name", None), getattr(error, "status_code", None)
        return type(error).__name__


@pytest.fixture
def sides(tmp_path: Path, sdk_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    with sdk_server.endpoint() as endpoint, open_service("memory:") as service:
        services = (service, Service(endpoint.backend))
        for each in services:
            each.create_bucket("data")
            each.bucket("data").put("k", b"content")
            each.bucket("data").put("folder/inner", b"x" * 1536)
        for name, value in endpoint.env("craft_ai").items():
            monkeypatch.setenv(name, value)
        yield Sides(tmp_path, craft_ai.connect(service)(), real_module().CraftAiSdk(), services)


def undated(item: dict[str, Any]) -> list[tuple[str, Any]]:
    """An object's information in its order; of its time, which differs, the length of the text."""
    return [(name, len(value) if name == "last_modified" else value) for name, value in item.items()]


def test_listings(sides: Sides) -> None:
    def listed(sdk: Any, *folder: Any) -> Any:
        return [undated(item) for item in sdk.list_data_store_objects(*folder)]

    assert len(sides.same(listed)) == 2
    for folder in (None, "", "folder", "folder/", "fold", "none"):
        sides.same(listed, folder)
    assert len(sides.same(lambda sdk: listed(sdk, "folder"))) == 1
    sides.same(lambda sdk: [undated(item) for item in sdk.iter_data_store_objects("folder")])
    assert sides.same(lambda sdk: type(sdk.iter_data_store_objects()).__name__) == "generator"


def test_information_and_deletion(sides: Sides) -> None:
    sides.same(lambda sdk: undated(sdk.get_data_store_object_information("folder/inner")))
    assert sides.same(lambda sdk: sdk.get_data_store_object_information("none")) == ("SdkException", "NoSuchKey", 404)
    for _ in range(2):
        assert sides.same(lambda sdk: sdk.delete_data_store_object("k")) == {"path": "k"}


def test_uploads_and_downloads(sides: Sides) -> None:
    file = sides.folder / "file"

    def there_and_back(sdk: Any, key: str, content: bytes) -> Any:
        file.write_bytes(content)
        uploaded = sdk.upload_data_store_object(str(file), key)
        file.unlink()
        downloaded = sdk.download_data_store_object(key, str(file))
        return uploaded, downloaded, file.read_bytes() == content

    for key in ("plain", "a b+c é/%2F", "dir/", "trailing "):
        for content in (b"", b"x", bytes(range(256)) * 100):
            assert sides.same(there_and_back, key, content) == (None, None, True)


def test_buffers_are_rewound_on_the_way_in_and_out(sides: Sides) -> None:
    def through(sdk: Any) -> Any:
        source, target = io.BytesIO(b"0123456789"), io.BytesIO(b"longer than what comes")
        source.seek(5)
        sdk.upload_data_store_object(source, "k")
        sdk.download_data_store_object("k", target)
        return target.tell(), target.getvalue()

    assert sides.same(through) == (0, b"0123456789n what comes")


@pytest.mark.parametrize("value", [b"bytes", Path("path"), None, 7])
def test_what_is_no_file(sides: Sides, value: Any) -> None:
    assert sides.same(lambda sdk: sdk.upload_data_store_object(value, "k")) == "ValueError"
    assert sides.same(lambda sdk: sdk.download_data_store_object("k", value)) == "ValueError"


def test_files_that_cannot_be(sides: Sides) -> None:
    for path, kind in ((sides.folder, "IsADirectoryError"), (sides.folder / "a" / "b", "FileNotFoundError")):
        assert sides.same(lambda sdk, name: sdk.upload_data_store_object(name, "k"), str(path)) == kind
        assert sides.same(lambda sdk, name: sdk.download_data_store_object("k", name), str(path)) == kind
    missing = sides.same(lambda sdk: sdk.download_data_store_object("none", str(sides.folder / "file")))
    assert missing == ("SdkException", "NoSuchKey", 404)
    assert list(sides.folder.iterdir()) == []


@pytest.mark.parametrize("key", ["", "k" * 1025])
def test_paths_that_cannot_be(sides: Sides, key: str) -> None:
    for call in (
        lambda sdk: sdk.upload_data_store_object(io.BytesIO(b"x"), key),
        lambda sdk: sdk.download_data_store_object(key, io.BytesIO()),
        lambda sdk: sdk.get_data_store_object_information(key),
        lambda sdk: sdk.delete_data_store_object(key),
    ):
        assert sides.same(call)[0] == "SdkException"


def test_constructors(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = type(sides.each[0]), type(sides.each[1])
    for arguments in ({}, {"environment_url": "http://e//"}, {"control_url": "http://c/"}, {"verbose_log": True}):
        made = [vars_of(kind(**arguments)) for kind in (mine, theirs)]
        assert made[0] == made[1]
    for kind in (mine, theirs):
        with pytest.raises(TypeError):
            kind(warn_on_metric_outside_of_pipeline=1)
    monkeypatch.delenv("CRAFT_AI_CONTROL_URL")
    assert vars_of(mine()) == vars_of(theirs())
    monkeypatch.delenv("CRAFT_AI_ENVIRONMENT_URL")
    for kind in (mine, theirs):
        with pytest.raises(ValueError, match="environment_url"):
            kind()


def vars_of(sdk: Any) -> dict[str, Any]:
    names = (
        "base_environment_url",
        "base_environment_api_url",
        "base_control_url",
        "base_control_api_url",
        "verbose_log",
        "warn_on_metric_outside_of_pipeline",
    )
    return {name: getattr(sdk, name) for name in names}


def test_where_the_package_is_broken_the_facade_is_right(sides: Sides) -> None:
    """Each is a line of docs/compat/craft_ai.md; here it is seen that the package still does it."""
    facade, package = sides.each
    text = [outcome(lambda sdk: sdk.upload_data_store_object(io.StringIO("text"), "text"), sdk) for sdk in sides.each]
    assert text == ["ValueError", None]

    class OnlyRead:
        def __init__(self) -> None:
            self.read = io.BytesIO(b"content").read

    facade.upload_data_store_object(OnlyRead(), "once")
    with pytest.raises(AttributeError):
        package.upload_data_store_object(OnlyRead(), "once")
    assert [each.bucket("data").exists("once") for each in sides.services] == [True, False]
