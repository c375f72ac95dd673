"""Every store through obstore, over a real server: what is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from dskit import Store
from dskit.backends.azure import azure_service
from dskit.backends.gcs import gcs_service
from dskit.backends.obstore_client import ObstoreOptions
from dskit.backends.obstore_s3 import obstore_s3_service
from dskit.backends.webdav import webdav_service
from dskit.errors import (
    AlreadyExistsError,
    ConfigurationError,
    InvalidKeyError,
    InvalidRequestError,
    NotFoundError,
    NotModifiedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    UnavailableError,
    UnsupportedError,
)
from dskit.ids import SeededIds
from dskit.retry import RetryOptions

if TYPE_CHECKING:
    from dskit.backends.obstore_service import ObstoreService

KEYS = ["a", "a/b-", "b c", "b%41", "b+", "b?x=1", "b#", "dé/ü", "d/e/f", "~"]


def test_bytes_come_back(cloud: Store) -> None:
    written = cloud.put("folder/key", b"hello")
    found = cloud.get("folder/key")
    assert found.read() == b"hello"
    assert found.meta.etag == written.etag == cloud.head("folder/key").etag
    assert found.meta.etag.startswith('"')
    assert found.meta.etag.endswith('"')


def test_awkward_keys_are_exact_in_every_verb(cloud: Store) -> None:
    keys = [key for key in KEYS if key != "a" or cloud.capabilities.semantics.keys != "path"]
    for key in keys:
        cloud.put(key, key.encode())
    assert [row.key for row in cloud.list()] == sorted(keys, key=str.encode)
    assert [cloud.get(key).read() for key in keys] == [key.encode() for key in keys]
    assert [cloud.head(key).key for key in keys] == keys
    for number, key in enumerate(keys):
        cloud.copy(key, f"copy/{number}")
        assert cloud.get(f"copy/{number}").read() == key.encode()
    assert cloud.delete_many(keys).deleted == keys
    assert {row.key for row in cloud.list()} == {f"copy/{number}" for number in range(len(keys))}


@pytest.mark.parametrize("key", ["a/", "/a", "a//b", "a/../b", "a/\n"])
def test_aliases_are_refused_and_nothing_is_written(cloud: Store, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        cloud.put(key, b"x")
    with pytest.raises(InvalidKeyError):
        cloud.delete(key)
    assert list(cloud.list()) == []


def test_a_prefix_is_a_string(cloud: Store) -> None:
    for key in ("ab", "abc", "ab-d/x", "b", "other/ab"):
        cloud.put(key, b"")
    assert [row.key for row in cloud.list("ab")] == ["ab", "ab-d/x", "abc"]
    assert [row.key for row in cloud.list("ab-d/")] == ["ab-d/x"]
    assert [row.key for row in cloud.list("ab", start_after="ab")] == ["ab-d/x", "abc"]
    page = cloud.list_with_delimiter("a")
    assert ([row.key for row in page.objects], page.prefixes) == (["ab", "abc"], ["ab-d/"])
    assert list(cloud.list("//")) == []


def test_an_emptied_folder_is_no_group(cloud: Store) -> None:
    cloud.put("folder/key", b"")
    cloud.delete("folder/key")
    assert cloud.list_with_delimiter().prefixes == []


def test_only_create(cloud: Store) -> None:
    create = "*" if cloud.capabilities.supports.put_if_none_match else None
    cloud.put("k", b"first", if_none_match=create)
    if create:
        with pytest.raises(AlreadyExistsError):
            cloud.put("k", b"second", if_none_match="*")
    cloud.copy("k", "copy", if_none_match="*")
    with pytest.raises(AlreadyExistsError):
        cloud.copy("k", "copy", if_none_match="*")
    assert cloud.get("k").read() == b"first"


def test_only_replace_what_was_read(cloud: Store) -> None:
    if not cloud.capabilities.supports.put_if_match:
        pytest.skip("this store has no If-Match")
    with pytest.raises(NotFoundError):
        cloud.put("k", b"x", if_match='"any"')
    old = cloud.put("k", b"one").etag
    cloud.put("k", b"two", if_match=old)
    with pytest.raises(PreconditionFailedError):
        cloud.put("k", b"three", if_match=old)
    assert cloud.get("k").read() == b"two"


def test_ranges(cloud: Store) -> None:
    cloud.put("k", b"0123456789")
    assert cloud.get("k", range=(2, 4)).read() == b"23"
    assert cloud.get("k", range=(7, None)).read() == b"789"
    assert cloud.get("k", range=(8, 10**19)).read() == b"89"
    with pytest.raises(RangeNotSatisfiableError):
        cloud.get("k", range=(10, None))
    cloud.put("empty", b"")
    with pytest.raises(RangeNotSatisfiableError):
        cloud.get("empty", range=(0, 1))


def test_conditions_of_reads(cloud: Store) -> None:
    etag = cloud.put("k", b"x").etag
    assert cloud.get("k", if_match=etag.strip('"')).read() == b"x"
    assert cloud.get("k", if_match=f'"other", {etag}').read() == b"x"
    assert cloud.get("k", if_none_match='"other"').read() == b"x"
    with pytest.raises(PreconditionFailedError):
        cloud.get("k", if_match='"other"')
    for condition in (etag, f'"other", {etag}', "*"):
        with pytest.raises(NotModifiedError):
            cloud.get("k", if_none_match=condition)
    modified = cloud.head("k").last_modified
    with pytest.raises(NotModifiedError):
        cloud.get("k", if_modified_since=modified)
    assert cloud.get("k", if_unmodified_since=modified).read() == b"x"


def test_what_is_not_there(cloud: Store) -> None:
    for verb in (cloud.get, cloud.head):
        with pytest.raises(NotFoundError) as caught:
            verb("missing")
        assert caught.value.__cause__ is not None
        assert caught.value.key == "missing"
    assert cloud.exists("missing") is False
    cloud.delete("missing")
    with pytest.raises(NotFoundError):
        cloud.copy("missing", "k")


def test_a_copy_onto_itself_is_refused(cloud: Store) -> None:
    cloud.put("k", b"x")
    with pytest.raises(InvalidRequestError) as caught:
        cloud.copy("k", "k")
    assert caught.value.code == "InvalidRequest"


def test_data_of_unknown_length_and_a_broken_source(cloud: Store) -> None:
    cloud.put("k", iter([b"ab", b"cd"]))
    assert cloud.get("k").read() == b"abcd"

    def broken() -> object:
        yield b"xy"
        raise RuntimeError("source")

    with pytest.raises(RuntimeError, match="source"):
        cloud.put("k", broken())  # type: ignore[arg-type]
    assert cloud.get("k").read() == b"abcd"


def test_undeclared_options_are_refused(cloud: Store) -> None:
    cloud.put("k", b"x")
    etag = cloud.head("k").etag
    for call in (
        lambda: cloud.put("k", b"y", content_md5="1B2M2Y8AsgTpgAmY7PhCfg=="),
        lambda: cloud.put("k", b"y", checksum="CRC32"),
        lambda: cloud.put("k", b"y", cache_control="no-cache"),
        lambda: cloud.delete("k", if_match=etag),
        cloud.list_page,
        lambda: cloud.list_with_delimiter(delimiter="-"),
        lambda: cloud.create_multipart_upload("k"),
        lambda: cloud.raw("GetObject"),
    ):
        with pytest.raises(UnsupportedError):
            call()
    assert cloud.get("k").read() == b"x"


def test_a_server_that_is_gone_is_unavailable(cloud: Store) -> None:
    from dskit import WebDAVStore

    with WebDAVStore("http://127.0.0.1:9/data", retries=RetryOptions(attempts=1)) as gone:
        with pytest.raises(UnavailableError, match="no connection"):
            gone.get("k")
        with pytest.raises(UnavailableError, match="no connection"):
            gone.put("k", b"")  # provably not written


MAKERS: list[Callable[..., ObstoreService]] = [
    partial(obstore_s3_service, anonymous=True),
    partial(azure_service, account="a", anonymous=True),
    partial(gcs_service, anonymous=True),
    partial(webdav_service, "http://127.0.0.1:9/data"),
]


@pytest.mark.parametrize("make", MAKERS)
def test_options_of_all_of_them_are_taken_by_each(make: Callable[..., ObstoreService]) -> None:
    retries, waits = RetryOptions(attempts=1), list[float]()
    options: ObstoreOptions = {
        "retries": retries,
        "connect_timeout": 1,
        "read_timeout": 1,
        "verify": False,
        "part_bytes": 7,
        "capabilities": {"supports": {"sign": False}, "limits": {"max_page": 3}},
        "ids": SeededIds(1),
        "sleep": waits.append,
    }
    assert options.keys() == ObstoreOptions.__annotations__.keys()
    service = make(**options)
    assert (service.part_bytes, service.capabilities.limits.max_page) == (7, 3)
    assert (service.retrier.options, service.retrier.sleep, service.retrier.ids) == (
        retries,
        waits.append,
        options["ids"],
    )
    with pytest.raises(ConfigurationError, match="verify"):
        make(verify="/absent.pem")


@pytest.mark.parametrize("make", MAKERS)
def test_an_option_that_none_of_them_has_is_refused(make: Callable[..., ObstoreService]) -> None:
    with pytest.raises(TypeError, match="no option base, colour"):
        make(colour="blue", base="x")
