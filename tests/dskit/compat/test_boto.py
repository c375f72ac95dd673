"""boto's facade over each kind of store: what goes wrong, whole files, what is refused."""

from __future__ import annotations

import errno
import importlib
import importlib.util
import io
import os
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

import dskit
from dskit.backends.memory import MemoryStore
from dskit.clock import ManualClock
from dskit.compat import boto
from dskit.compat.boto.exception import (
    BotoClientError,
    S3CreateError,
    S3DataError,
    S3ResponseError,
    StorageDataError,
)
from dskit.compat.boto.s3.bucket import Bucket
from dskit.compat.boto.s3.key import Key
from dskit.compat.boto.signing import signature, string_to_sign
from dskit.errors import ConfigurationError
from dskit.types import ReadOptions
from tests.dskit.backends.faulty_proxy import FaultyProxy, cut


@pytest.fixture
def bucket(service: dskit.Service) -> Bucket:
    return boto.connect(service)("AKID", "secret").create_bucket("data")


def test_errors_carry_code_message_and_names(bucket: Bucket) -> None:
    with pytest.raises(S3ResponseError, match="404 Not Found") as caught:
        bucket.new_key("absent").get_contents_as_string()
    error = caught.value
    assert (error.status, error.error_code, error.code) == (404, "NoSuchKey", "NoSuchKey")
    assert error.resource == "/data/absent"
    assert error.error_message == error.message != ""
    assert isinstance(error.__cause__, dskit.NotFoundError)
    bucket.new_key("key").set_contents_from_string("x")
    with pytest.raises(S3ResponseError, match="BucketNotEmpty"):
        bucket.delete()
    with pytest.raises(S3ResponseError, match="NoSuchBucket"):
        bucket.connection.get_bucket("absent", validate=False).new_key("key").set_contents_from_string("x")


def test_a_bucket_that_is_there_is_a_create_error() -> None:
    connection = boto.connect("memory:")()
    connection.create_bucket("data")
    with pytest.raises(S3CreateError, match="BucketAlreadyOwnedByYou") as caught:
        connection.create_bucket("data")
    assert (caught.value.status, caught.value.bucket) == (409, "data")


