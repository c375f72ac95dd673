"""The facade: every verb, over each kind of store that needs no server."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dskit
from dskit.flows import merged_spans

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


# listing

KEYS = ["a", "b.txt", "b/1", "b/2", "b/c/3", "b0", "ä", "中/x", "\U0001f600"]


@pytest.fixture
def listed(store: dskit.Store) -> dskit.Store:
    for key in reversed(KEYS):
        store.put(key, key.encode())
    return store


def test_list_is_in_utf8_order_and_lazy(listed: dskit.Store) -> None:
    assert [entry.key for entry in listed.list(page_size=2)] == sorted(KEYS, key=str.encode)
    rows = listed.list(page_size=1)
    assert next(rows).key == "a"
    listed.put("a1", b"")
    assert next(rows).key == "a1"


def test_list_agrees_with_head(listed: dskit.Store) -> None:
    for entry in listed.list():
        meta = listed.head(entry.key)
        assert (entry.size, entry.etag, entry.last_modified) == (meta.size, meta.etag, meta.last_modified)


def test_a_prefix_is_a_string(listed: dskit.Store) -> None:
    assert [entry.key for entry in listed.list("b")] == ["b.txt", "b/1", "b/2", "b/c/3", "b0"]
    assert [entry.key for entry in listed.list("b/")] == ["b/1", "b/2", "b/c/3"]
    assert [entry.key for entry in listed.list("b", start_after="b/1")] == ["b/2", "b/c/3", "b0"]
    assert list(listed.list("zzz")) == []


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_with_a_delimiter(listed: dskit.Store, size: int) -> None:
    rows: list[str] = []
    token = None
    while True:
        page = listed.list_page(delimiter="/", max_keys=size, token=token)
        rows += sorted([entry.key for entry in page.objects] + page.prefixes, key=str.encode)
        assert len(page.objects) + len(page.prefixes) <= size
        token = page.next_token
        if token is None:
            break
    assert rows == ["a", "b.txt", "b/", "b0", "ä", "中/", "\U0001f600"]


def test_all_groups_at_once_with_any_delimiter(listed: dskit.Store) -> None:
    page = listed.list_with_delimiter("b/", delimiter="/")
    assert ([entry.key for entry in page.objects], page.prefixes, page.next_token) == (["b/1", "b/2"], ["b/c/"], None)
    assert listed.list_with_delimiter(delimiter=".t").prefixes == ["b.t"]
    assert listed.list_with_delimiter("b", start_after="b/1").prefixes == []


def test_odd_pages(listed: dskit.Store) -> None:
    assert listed.list_page(max_keys=0) == dskit.ListPage()
    assert len(listed.list_page(max_keys=99_999).objects) == len(KEYS)
    for options in ({"max_keys": -1}, {"token": ""}, {"token": "nonsense"}):
        with pytest.raises(dskit.InvalidRequestError):
            listed.list_page(**options)
    first = listed.list_page(max_keys=2)
    assert listed.list_page(token=first.next_token, start_after="ä").objects[0].key == KEYS[2]


def test_refusals_of_list_come_before_the_first_row(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidKeyError):
        store.list("\ud800")
    with pytest.raises(dskit.InvalidRequestError):
        store.list(page_size=0)


# ranges of one object


def test_get_range(store: dskit.Store) -> None:
    store.put("k", b"0123456789")
    assert store.get_range("k", start=2, end=5) == b"234"
    assert store.get_range("k", start=8, length=9) == b"89"
    assert store.get_range("k", start=10, length=0) == b""
    for options in ({"start": 1}, {"start": 1, "end": 2, "length": 1}, {"start": 3, "end": 2}, {"start": -1, "end": 2}):
        with pytest.raises(dskit.InvalidRequestError):
            store.get_range("k", **options)
    with pytest.raises(dskit.RangeNotSatisfiableError):
        store.get_range("k", start=10, end=11)
    with pytest.raises(dskit.NotFoundError):
        store.get_range("missing", start=0, end=0)


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 45)), max_size=8).map(
    lambda pairs: [(min(pair), max(pair)) for pair in pairs]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ranges=RANGES, coalesce=st.integers(0, 50))
def test_coalesced_ranges_are_what_single_ones_are(ranges: list[tuple[int, int]], coalesce: int) -> None:
    """Also in their errors: a range behind the end is not hidden by a neighbour that it was fetched with."""
    store = dskit.MemoryStore()
    data = bytes(range(41))
    store.put("k", data)
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    if any(start > 41 or (start == 41 and end > start) for start, end in ranges):
        with pytest.raises(dskit.RangeNotSatisfiableError):
            store.get_ranges("k", starts=starts, ends=ends, coalesce=coalesce)
    else:
        assert store.get_ranges("k", starts=starts, ends=ends, coalesce=coalesce) == [data[a:b] for a, b in ranges]


@given(ranges=RANGES, coalesce=st.integers(0, 50))
def test_spans_cover_all_ranges_and_stay_apart(ranges: list[tuple[int, int]], coalesce: int) -> None:
    spans = merged_spans(ranges, coalesce)
    assert all(any(a <= start and stop <= b for a, b in spans) for start, stop in ranges)
    assert all(right[0] - left[1] > coalesce for left, right in pairwise(spans))


# multipart


def test_multipart(store: dskit.Store) -> None:
    size = part_size(store)
    upload = store.create_multipart_upload("k/m", content_type="text/plain", metadata={"A": "b"})
    second = store.upload_part("k/m", upload.upload_id, 2, b"tail")
    store.upload_part("k/m", upload.upload_id, 1, b"replaced" * size)
    first = store.upload_part("k/m", upload.upload_id, 1, b"x" * size)
    page = store.list_parts("k/m", upload.upload_id, max_parts=1)
    assert ([part.number for part in page.parts], page.next_marker, page.upload.key) == ([1], 1, "k/m")
    assert [part.number for part in store.list_parts("k/m", upload.upload_id, after=1).parts] == [2]
    assert [info.key for info in store.list_uploads("k/").uploads] == ["k/m"]
    assert store.list_uploads(delimiter="/").prefixes == ["k/"]
    assert not store.exists("k/m")
    result = store.complete_multipart_upload("k/m", upload.upload_id, [first, second])
    assert store.get("k/m").read() == b"x" * size + b"tail"
    meta = store.head("k/m")
    assert (meta.etag, meta.content_type, dict(meta.metadata), meta.parts_count) == (
        result.etag,
        "text/plain",
        {"a": "b"},
        2,
    )
    with store.get("k/m", part_number=2) as part:
        assert (part.read(), part.start) == (b"tail", size)
    parts = store.object_parts("k/m")
    assert parts is not None
    assert [(part.number, part.size) for part in parts.parts] == [(1, size), (2, 4)]
    assert store.list_uploads().uploads == []


def test_a_failed_completion_leaves_the_upload(store: dskit.Store) -> None:
    store.put("k", b"old")
    upload = store.create_multipart_upload("k")
    part = store.upload_part("k", upload.upload_id, 1, b"new")
    with pytest.raises(dskit.InvalidPartError):
        store.complete_multipart_upload("k", upload.upload_id, [dskit.CompletedPart(number=1, etag='"wrong"')])
    with pytest.raises(dskit.InvalidPartError):
        store.complete_multipart_upload("k", upload.upload_id, [part, part])
    with pytest.raises(dskit.InvalidRequestError):
        store.complete_multipart_upload("k", upload.upload_id, [])
    with pytest.raises(dskit.AlreadyExistsError):
        store.complete_multipart_upload("k", upload.upload_id, [part], if_none_match="*")
    assert store.get("k").read() == b"old"
    store.complete_multipart_upload("k", upload.upload_id, [part])
    assert store.get("k").read() == b"new"


def test_an_aborted_upload_is_gone(store: dskit.Store) -> None:
    upload = store.create_multipart_upload("k")
    store.upload_part("k", upload.upload_id, 1, b"x")
    store.abort_multipart_upload("k", upload.upload_id)
    for call in (
        lambda: store.upload_part("k", upload.upload_id, 2, b"x"),
        lambda: store.list_parts("k", upload.upload_id),
        lambda: store.abort_multipart_upload("k", upload.upload_id),
        lambda: store.complete_multipart_upload("k", upload.upload_id, [dskit.CompletedPart(number=1)]),
    ):
        with pytest.raises(dskit.UploadNotFoundError):
            call()


@pytest.mark.parametrize("upload_id", ["", "nonsense", "../../etc", "a" * 48, "\0"])
def test_an_unknown_upload_is_not_found(store: dskit.Store, upload_id: str) -> None:
    with pytest.raises(dskit.UploadNotFoundError):
        store.list_parts("k", upload_id)


@pytest.mark.parametrize("number", [0, -1, 10_001, "1", None])
def test_part_numbers(store: dskit.Store, number: int) -> None:
    upload = store.create_multipart_upload("k")
    with pytest.raises(dskit.InvalidRequestError) as caught:
        store.upload_part("k", upload.upload_id, number, b"x")
    assert caught.value.code == "InvalidArgument"


def test_part_copy(store: dskit.Store) -> None:
    store.put("source", b"0123456789")
    upload = store.create_multipart_upload("k")
    part = store.upload_part_copy("k", upload.upload_id, 1, "source", range=(2, 6))
    with pytest.raises(dskit.InvalidRequestError):
        store.upload_part_copy("k", upload.upload_id, 2, "source", range=(2, 11))
    store.complete_multipart_upload("k", upload.upload_id, [part])
    assert store.get("k").read() == b"2345"


# the prefix


def test_a_prefix_is_invisible(make_store: Maker) -> None:
    whole = make_store()
    inside = dskit.Store(whole.service, whole.bucket, prefix="in/side-")
    whole.put("out", b"")
    inside.put("a/1", b"1", metadata={"x": "y"})
    inside.put("b", b"2")
    assert [entry.key for entry in whole.list()] == ["in/side-a/1", "in/side-b", "out"]
    assert [entry.key for entry in inside.list()] == ["a/1", "b"]
    assert [entry.key for entry in inside.list(start_after="a/1")] == ["b"]
    assert inside.list_with_delimiter().prefixes == ["a/"]
    page = inside.list_page(max_keys=1)
    assert [entry.key for entry in inside.list_page(token=page.next_token).objects] == ["b"]
    assert inside.get("b").meta.key == inside.head("b").key == "b"
    inside.copy("b", "c")
    inside.rename("c", "d")
    upload = inside.create_multipart_upload("up/load")
    assert upload.key == "up/load"
    part = inside.upload_part_copy("up/load", upload.upload_id, 1, "b")
    assert inside.list_parts("up/load", upload.upload_id).upload.key == "up/load"
    uploads = inside.list_uploads("up")
    assert [info.key for info in uploads.uploads] == ["up/load"]
    assert inside.list_uploads(delimiter="/").prefixes == ["up/"]
    inside.complete_multipart_upload("up/load", upload.upload_id, [part])
    with pytest.raises(dskit.NotFoundError) as caught:
        inside.get("nope")
    assert caught.value.key == "nope"
    result = inside.delete_many(["a/1", "b", dskit.DeleteRequest(key="d", if_match='"no"')])
    assert (result.deleted, [error.key for error in result.errors]) == (["a/1", "b"], ["d"])
    assert [entry.key for entry in whole.list()] == ["in/side-d", "in/side-up/load", "out"]


def test_errors_speak_of_keys_without_the_prefix_even_where_they_begin_with_it(make_store: Maker) -> None:
    inside = dskit.Store(make_store().service, "default", prefix="p/")
    for call in (
        lambda: inside.get("p/p/x"),
        lambda: inside.get_range("p/p/x", start=0, end=1),
        lambda: inside.rename("p/p/x", "y"),
        lambda: inside.copy("p/p/x", "y"),
        lambda: inside.delete("p/p/x", if_match='"e"'),
    ):
        with pytest.raises(dskit.NotFoundError) as caught:
            call()
        assert caught.value.key == "p/p/x"


def test_an_error_has_the_name_of_the_verb(store: dskit.Store) -> None:
    for name, call in (
        ("get_ranges", lambda: store.get_ranges("x", starts=[0], ends=[1])),
        ("rename", lambda: store.rename("x", "y")),
        ("upload_part", lambda: store.upload_part("x", "id", 1, b"")),
        ("list_parts", lambda: store.list_parts("x", "id")),
        ("list", lambda: store.list("\ud800")),
    ):
        with pytest.raises(dskit.StoreError) as caught:
            call()
        assert (caught.value.operation, caught.value.bucket) == (name, "default")
        assert name in str(caught.value)


def test_the_prefix_counts_for_the_length_of_a_key(make_store: Maker) -> None:
    inside = dskit.Store(make_store().service, "default", prefix="x/" * 10)
    with pytest.raises(dskit.InvalidKeyError):
        inside.put("k" * 1010, b"")
    with pytest.raises(dskit.InvalidKeyError):
        inside.put("", b"")


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


def test_parts_that_are_no_records_are_a_typed_refusal(store: dskit.Store) -> None:
    upload = store.create_multipart_upload("k").upload_id
    store.upload_part("k", upload, 1, b"x")
    with pytest.raises(dskit.InvalidRequestError, match="CompletedPart"):
        store.complete_multipart_upload("k", upload, [1])  # type: ignore[list-item]
    assert not store.exists("k")
