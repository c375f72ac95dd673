"""Craft AI's facade: how it is bound to stores, and that nothing half done is left. Its document: `tests/sdks/`."""

from __future__ import annotations

import errno
import importlib.util
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.compat import craft_ai
from dskit.compat.craft_ai import data_store
from dskit.compat.craft_ai.data_store import size_text
from dskit.errors import ConfigurationError, NotFoundError, StoreError
from dskit_emulator.endpoint import Endpoint
from tests.dskit.backends.faulty_proxy import FaultyProxy, answer, cut
from tests.dskit.compat.small_disk import small_disk

MIB = 1 << 20
URL = "https://env.example/environments/data"


@pytest.fixture
def sdk(service: dskit.Service) -> craft_ai.CraftAiSdk:
    """Over memory, disk, plain files and S3."""
    service.create_bucket("data")
    return craft_ai.connect(service)(environment_url=URL)


@pytest.fixture
def memory() -> dskit.MemoryStore:
    return dskit.MemoryStore()


def over(store: dskit.Store, **arguments: Any) -> craft_ai.CraftAiSdk:
    return craft_ai.connect({URL: store})(environment_url=URL, **arguments)


# How it finds its stores


def test_environments_by_their_urls(tmp_path: Path, memory: dskit.MemoryStore) -> None:
    bound = craft_ai.connect({"https://one.example/": memory, "https://two.example": f"file:{tmp_path}"})
    bound(environment_url="https://one.example").upload_data_store_object(io.BytesIO(b"x"), "k")
    bound(environment_url="https://two.example//").upload_data_store_object(io.BytesIO(b"y"), "a/b")
    assert memory.get("k").read() == b"x"
    assert (tmp_path / "a" / "b").read_bytes() == b"y"
    with pytest.raises(craft_ai.SdkException, match=r"no environment https://else\..*one\.example, https://two"):
        bound(environment_url="https://else.example").list_data_store_objects()


def test_a_prefix_is_the_environments_own(memory: dskit.MemoryStore) -> None:
    sdk = over(dskit.Store(memory.service, memory.bucket, prefix="mine/"))
    sdk.upload_data_store_object(io.BytesIO(b"x"), "k")
    assert [item["path"] for item in sdk.list_data_store_objects()] == ["k"]
    assert memory.exists("mine/k")


def test_the_environment_names_a_service_and_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv(craft_ai.ENVIRONMENT, f"file:{tmp_path}")
    monkeypatch.setenv("CRAFT_AI_ENVIRONMENT_URL", "http://127.0.0.1:1/craft_ai/data/")
    craft_ai.CraftAiSdk().upload_data_store_object(io.BytesIO(b"x"), "k")
    assert (tmp_path / "data" / "k").read_bytes() == b"x"


@pytest.mark.parametrize(("url", "text"), [("", "use dskit.compat.craft_ai.connect"), ("memory:", "new, empty memory")])
def test_an_environment_variable_that_cannot_be(monkeypatch: pytest.MonkeyPatch, url: str, text: str) -> None:
    monkeypatch.setenv(craft_ai.ENVIRONMENT, url)
    sdk = craft_ai.CraftAiSdk(environment_url=URL)
    for call in (sdk.list_data_store_objects, lambda: sdk.delete_data_store_object("k")):
        with pytest.raises(ConfigurationError, match=text):
            call()


def test_the_constructor_takes_what_the_packages_takes(
    monkeypatch: pytest.MonkeyPatch, memory: dskit.MemoryStore
) -> None:
    monkeypatch.delenv("CRAFT_AI_ENVIRONMENT_URL", raising=False)
    monkeypatch.delenv("CRAFT_AI_CONTROL_URL", raising=False)
    with pytest.raises(ValueError, match="CRAFT_AI_ENVIRONMENT_URL"):
        craft_ai.connect(memory)("token")
    with pytest.raises(TypeError, match="is True or False"):
        over(memory, warn_on_metric_outside_of_pipeline="yes")
    sdk = over(memory)
    assert sdk.base_environment_api_url == f"{URL}/api/v1"
    assert sdk.base_control_api_url == "https://mlops-platform.craft.ai/api/v1"
    assert over(memory, control_url="http://c/").base_control_url == "http://c"
    assert sdk.warn_on_metric_outside_of_pipeline is True


