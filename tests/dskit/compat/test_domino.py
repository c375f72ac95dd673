"""Domino's facade: how it is bound to stores, and that nothing half done is left. Its document: `tests/sdks/`."""

from __future__ import annotations

import errno
import importlib.util
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import dskit
from dskit.compat import domino
from dskit.errors import ConfigurationError, NotFoundError, StoreError
from dskit_emulator.endpoint import Endpoint
from tests.dskit.backends.faulty_proxy import FaultyProxy, answer, cut
from tests.dskit.compat.small_disk import small_disk

MIB = 1 << 20


@pytest.fixture
def source(service: dskit.Service) -> domino.ObjectStoreDatasource:
    """Over memory, disk, plain files and S3."""
    service.create_bucket("s3-dev")
    return domino.connect(service)().get_datasource("s3-dev")


@pytest.fixture
def memory() -> Iterator[dskit.Service]:
    with dskit.open_service("memory:") as opened:
        opened.create_bucket("s3-dev")
        yield opened


# How it finds its stores


def test_names_of_ones_own(tmp_path: Path) -> None:
    reports = dskit.MemoryStore(prefix="reports/")
    client = domino.connect({"s3-dev": reports, "files": f"file:{tmp_path}"})()
    client.get_datasource("s3-dev").put("key", b"x")
    client.get_datasource("files").put("a/b", b"y")
    assert reports.get("key").read() == b"x"
    assert (tmp_path / "a" / "b").read_bytes() == b"y"
    assert client.get_datasource("s3-dev").config == {"bucket": "default", "subfolder": "reports/"}
    with pytest.raises(Exception, match=r"no data source 'else'.*'s3-dev', 'files'"):
        client.get_datasource("else")


def test_every_bucket_of_a_service(memory: dskit.Service) -> None:
    client = domino.connect(memory)()
    client.get_datasource("s3-dev").put("key", b"x")
    assert memory.bucket("s3-dev").get("key").read() == b"x"
    for name in ("missing", "Not/A bucket", ""):
        with pytest.raises(Exception, match="make a bucket of that name") as caught:
            client.get_datasource(name)
        assert type(caught.value) is Exception


def test_two_facades_share_nothing() -> None:
    one, two = (domino.connect({"s3-dev": dskit.MemoryStore()}) for _ in range(2))
    one().get_datasource("s3-dev").put("key", b"x")
    assert two().get_datasource("s3-dev").list_objects() == []
    assert isinstance(one(), domino.DataSourceClient)


def test_the_environment_names_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s3-dev").mkdir()
    monkeypatch.setenv(domino.ENVIRONMENT, f"file:{tmp_path}")
    domino.DataSourceClient().get_datasource("s3-dev").put("key", b"x")
    assert (tmp_path / "s3-dev" / "key").read_bytes() == b"x"


@pytest.mark.parametrize(("url", "text"), [("", "use dskit.compat.domino.connect"), ("memory:", "new, empty memory")])
def test_an_environment_that_cannot_be(monkeypatch: pytest.MonkeyPatch, url: str, text: str) -> None:
    monkeypatch.setenv(domino.ENVIRONMENT, url)
    with pytest.raises(ConfigurationError, match=text):
        domino.DataSourceClient().get_datasource("s3-dev")


def test_credentials_are_taken_as_the_package_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMINO_USER_API_KEY", "from the environment")
    client = domino.connect({})(token="t")
    assert (client.api_key, client.token) == ("from the environment", "t")


@pytest.mark.skipif(importlib.util.find_spec("domino") is not None, reason="the real package is installed here")
def test_the_shim_is_there_while_its_block_runs(memory: dskit.Service) -> None:
    code = "from domino.data_sources import DataSourceClient, S3Config\nimport domino_data.data_sources"
    with domino.provided(memory):
        names: dict[str, type[domino.DataSourceClient]] = {}
        exec(code, names)
        assert names["DataSourceClient"]().get_datasource("s3-dev").list_objects() == []
    with pytest.raises(ModuleNotFoundError):
        exec(code)


def test_the_shim_never_replaces_a_package(memory: dskit.Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "domino", type(sys)("domino"))
    with pytest.raises(ConfigurationError, match="domino is installed"), domino.provided(memory):
        pytest.fail("the block ran")
    assert "domino_data" not in sys.modules or importlib.util.find_spec("domino_data") is not None


# Errors


