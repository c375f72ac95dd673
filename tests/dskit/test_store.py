"""The facade over each kind of store that needs no server: objects, copies, deletes, keys and lifetime."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import dskit

Maker = Callable[..., dskit.Store]


def part_size(store: dskit.Store) -> int:
    return max(1, store.capabilities.limits.min_part_bytes)


# put, get, head


def test_what_was_put_is_read(store: dskit.Store) -> None:
    result = store.put("a/b", b"hello", content_type="text/plain", metadata={"Colour": " blue "})
    read = store.get("a/b")
    assert read.read() == b"hello"
    assert (read.start, read.stop, read.partial) == (0, 5, False)
    meta = store.head("a/b")
    assert (meta.key, meta.size, meta.etag, meta.content_type) == ("a/b", 5, result.etag, "text/plain")
    assert meta.metadata == {"colour": "blue"}
    assert meta.etag.startswith('"')
    assert meta.last_modified.tzinfo is not None


def test_an_overwrite_merges_nothing(store: dskit.Store) -> None:
    store.put("k", b"one", content_type="text/plain", cache_control="no-store", metadata={"a": "1"})
    store.put("k", b"two")
    meta = store.head("k")
    assert (meta.content_type, meta.attributes.cache_control, dict(meta.metadata)) == ("binary/octet-stream", None, {})


def test_standard_headers_come_back(store: dskit.Store) -> None:
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    store.put("k", b"", content_disposition="inline", content_encoding="gzip", content_language="de", expires=expires)
    attributes = store.head("k").attributes
    assert attributes.content_disposition == "inline"
    assert attributes.content_encoding == "gzip"
    assert attributes.content_language == "de"
    assert attributes.expires == "Wed, 02 Jan 2030 03:04:05 GMT"


def test_a_missing_key_says_which(store: dskit.Store) -> None:
    with pytest.raises(dskit.NotFoundError) as caught:
        store.get("nothing")
    error = caught.value
    assert (error.operation, error.key, error.bucket, error.code) == ("get", "nothing", "default", "NoSuchKey")
    assert error.store == store.name
    assert isinstance(error, FileNotFoundError)
    assert not store.exists("nothing")


@pytest.mark.parametrize(
    ("asked", "expected", "bounds"),
    [
        ((0, 1), b"0", (0, 1)),
        ((2, 5), b"234", (2, 5)),
        ((7, None), b"789", (7, 10)),
        ((8, 99), b"89", (8, 10)),
        (dskit.ByteRange(suffix=3), b"789", (7, 10)),
        (dskit.ByteRange(suffix=30), b"0123456789", (0, 10)),
        (dskit.ByteRange(1, 1), b"1", (1, 2)),
    ],
)
def test_ranges(store: dskit.Store, asked: object, expected: bytes, bounds: tuple[int, int]) -> None:
    store.put("k", b"0123456789")
    with store.get("k", range=asked) as result:  # type: ignore[arg-type]
        assert (result.start, result.stop) == bounds
        assert result.partial
        assert result.meta.size == 10
        assert result.read() == expected


def test_a_range_behind_the_end_is_not_satisfiable(store: dskit.Store) -> None:
    store.put("k", b"0123456789")
    with pytest.raises(dskit.RangeNotSatisfiableError):
        store.get("k", range=(10, None))


@pytest.mark.parametrize("asked", [(3, 3), (3, 1), (-2, None), (0, "1"), 7, ("a", None)])
def test_a_tuple_that_is_no_range_is_refused(store: dskit.Store, asked: object) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.get("k", range=asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [{}, {"last": 5}, {"first": -5}, {"suffix": -3}, {"first": 3, "suffix": 2}, {"first": "1"}, {"first": True}],
    ids=str,
)
def test_a_byte_range_that_no_header_can_say_is_refused(store: dskit.Store, given: dict[str, Any]) -> None:
    store.put("k", b"0123456789")
    with pytest.raises(dskit.InvalidRequestError, match="ByteRange"):
        store.get("k", range=dskit.ByteRange(**given))


def test_a_range_with_a_part_number_is_refused(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.get("k", range=(0, 1), part_number=1)


def test_read_conditions(store: dskit.Store) -> None:
    etag = store.put("k", b"x").etag
    then = store.head("k").last_modified
    assert store.get("k", if_match=etag).read() == b"x"
    assert store.get("k", if_match=etag.strip('"')).read() == b"x"
    with pytest.raises(dskit.PreconditionFailedError):
        store.get("k", if_match='"other"')
    with pytest.raises(dskit.NotModifiedError):
        store.head("k", if_none_match=etag)
    with pytest.raises(dskit.NotModifiedError):
        store.get("k", if_modified_since=then)
    with pytest.raises(dskit.PreconditionFailedError):
        store.get("k", if_unmodified_since=then - timedelta(days=1))


def test_times_of_conditions_are_aware(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidRequestError, match="aware"):
        store.get("k", if_modified_since=datetime(2030, 1, 1))


def test_create_only(store: dskit.Store) -> None:
    store.put("k", b"one", if_none_match="*")
    with pytest.raises(dskit.AlreadyExistsError) as caught:
        store.put("k", b"two", if_none_match="*")
    assert isinstance(caught.value, FileExistsError)
    assert isinstance(caught.value, dskit.PreconditionFailedError)
    assert store.get("k").read() == b"one"


def test_replace_only(store: dskit.Store) -> None:
    with pytest.raises(dskit.NotFoundError):
        store.put("k", b"x", if_match='"any"')
    first = store.put("k", b"one").etag
    second = store.put("k", b"two", if_match=first).etag
    with pytest.raises(dskit.PreconditionFailedError):
        store.put("k", b"three", if_match=first)
    assert store.get("k", if_match=second).read() == b"two"


@pytest.mark.parametrize(
    "conditions", [{"if_none_match": '"etag"'}, {"if_match": "*"}, {"if_match": '"e"', "if_none_match": "*"}]
)
def test_write_conditions_that_s3_does_not_have_are_refused(store: dskit.Store, conditions: dict[str, str]) -> None:
    with pytest.raises(dskit.UnsupportedError) as caught:
        store.put("k", b"x", **conditions)  # type: ignore[arg-type]
    assert caught.value.code == "NotImplemented"
    assert not store.exists("k")


# digests


def test_a_wrong_digest_stores_nothing(store: dskit.Store) -> None:
    store.put("k", b"old")
    wrong_md5 = b64encode(hashlib.md5(b"other").digest()).decode()
    for options in ({"content_md5": wrong_md5}, {"checksum": ("CRC32", "AAAAAA==")}):
        with pytest.raises(dskit.ChecksumMismatchError):
            store.put("k", b"new", **options)
    assert store.get("k").read() == b"old"


def test_a_right_digest_comes_back_when_asked_for(store: dskit.Store) -> None:
    value = b64encode(hashlib.sha256(b"new").digest()).decode()
    store.put("k", b"new", checksum=("SHA256", value), content_md5=b64encode(hashlib.md5(b"new").digest()).decode())
    assert store.head("k", checksum_mode=True).checksums["SHA256"] == value


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"content_md5": "nonsense"}, "InvalidDigest"),
        ({"content_md5": "AAAA"}, "InvalidDigest"),
        ({"checksum": ("CRC32", "AAAA")}, "InvalidRequest"),
        ({"checksum": "MD5"}, "InvalidArgument"),
    ],
)
def test_a_malformed_digest_is_refused_before_any_io(store: dskit.Store, options: dict[str, str], code: str) -> None:
    with pytest.raises(dskit.InvalidRequestError) as caught:
        store.put("k", b"x", **options)  # type: ignore[arg-type]
    assert caught.value.code == code


# metadata


@pytest.mark.parametrize(
    "metadata", [{"a b": "x"}, {"": "x"}, {"ä": "x"}, {"a": "ä"}, {"a": "x\r\ny: z"}, {"a": 1}, {"A": "1", "a": "2"}]
)
def test_metadata_that_no_header_can_carry_is_refused(store: dskit.Store, metadata: dict[str, str]) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.put("k", b"x", metadata=metadata)
    assert not store.exists("k")


def test_metadata_up_to_the_limit(store: dskit.Store) -> None:
    limit = store.capabilities.limits.max_metadata_bytes or 2048
    store.put("k", b"x", metadata={"n": "v" * (limit - 1)})
    assert len(store.head("k").metadata["n"]) == limit - 1
    with pytest.raises(dskit.TooLargeError) as caught:
        store.put("k", b"y", metadata={"n": "v" * limit})
    assert caught.value.code == "MetadataTooLarge"
    assert store.get("k").read() == b"x"


def test_headers_cannot_be_smuggled(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.put("k", b"x", content_type="text/plain\r\nx-evil: 1")


# delete


def test_delete(store: dskit.Store) -> None:
    etag = store.put("k", b"x").etag
    with pytest.raises(dskit.PreconditionFailedError):
        store.delete("k", if_match='"other"')
    store.delete("k", if_match=etag)
    assert not store.exists("k")
    store.delete("k")
    with pytest.raises(dskit.NotFoundError):
        store.delete("k", if_match=etag)


def test_delete_many_takes_any_number_and_reports_each(store: dskit.Store) -> None:
    long = "x" * 2000
    keys = [f"k{number}" for number in range(10)]
    for key in keys:
        store.put(key, b"x")
    requests: list[str | dskit.DeleteRequest] = [
        *keys[:8],
        "missing",
        long,
        dskit.DeleteRequest(key="k8", if_match='"no"'),
    ]
    result = store.delete_many(iter(requests))
    assert sorted(result.deleted) == sorted([*keys[:8], "missing"])
    assert {error.key: error.code for error in result.errors} == {
        "k8": "PreconditionFailed",
        "x" * 2000: "KeyTooLongError",
    }
    assert [entry.key for entry in store.list()] == ["k8", "k9"]


def test_delete_many_of_one_string_is_a_mistake(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidRequestError, match="delete"):
        store.delete_many("key")


# copy and rename


def test_copy_keeps_or_replaces(store: dskit.Store) -> None:
    store.put("a", b"data", content_type="text/plain", metadata={"x": "1"})
    store.copy("a", "b")
    store.copy("a", "c", replace=dskit.Attributes(metadata={"Y": "2"}))
    assert store.get("b").read() == store.get("c").read() == b"data"
    assert (store.head("b").content_type, dict(store.head("b").metadata)) == ("text/plain", {"x": "1"})
    assert (store.head("c").content_type, dict(store.head("c").metadata)) == ("binary/octet-stream", {"y": "2"})


def test_copy_conditions(store: dskit.Store) -> None:
    etag = store.put("a", b"data").etag
    store.put("b", b"there")
    with pytest.raises(dskit.AlreadyExistsError):
        store.copy("a", "b", if_none_match="*")
    with pytest.raises(dskit.PreconditionFailedError):
        store.copy("a", "b", source_if_none_match=etag)
    with pytest.raises(dskit.NotFoundError) as caught:
        store.copy("nothing", "b")
    assert caught.value.key == "nothing"
    assert store.get("b").read() == b"there"
    store.copy("a", "b", source_if_match=etag)
    assert store.get("b").read() == b"data"


def test_a_copy_onto_itself_needs_a_change(store: dskit.Store) -> None:
    store.put("a", b"data", metadata={"x": "1"})
    with pytest.raises(dskit.InvalidRequestError):
        store.copy("a", "a")
    store.copy("a", "a", replace=dskit.Attributes(content_type="text/plain"))
    assert (store.get("a").read(), store.head("a").content_type, dict(store.head("a").metadata)) == (
        b"data",
        "text/plain",
        {},
    )


def test_rename(store: dskit.Store) -> None:
    store.put("a", b"1", metadata={"x": "y"})
    store.put("taken", b"2")
    with pytest.raises(dskit.AlreadyExistsError):
        store.rename("a", "taken", if_none_match="*")
    with pytest.raises(dskit.InvalidRequestError):
        store.rename("a", "a")
    assert store.get("a").read() == b"1"
    store.rename("a", "b")
    assert [entry.key for entry in store.list()] == ["b", "taken"]
    assert dict(store.head("b").metadata) == {"x": "y"}
    with pytest.raises(dskit.NotFoundError):
        store.rename("a", "c")


# keys, buckets, lifetime


@pytest.mark.parametrize("key", ["", "\ud800", "x" * 1025, None, 7, b"k"])
def test_what_is_not_a_key_is_refused_by_every_verb(store: dskit.Store, key: str) -> None:
    for call in (
        lambda: store.put(key, b""),
        lambda: store.get(key),
        lambda: store.head(key),
        lambda: store.exists(key),
        lambda: store.delete(key),
        lambda: store.copy(key, "k"),
        lambda: store.copy("k", key),
        lambda: store.rename("k", key),
        lambda: store.get_range(key, start=0, end=1),
        lambda: store.create_multipart_upload(key),
        lambda: store.list_parts(key, "id"),
        lambda: store.object_parts(key),
    ):
        with pytest.raises(dskit.InvalidKeyError):
            call()


def test_a_missing_bucket_is_said(make_store: Maker) -> None:
    store = dskit.Store(make_store().service, "no-such-bucket")
    for call in (
        lambda: store.put("k", b""),
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: list(store.list()),
        lambda: store.delete("k"),
        lambda: store.delete_many(["k"]),
        lambda: store.create_multipart_upload("k"),
    ):
        with pytest.raises(dskit.BucketNotFoundError) as caught:
            call()
        assert caught.value.bucket == "no-such-bucket"


def test_a_bad_bucket_name_is_refused(make_store: Maker) -> None:
    with pytest.raises(dskit.InvalidBucketNameError):
        dskit.Store(make_store().service, "../etc")


def test_two_memory_stores_share_nothing_but_a_service_given_to_both() -> None:
    one, two = dskit.MemoryStore(), dskit.MemoryStore()
    one.put("k", b"x")
    assert not two.exists("k")
    assert dskit.MemoryStore(service=one.service).exists("k")


def test_raw_is_refused_where_there_is_no_s3(store: dskit.Store) -> None:
    with pytest.raises(dskit.UnsupportedError, match="raw"):
        store.raw("GetBucketLocation")


def test_repr_names_the_kind_and_the_bucket(store: dskit.Store) -> None:
    assert type(store).__name__ in repr(store)
    assert "default" in repr(store)


def test_metadata_that_is_no_mapping_is_a_typed_refusal(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidRequestError, match="mapping"):
        store.put("k", b"x", metadata="colour=blue")  # type: ignore[arg-type]
    assert not store.exists("k")


def test_new_attributes_of_a_copy_are_kept_or_refused(store: dskit.Store) -> None:
    """A record of options drops nothing either, whatever the options of `put` are."""
    store.put("a", b"x")
    store.copy("a", "b", replace=dskit.Attributes(website_redirect_location="/elsewhere"))
    assert store.head("b").attributes.website_redirect_location == "/elsewhere"
    rare = dskit.Attributes(storage_class="STANDARD_IA")
    if store.capabilities.supports.put_storage_class:
        store.copy("a", "c", replace=rare)
        assert store.head("c").attributes.storage_class == "STANDARD_IA"
    else:
        with pytest.raises(dskit.UnsupportedError, match="storage_class"):
            store.copy("a", "c", replace=rare)
        assert not store.exists("c")