def test_two_facades_share_nothing() -> None:
    one, two = over(dskit.MemoryStore()), over(dskit.MemoryStore())
    one.upload_data_store_object(io.BytesIO(b"x"), "k")
    assert two.list_data_store_objects() == []


@pytest.mark.skipif(importlib.util.find_spec("craft_ai_sdk") is not None, reason="the real package is installed here")
def test_the_shim_is_there_while_its_block_runs(memory: dskit.MemoryStore) -> None:
    code = (
        "from craft_ai_sdk import CraftAiSdk, SdkException\nimport craft_ai_sdk.exceptions\n"
        "assert craft_ai_sdk.exceptions.SdkException is SdkException"
    )
    with craft_ai.provided({URL: memory}):
        names: dict[str, Any] = {}
        exec(code, names)
        assert names["CraftAiSdk"](environment_url=URL).list_data_store_objects() == []
    with pytest.raises(ModuleNotFoundError):
        exec(code)


def test_the_shim_never_replaces_a_package(memory: dskit.MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    package = type(sys)("craft_ai_sdk")
    monkeypatch.setitem(sys.modules, "craft_ai_sdk", package)
    with pytest.raises(ConfigurationError, match="craft_ai_sdk is installed"), craft_ai.provided(memory):
        pytest.fail("the block ran")
    assert sys.modules["craft_ai_sdk"] is package


# Results


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.00 B"),
        (1023, "1023.00 B"),
        (1024, "1.00 KB"),
        (1536, "1.50 KB"),
        (MIB - 1, "1024.00 KB"),
        (MIB, "1.00 MB"),
        (5 << 30, "5.00 GB"),
        (1023 << 40, "1023.00 TB"),
        (1 << 50, "1.00 TB"),
        (1 << 60, "1024.00 TB"),
    ],
)
def test_sizes_are_text(size: int, text: str) -> None:
    assert size_text(size) == text


def test_a_folder_is_what_is_below_it(sdk: craft_ai.CraftAiSdk) -> None:
    for key in ("a/b", "a/c/d", "ab"):
        sdk.upload_data_store_object(io.BytesIO(b""), key)
    for folder in ("a", "a/"):
        assert [item["path"] for item in sdk.list_data_store_objects(folder)] == ["a/b", "a/c/d"]
    assert len(sdk.list_data_store_objects("")) == 3
    assert sdk.list_data_store_objects("none") == []


def test_a_listing_asks_for_nothing_before_its_first_item(memory: dskit.MemoryStore) -> None:
    listing = craft_ai.connect(memory)(environment_url="https://x/not-made").iter_data_store_objects()
    with pytest.raises(craft_ai.SdkException, match=r"^\[NoSuchBucket\] "):
        next(iter(listing))


@pytest.mark.parametrize("large", [False, True])
def test_all_of_a_buffer_is_uploaded_to_its_last_byte(
    sdk: craft_ai.CraftAiSdk, service: dskit.Service, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    """Also of one that is a byte longer than a number of parts, where the package loses the last one."""
    if large:
        monkeypatch.setattr(data_store, "PARTS_FROM", 1)
    body = os.urandom(8 * MIB + 1)
    buffer = io.BytesIO(body)
    buffer.seek(100)
    sdk.upload_data_store_object(buffer, "k")
    assert service.bucket("data").get("k").read() == body
    assert service.bucket("data").list_uploads().uploads == []


def test_a_buffer_that_cannot_be_rewound_is_taken_from_where_it_stands(memory: dskit.MemoryStore) -> None:
    class OnlyRead:
        def __init__(self) -> None:
            self.read = io.BytesIO(b"content").read

    sdk: Any = over(memory)
    sdk.upload_data_store_object(OnlyRead(), "k")
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        sdk.upload_data_store_object(pipe, "pipe")
    assert (memory.get("k").read(), memory.get("pipe").read()) == (b"content", b"through a pipe")


def test_what_was_done_is_told_on_stderr(memory: dskit.MemoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    sdk = over(memory, verbose_log=True)
    sdk.upload_data_store_object(io.BytesIO(b"x"), "k")
    sdk.download_data_store_object("k", io.BytesIO())
    sdk.delete_data_store_object("k")
    with pytest.raises(craft_ai.SdkException):
        sdk.download_data_store_object("k", io.BytesIO())
    with pytest.raises(FileNotFoundError):
        sdk.upload_data_store_object("/none/such", "k")
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == ["Object upload succeeded", "Object download succeeded", "Object deletion succeeded"]
    assert lines[3].startswith("Object download failed: [NoSuchKey]")
    assert "Object upload failed" in lines[-1]
    over(memory, verbose_log=False).delete_data_store_object("k")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("FALSE", False), ("", hasattr(sys, "ps1"))])