def test_a_missing_object_is_told_and_touches_no_file(source: domino.ObjectStoreDatasource, tmp_path: Path) -> None:
    file, buffer = tmp_path / "file", io.BytesIO()
    file.write_bytes(b"kept")
    for call in (
        lambda: source.get("missing"),
        lambda: source.download_file("missing", str(file)),
        lambda: source.download("missing", str(file)),
        lambda: source.download_fileobj("missing", buffer),
    ):
        with pytest.raises(httpx.HTTPStatusError, match=r"404 Not Found.*s3-dev/missing.*\nNoSuchKey: ") as caught:
            call()
        assert caught.value.response.status_code == 404
        assert isinstance(caught.value.__cause__, NotFoundError)
    assert (file.read_bytes(), buffer.getvalue()) == (b"kept", b"")
    assert os.listdir(tmp_path) in (["file"], ["file", "store"], ["store", "file"])


def test_without_httpx_the_error_is_the_facades(memory: dskit.Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(domino.HTTPStatusError, match="NoSuchKey") as caught:
        domino.connect(memory)().get_datasource("s3-dev").get("missing")
    assert caught.value.status_code == 404


def test_a_bucket_that_is_not_there(source: domino.ObjectStoreDatasource) -> None:
    source.update(domino.S3Config(bucket="not-made"))
    with pytest.raises(Exception, match=r"^NoSuchBucket: ") as caught:
        source.list_objects()
    assert type(caught.value) is Exception
    with pytest.raises(Exception, match=r"^NoSuchBucket: "):
        source.put("key", b"x")
    source.reset_config()
    assert source.list_objects() == []


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (domino.S3Config(bucket="Not a bucket"), "InvalidBucketName"),
        (domino.DatasetConfig(snapshot_id="7"), "'snapshotID' cannot be honoured"),
        (domino.NetAppVolumeConfig(snapshot_version="7"), "'snapshotVersion' cannot be honoured"),
    ],
)
def test_an_override_that_cannot_be(memory: dskit.Service, config: domino.Config, text: str) -> None:
    source = domino.connect(memory)().get_datasource("s3-dev")
    source.update(config)
    for call in (lambda: source.put("key", b"x"), source.list_objects, lambda: source.get_key_url("key")):
        with pytest.raises(Exception, match=text):
            call()


@pytest.mark.parametrize("key", ["", "k" * 1025, "\ud800"])
def test_a_key_that_cannot_be(memory: dskit.Service, key: str) -> None:
    source = domino.connect(memory)().get_datasource("s3-dev")
    for call in (lambda: source.put(key, b"x"), lambda: source.get(key)):
        with pytest.raises(Exception, match=r"^InvalidURI: |^KeyTooLongError: ") as caught:
            call()
        assert type(caught.value) is Exception


def test_queries_are_refused(memory: dskit.Service) -> None:
    with pytest.raises(domino.DominoError, match="answers no queries"):
        domino.connect(memory)().execute("ds-s3-dev", "select 1", {}, {})


# URLs


def test_a_signed_url_where_the_store_can_sign(s3: Endpoint) -> None:
    source = domino.connect({"s3-dev": s3.store("s3-dev")})().get_datasource("s3-dev")
    assert httpx.put(source.get_key_url("key", True), content=b"x").status_code == 200
    assert httpx.get(source.get_key_url("key")).content == b"x"


def test_no_url_where_it_cannot(memory: dskit.Service) -> None:
    with pytest.raises(Exception, match=r"^NotImplemented: "):
        domino.connect(memory)().get_datasource("s3-dev").get_key_url("key")


# Files


