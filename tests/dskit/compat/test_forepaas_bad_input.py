"""What goes wrong: the SDK's own exception, no half object, no half file, no upload left behind."""

from __future__ import annotations

import importlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.error import S3Error
from urllib3.exceptions import HTTPError

import dskit
from dskit.backends.memory import MemoryStore
from dskit.compat.forepaas import BucketConnector, DataStoreConnector, connect, provided
from dskit.errors import ConfigurationError
from dskit.types import ReadOptions
from tests.dskit.backends.faulty_proxy import PASS, FaultyProxy, cut
from tests.dskit.compat.small_disk import small_disk

MIB = 1024 * 1024


@pytest.fixture
def bucket(service: dskit.Service) -> BucketConnector:
    service.create_bucket("data")
    found = connect("data_store/data", storage=service)
    assert isinstance(found, BucketConnector)
    return found


def test_a_missing_bucket_or_object_is_an_s3_error_that_names_it(bucket: BucketConnector, tmp_path: Path) -> None:
    absent = BucketConnector(bucket.minio, "absent")
    with pytest.raises(S3Error, match="NoSuchBucket") as caught:
        absent.put("key", io.BytesIO(b"x"), 1)
    assert caught.value.bucket_name == "absent"
    for call in (bucket.get, bucket.stat):
        with pytest.raises(S3Error, match=r"NoSuchKey.*object_name: nothing"):
            call("nothing")
    with pytest.raises(S3Error, match="NoSuchKey"):
        bucket.fget("nothing", str(tmp_path / "file"))
    assert not (tmp_path / "file").exists()


def test_a_folder_where_a_file_should_be(bucket: BucketConnector, tmp_path: Path) -> None:
    bucket.put("key", io.BytesIO(b"x"), 1)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="is a directory"):
        bucket.fget("key", str(tmp_path / "folder"))
    with pytest.raises(IsADirectoryError, match="folder"):
        bucket.fput("key", str(tmp_path / "folder"))
    assert bucket.get("key").data == b"x"


def test_a_full_disk_leaves_the_file_as_it_was(bucket: BucketConnector, tmp_path: Path) -> None:
    bucket.put("key", io.BytesIO(bytes(MIB)), MIB)
    (tmp_path / "file").write_bytes(b"before")
    with small_disk(100_000), pytest.raises(OSError, match="File too large"):
        bucket.fget("key", str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [each for each in os.listdir(tmp_path) if each.endswith((".part", ".minio"))] == []


@pytest.mark.parametrize("scheme", ["disk", "file"])
def test_a_full_disk_under_the_store_leaves_no_object(tmp_path: Path, scheme: str) -> None:
    with dskit.open_service(f"{scheme}:{tmp_path}", durability="process") as service:
        service.create_bucket("data")
        bucket = connect("data_store/data", storage=service)
        assert isinstance(bucket, BucketConnector)
        bucket.put("key", io.BytesIO(b"before"), 6)
        with small_disk(100_000), pytest.raises(S3Error, match=r"takes no file of this size|no space left"):
            bucket.put("key", io.BytesIO(bytes(MIB)), MIB)
        assert bucket.get("key").data == b"before"
        assert bucket.list_filename() == ["key"]
        assert service.bucket("data").list_uploads().uploads == []


def test_a_file_that_is_cut_short_stores_nothing(bucket: BucketConnector) -> None:
    with pytest.raises(OSError, match="having not enough data"):
        bucket.put("key", io.BytesIO(b"x" * 100), 101)
    assert bucket.list_filename() == []


def test_a_reader_that_fails_stores_nothing_and_leaves_no_upload(
    bucket: BucketConnector, service: dskit.Service
) -> None:
    class Broken(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1) -> bytes:
            self.sent += 1
            if self.sent > 12:
                raise OSError("the cable was pulled")
            return b"x" * 1024**2

    with pytest.raises(OSError, match="cable"):
        bucket.put("key", Broken(), -1, part_size=5 * 1024**2)  # type: ignore[arg-type]
    assert bucket.list_filename() == []
    assert service.bucket("data").list_uploads().uploads == []


def test_a_download_that_breaks_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The body ends early: what was at the path stays, and nothing else is there."""
    store = MemoryStore("data")
    store.put("key", b"x" * 1000)
    get = store.service.get

    def short(bucket: str, key: str, options: ReadOptions) -> Any:
        reading: Any = get(bucket, key, options)
        reading.stop += 1
        return reading

    monkeypatch.setattr(store.service, "get", short)
    (tmp_path / "file").write_bytes(b"before")
    bucket = connect("data_store/data", storage=store)
    assert isinstance(bucket, BucketConnector)
    with pytest.raises(HTTPError, match="1000 of 1001"):
        bucket.fget("key", str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_a_server_that_dies_in_the_middle_leaves_no_file(s3: Any, tmp_path: Path) -> None:
    """Over a real minio-py client: its own exception, and not even its staging file."""
    s3.create_bucket("data")
    s3.store("data").put("key", b"x" * 3_000_000)
    with FaultyProxy(s3.url) as proxy:
        minio = Minio(
            proxy.url.partition("://")[2].rstrip("/"), "dskit", "dskit-secret", secure=False, region="us-east-1"
        )
        bucket = connect("data_store/data", storage=minio)
        assert isinstance(bucket, BucketConnector)
        proxy.plan += [PASS, cut(100_000)]  # the HEAD, then the GET
        with pytest.raises(HTTPError):
            bucket.fget("key", str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


def test_names_that_are_no_connector() -> None:
    for name in ("data_store/", "datastore", "data_prim", ""):
        with pytest.raises(ConfigurationError, match="data_store/BUCKET"):
            connect(name, storage="memory:")


def test_connect_without_storage_reads_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSKIT_FOREPAAS_STORE", raising=False)
    with pytest.raises(ConfigurationError, match="DSKIT_FOREPAAS_STORE"):
        connect("data_store")
    monkeypatch.setenv("DSKIT_FOREPAAS_STORE", "memory:")
    with pytest.raises(ConfigurationError, match="empty memory"):
        connect("data_store")
    monkeypatch.setenv("DSKIT_FOREPAAS_STORE", f"file:{tmp_path}")
    datastore = connect("data_store")
    assert isinstance(datastore, DataStoreConnector)
    assert datastore.create_bucket("data")
    assert (tmp_path / "data").is_dir()


def test_a_store_with_a_prefix_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="prefix 'a/'"):
        connect("data_store", storage=MemoryStore("data", prefix="a/"))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "forepaas"
    package.mkdir()
    (package / "__init__.py").write_text("real = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    return package


def test_the_shim_never_stands_before_an_installed_package(installed: Path) -> None:
    with pytest.raises(ConfigurationError, match="there already"), provided("memory:"):
        pytest.fail("the block ran")


def test_the_shim_goes_when_its_block_ends() -> None:
    with provided("memory:"):
        from forepaas.dwh import connect as inner  # type: ignore[import-not-found]

        with pytest.raises(ConfigurationError, match="there already"), provided("memory:"):
            pytest.fail("the block ran")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("forepaas.dwh")
    assert inner("data_store").list() == []