def test_logging_is_chosen_by_the_environment(
    memory: dskit.MemoryStore, monkeypatch: pytest.MonkeyPatch, value: str, expected: bool
) -> None:
    monkeypatch.setenv("SDK_VERBOSE_LOG", value)
    assert over(memory).verbose_log is expected


# Errors


def test_a_missing_object_is_told_and_touches_no_file(sdk: craft_ai.CraftAiSdk, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    file, buffer = folder / "file", io.BytesIO()
    file.write_bytes(b"kept")
    for call in (
        lambda: sdk.get_data_store_object_information("missing"),
        lambda: sdk.download_data_store_object("missing", str(file)),
        lambda: sdk.download_data_store_object("missing", buffer),
    ):
        with pytest.raises(craft_ai.SdkException, match=r"^\[NoSuchKey\] \w+") as caught:
            call()
        assert (caught.value.name, caught.value.status_code) == ("NoSuchKey", 404)
        assert isinstance(caught.value.__cause__, NotFoundError)
    assert (file.read_bytes(), buffer.getvalue(), os.listdir(folder)) == (b"kept", b"", ["file"])
    assert sdk.delete_data_store_object("missing") == {"path": "missing"}


def test_an_environment_that_is_not_there(sdk: craft_ai.CraftAiSdk, service: dskit.Service) -> None:
    other = craft_ai.connect(service)(environment_url="https://env.example/not-made")
    for call in (
        other.list_data_store_objects,
        lambda: other.upload_data_store_object(io.BytesIO(b"x"), "k"),
        lambda: other.download_data_store_object("k", io.BytesIO()),
    ):
        with pytest.raises(craft_ai.SdkException, match=r"^\[NoSuchBucket\] ") as caught:
            call()
        assert caught.value.status_code == 404


@pytest.mark.parametrize("key", ["", "k" * 1025, "\ud800"])
def test_a_key_that_cannot_be(memory: dskit.MemoryStore, key: str) -> None:
    sdk = over(memory)
    for call in (
        lambda: sdk.upload_data_store_object(io.BytesIO(b"x"), key),
        lambda: sdk.get_data_store_object_information(key),
        lambda: sdk.delete_data_store_object(key),
    ):
        with pytest.raises(craft_ai.SdkException, match=r"^\[(InvalidURI|KeyTooLongError)\] ") as caught:
            call()
        assert caught.value.status_code == 400


@pytest.mark.parametrize("value", [b"bytes", Path("a path"), None, 7])
def test_what_is_no_file_is_refused_before_anything_is_done(memory: dskit.MemoryStore, value: Any) -> None:
    sdk = over(memory)
    with pytest.raises(ValueError, match="filepath_or_buffer"):
        sdk.upload_data_store_object(value, "k")
    with pytest.raises(ValueError, match="filepath_or_buffer"):
        sdk.download_data_store_object("missing", value)
    assert list(memory.list()) == []


def test_text_is_refused(memory: dskit.MemoryStore, tmp_path: Path) -> None:
    text: Any = io.StringIO("text")
    with pytest.raises(ValueError, match="open it in binary mode"):
        over(memory).upload_data_store_object(text, "k")
    assert not memory.exists("k")


def test_a_folder_where_a_file_should_be(sdk: craft_ai.CraftAiSdk, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    sdk.upload_data_store_object(io.BytesIO(b"x"), "k")
    for path, kind in ((folder, IsADirectoryError), (tmp_path / "none" / "file", FileNotFoundError)):
        with pytest.raises(kind):
            sdk.upload_data_store_object(str(path), "k")
        with pytest.raises(kind):
            sdk.download_data_store_object("k", str(path))
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_an_oserror_and_leaves_no_part(tmp_path: Path, memory: dskit.MemoryStore) -> None:
    memory.put("k", b"x" * (6 * MIB))
    file = tmp_path / "file"
    file.write_bytes(b"kept")
    with small_disk(5 * MIB), pytest.raises(OSError, match="File too large") as caught:
        over(memory).download_data_store_object("k", str(file))
    assert caught.value.errno == errno.EFBIG
    assert file.read_bytes() == b"kept"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("scheme", ["disk", "file"])
def test_a_full_disk_under_the_store_is_its_exception_and_leaves_no_object(tmp_path: Path, scheme: str) -> None:
    with dskit.open_service(f"{scheme}:{tmp_path}", durability="process") as service:
        service.create_bucket("data")
        sdk = craft_ai.connect(service)(environment_url=URL)
        sdk.upload_data_store_object(io.BytesIO(b"before"), "k")
        with small_disk(5 * MIB), pytest.raises(craft_ai.SdkException) as caught:
            sdk.upload_data_store_object(io.BytesIO(bytes(6 * MIB)), "k")
        assert isinstance(caught.value.__cause__, StoreError)
        assert [(item["path"], item["size"]) for item in sdk.list_data_store_objects()] == [("k", "6.00 B")]


@pytest.mark.parametrize("large", [False, True])
def test_an_upload_that_fails_in_its_source_leaves_no_object(
    sdk: craft_ai.CraftAiSdk, service: dskit.Service, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(data_store, "PARTS_FROM", 1)

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 6 * MIB:
                raise RuntimeError("the source broke")
            return super().read(size)

    sdk.upload_data_store_object(io.BytesIO(b"before"), "k")
    with pytest.raises(RuntimeError, match="the source broke"):
        sdk.upload_data_store_object(Broken(bytes(9 * MIB)), "k")
    assert service.bucket("data").get("k").read() == b"before"
    assert service.bucket("data").list_uploads().uploads == []


# A server that dies


@pytest.fixture
def proxied(s3: Endpoint) -> Iterator[tuple[FaultyProxy, craft_ai.CraftAiSdk, dskit.S3Store]]:
    direct = s3.store("data")
    with FaultyProxy(s3.url) as proxy, s3.store("data", endpoint=proxy.url, retries=0) as store:
        yield proxy, over(store), direct


def test_a_server_that_breaks_off_leaves_no_file_and_no_object(
    proxied: tuple[FaultyProxy, craft_ai.CraftAiSdk, dskit.S3Store], tmp_path: Path
) -> None:
    proxy, sdk, direct = proxied
    direct.put("k", b"x" * MIB)
    buffer = io.BytesIO()
    proxy.plan = [cut(0)] * 50
    with pytest.raises(craft_ai.SdkException) as caught:
        sdk.download_data_store_object("k", str(tmp_path / "file"))
    assert caught.value.status_code in (500, 503)
    with pytest.raises(craft_ai.SdkException):
        sdk.download_data_store_object("k", buffer)
    proxy.plan = [answer(503, "SlowDown")] * 50
    with pytest.raises(craft_ai.SdkException, match=r"^\[SlowDown\] "):
        sdk.upload_data_store_object(io.BytesIO(b"y"), "new")
    assert (os.listdir(tmp_path), buffer.getvalue(), direct.exists("new")) == ([], b"", False)


def test_an_exception_says_what_the_packages_says() -> None:
    error = craft_ai.SdkException
    assert str(error("m")) == "m"
    assert str(error("m", 404)) == "[404] m"
    assert str(error("m", 404, "N", "R", {"a": 1})) == "[N] m\nAdditional data: {'a': 1}\nRequest id: R"
    assert str(error("m", 404, "N", "NO_REQUEST_ID")) == "[N] m"
    assert str(error("m", 502)).startswith("[502] The platform is currently unreachable.")