def test_a_folder_where_a_file_should_be(source: domino.ObjectStoreDatasource, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    source.put("key", b"x")
    for call in (source.download_file, source.download, source.upload_file):
        with pytest.raises(IsADirectoryError):
            call("key", str(folder))
    for call in (source.download_file, source.download, source.upload_file):
        with pytest.raises(FileNotFoundError):
            call("key", str(tmp_path / "none" / "file"))
    assert source.get("key") == b"x"
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_an_oserror_and_leaves_no_part(tmp_path: Path, memory: dskit.Service) -> None:
    source = domino.connect(memory)().get_datasource("s3-dev")
    source.put("key", b"x" * (6 * MIB))
    file = tmp_path / "file"
    file.write_bytes(b"kept")
    with small_disk(5 * MIB):
        for call in (source.download_file, source.download):
            with pytest.raises(OSError, match="File too large") as caught:
                call("key", str(file))
            assert caught.value.errno == errno.EFBIG
    assert file.read_bytes() == b"kept"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("scheme", ["disk", "file"])
def test_a_full_disk_under_the_store_is_an_error_and_leaves_no_object(tmp_path: Path, scheme: str) -> None:
    with dskit.open_service(f"{scheme}:{tmp_path}", durability="process") as service:
        service.create_bucket("s3-dev")
        source = domino.connect(service)().get_datasource("s3-dev")
        source.put("key", b"before")
        with small_disk(5 * MIB):
            with pytest.raises(httpx.HTTPStatusError) as caught:
                source.put("key", b"x" * (6 * MIB))
            assert isinstance(caught.value.__cause__, StoreError)
            with pytest.raises(httpx.HTTPStatusError):
                source.upload_fileobj("key", iter([b"x" * MIB] * 6))
        assert source.get("key") == b"before"
        assert [each.key for each in source.list_objects()] == ["key"]


def test_a_parallel_download_puts_the_parts_in_their_places(
    source: domino.ObjectStoreDatasource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dskit.compat.domino.transfers.PART_BYTES", 1000)
    for size in (0, 1, 999, 1000, 1001, 12_345):
        content = bytes(number % 251 for number in range(size))
        source.put("key", content)
        for workers in (1, 4, 1000):
            source.download("key", str(tmp_path / "file"), workers)
            assert (tmp_path / "file").read_bytes() == content
    with pytest.raises(ValueError, match="max_workers must be greater than 0"):
        source.download("key", str(tmp_path / "file"), 0)


def test_a_device_is_written_to(memory: dskit.Service) -> None:
    source = domino.connect(memory)().get_datasource("s3-dev")
    source.put("key", b"x")
    for call in (source.download, source.download_file):
        call("key", os.devnull)
    assert not os.path.isfile(os.devnull)


def test_an_object_that_is_replaced_during_a_download_is_not_mixed(tmp_path: Path, memory: dskit.Service) -> None:
    store = memory.bucket("s3-dev")
    store.put("key", b"a" * (33 * MIB))
    seen: list[str] = []

    class Replacing(dskit.Store):
        def get(self, key: str, **options: object) -> dskit.GetResult:
            if not seen:
                seen.append(key)
                store.put("key", b"b" * (33 * MIB))
            return super().get(key, **options)  # type: ignore[arg-type]

    source = domino.connect({"s3-dev": Replacing(memory.service, "s3-dev")})().get_datasource("s3-dev")
    with pytest.raises(httpx.HTTPStatusError):
        source.download("key", str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


# A server that dies


@pytest.fixture
def proxied(s3: Endpoint) -> Iterator[tuple[FaultyProxy, domino.ObjectStoreDatasource, dskit.S3Store]]:
    direct = s3.store("s3-dev")
    with FaultyProxy(s3.url) as proxy, s3.store("s3-dev", endpoint=proxy.url, retries=0) as store:
        yield proxy, domino.connect({"s3-dev": store})().get_datasource("s3-dev"), direct


def test_a_download_that_breaks_off_leaves_no_file(
    proxied: tuple[FaultyProxy, domino.ObjectStoreDatasource, dskit.S3Store], tmp_path: Path
) -> None:
    proxy, source, direct = proxied
    direct.put("key", b"x" * MIB)
    proxy.plan = [cut(0)] * 50
    with pytest.raises(httpx.HTTPStatusError, match="Server error '50"):
        source.download_file("key", str(tmp_path / "file"))
    proxy.plan = [answer(503, "SlowDown")] * 50
    with pytest.raises(httpx.HTTPStatusError, match="Server error '503 "):
        source.download("key", str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


def test_an_upload_that_fails_in_its_source_leaves_no_object(
    source: domino.ObjectStoreDatasource, service: dskit.Service
) -> None:
    source.put("key", b"before")

    def broken() -> Iterator[bytes]:
        yield b"x" * MIB
        yield b"x" * (9 * MIB)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        source.upload_fileobj("key", broken())
    assert source.get("key") == b"before"
    assert service.bucket("s3-dev").list_uploads().uploads == []


def test_errors_of_the_store_stay_visible_as_the_cause(source: domino.ObjectStoreDatasource) -> None:
    with pytest.raises(httpx.HTTPStatusError) as caught:
        source.get("missing")
    assert isinstance(caught.value.__cause__, StoreError)