def test_an_upload_that_is_cut_short_stores_nothing(bucket: Bucket, service: dskit.Service) -> None:
    class Broken(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise OSError("the cable was pulled")
            return super().read(size)

    with pytest.raises(OSError, match="cable"):
        bucket.new_key("key").set_contents_from_file(Broken(b"x" * 3_000_000))
    assert list(bucket.list()) == []
    assert list(bucket.list_multipart_uploads()) == []


def test_a_digest_that_is_wrong_stores_nothing(bucket: Bucket) -> None:
    wrong = ("0" * 32, "AAAAAAAAAAAAAAAAAAAAAA==")
    with pytest.raises(S3ResponseError) as caught:
        bucket.new_key("key").set_contents_from_string("x", md5=wrong)
    assert caught.value.error_code == "BadDigest"
    assert bucket.get_key("key") is None


def test_a_folder_where_a_file_should_be(bucket: Bucket, tmp_path: Path) -> None:
    bucket.new_key("key").set_contents_from_string("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        bucket.new_key("key").get_contents_to_filename(str(tmp_path / "folder"))
    with pytest.raises(IsADirectoryError):
        bucket.new_key("key").set_contents_from_filename(str(tmp_path / "folder"))
    assert (tmp_path / "folder").is_dir()
    assert bucket.new_key("key").get_contents_as_string() == b"x"


def test_a_missing_object_leaves_what_was_at_the_path(bucket: Bucket, tmp_path: Path) -> None:
    """The package truncates the file, then removes it."""
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(S3ResponseError, match="NoSuchKey"):
        bucket.new_key("absent").get_contents_to_filename(str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"before"


def test_a_full_disk_is_botos_error(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.new_key("key").set_contents_from_string("x")
    (tmp_path / "file").write_bytes(b"before")

    def full(file: int, data: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageDataError, match=r"Out of space for destination file .*/file"):
        bucket.new_key("key").get_contents_to_filename(str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_an_object_that_ends_early_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore("data")
    store.put("key", b"x" * 1000)
    get = store.service.get

    def short(bucket: str, key: str, options: ReadOptions) -> Any:
        reading: Any = get(bucket, key, options)
        reading.stop += 1
        return reading

    monkeypatch.setattr(store.service, "get", short)
    key = boto.connect(store)().get_bucket("data").new_key("key")
    with pytest.raises(S3DataError, match="did not arrive whole"):
        key.get_contents_to_filename(str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


def test_a_server_that_dies_in_the_middle(s3: Any, boto_session: Any, tmp_path: Path) -> None:
    s3.create_bucket("data")
    s3.store("data").put("key", b"x" * 500_000)
    with FaultyProxy(s3.url) as proxy:
        retries: Any = {"retries": dskit.backends.s3.RetryOptions(attempts=1)}
        store = dskit.S3Store(
            "data",
            endpoint=proxy.url,
            access_key="dskit",
            secret_key="dskit-secret",
            region="us-east-1",
            session=boto_session,
            **retries,
        )
        key = boto.connect(store)().get_bucket("data", validate=False).new_key("key")
        proxy.plan += [cut(1000)] * 4
        with pytest.raises((S3DataError, S3ResponseError)):
            key.get_contents_to_filename(str(tmp_path / "file"))
        store.close()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda key: key.set_contents_from_string("x", headers={"x-amz-server-side-encryption": "AES256"}),
        lambda key: key.set_contents_from_string("x", encrypt_key=True),
        lambda key: key.get_contents_as_string(headers={"x-amz-server-side-encryption-customer-key": "k"}),
        lambda key: key.get_contents_as_string(torrent=True),
        lambda key: key.bucket.get_all_keys(headers={"x-amz-request-payer": "requester"}),
        lambda key: key.bucket.delete_key("key", mfa_token=("1", "2")),
    ],
)
def test_what_needs_a_server_is_refused_before_anything_happens(call: Any) -> None:
    bucket = boto.connect("memory:")().create_bucket("data")
    bucket.new_key("key").set_contents_from_string("before")
    with pytest.raises((S3ResponseError, BotoClientError), match="without a server"):
        call(bucket.new_key("key"))
    assert bucket.new_key("key").get_contents_as_string() == b"before"


def test_a_name_of_slashes_alone_is_no_key() -> None:
    """The package sends it to the bucket's own address."""
    bucket = boto.connect("memory:")().create_bucket("data")
    with pytest.raises(BotoClientError, match="suppress_consec_slashes"):
        bucket.new_key("//").set_contents_from_string("x")
    exact = boto.connect(bucket.connection.service)(suppress_consec_slashes=False).get_bucket("data")
    exact.new_key("//").set_contents_from_string("x")
    assert [key.name for key in exact.list()] == ["//"]


@pytest.mark.parametrize("kind", ["memory", "disk", "local"])
def test_acls_are_kept_where_the_store_has_none(kind: str, tmp_path: Path) -> None:
    url = {"memory": "memory:", "disk": f"disk:{tmp_path}/d", "local": f"file:{tmp_path}/l"}[kind]
    with dskit.open_service(url) as service:
        connection = boto.connect(service)
        bucket: Any = connection("AKID").create_bucket("data", policy="public-read-write")
        key: Any = bucket.new_key("key")
        key.set_contents_from_string("1", policy="public-read")
        again: Any = connection("AKID").get_bucket("data")
        assert [grant.permission for grant in again.list_grants()] == ["FULL_CONTROL", "READ", "WRITE"]
        assert [grant.uri for grant in again.get_key("key").get_acl().acl.grants][1].endswith("/AllUsers")
        again.add_user_grant("READ_ACP", "f" * 64)
        assert bucket.list_grants()[-1].id == "f" * 64
        key.set_contents_from_string("22")  # another object, private again
        assert len(key.get_acl().acl.grants) == 1
        with pytest.raises(S3ResponseError, match="NoSuchKey"):
            bucket.new_key("absent").set_canned_acl("private")
        with pytest.raises(S3ResponseError, match="MalformedACLError"):
            key.set_xml_acl("<a/>")


def test_a_policy_goes_through_its_document() -> None:
    key: Any = boto.connect("memory:")("AKID").create_bucket("data").new_key("key")
    key.set_contents_from_string("x")
    key.set_canned_acl("authenticated-read")
    before = key.get_xml_acl()
    key.set_xml_acl(before)
    assert key.get_xml_acl() == before
    assert "AKID (owner) = FULL_CONTROL" in repr(key.get_acl())


def test_a_signed_url_ends_by_the_connections_clock() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    connection = boto.connect("memory:", clock=clock)("AKID", "secret", host="h.example", is_secure=False)
    url = connection.generate_url(3600, "GET", "data", "key")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    assert int(query["Expires"]) == int(clock.now().timestamp()) + 3600


@pytest.mark.parametrize("query", ["", "?versionId=v%2F1&acl&other=1", "?response-content-type=text%2Fhtml"])
def test_the_signature_is_botocores(query: str) -> None:
    headers = {"Content-Type": "text/plain", "x-amz-meta-b": "2 ", "X-Amz-Meta-A": "1"}
    text = string_to_sign("PUT", f"/data/a%20b{query}", headers, 1175139620)

    class Fixed(HmacV1QueryAuth):
        def _get_date(self) -> str:
            return "1175139620"

    signer = Fixed(Credentials("AKID", "secret"))
    fields: Any = HTTPHeaders.from_dict(headers)
    path = urllib.parse.urlsplit(f"/data/a%20b{query}")
    assert text == signer.canonical_string("PUT", path, fields)
    assert signature("secret", text) == signer.sign_string(text)


@pytest.fixture
def without_boto(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, package=None: None if name == "boto" else find(name, package)
    )


def test_the_shim_makes_boto_importable_and_goes(without_boto: None) -> None:
    with boto.provided("memory:"):
        module = importlib.import_module("boto.s3.connection")
        assert importlib.import_module("boto").connect_s3("a", "b").create_bucket("data").name == "data"
        assert [each.name for each in module.S3Connection()] == ["data"]
        with pytest.raises(ConfigurationError, match="there already"), boto.provided("memory:"):
            pytest.fail("the block ran")


def test_a_connection_without_storage_reads_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSKIT_BOTO_STORE", raising=False)
    with pytest.raises(ConfigurationError, match="DSKIT_BOTO_STORE"):
        boto.connect_s3("a", "b")
    monkeypatch.setenv("DSKIT_BOTO_STORE", f"file:{tmp_path}")
    boto.connect_s3("a", "b").create_bucket("data")
    assert os.listdir(tmp_path / "data") is not None


def test_what_a_caller_sets_on_a_key_stays_and_what_a_read_tells_replaces_what_was_known() -> None:
    """Attributes are taken over when they are wanted first; nobody can tell."""
    bucket = boto.connect("memory:")().create_bucket("data")
    bucket.new_key("key").set_contents_from_string("1", headers={"Content-Type": "text/plain"})
    key = bucket.get_key("key")
    assert key is not None
    key.content_type = "text/csv"
    assert (key.size, key.content_type, key.md5) == (1, "text/csv", None)
    bucket.new_key("key").set_contents_from_string("22", headers={"Content-Type": "text/html"})
    assert key.read() == b"22"
    assert (key.size, key.content_type) == (2, "text/html")
    with pytest.raises(AttributeError, match="colour"):
        key.colour  # noqa: B018


def test_keys_of_a_listing_are_of_the_buckets_class() -> None:
    class Counted(Key):
        made = 0

        def __init__(self, bucket: Any = None, name: str | None = None) -> None:
            super().__init__(bucket, name)
            type(self).made += 1

    bucket = boto.connect("memory:")().create_bucket("data")
    bucket.new_key("key").set_contents_from_string("x")
    (plain,) = bucket.list()
    assert (type(plain), plain.bucket, plain.name, plain.size) == (Key, bucket, "key", 1)
    assert vars(Key(bucket, "key")).keys() <= vars(plain).keys()
    bucket.set_key_class(Counted)
    assert [(type(key), key.name, key.size) for key in bucket.list()] == [(Counted, "key", 1)]
    assert Counted.made == 1
