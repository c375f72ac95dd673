"""Successes that no S3 server would send: the page of a proxy, a document that was cut, bytes that were not asked for.

None is taken for an empty listing, a stored object, or the bytes of a range.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import dskit
import dskit_emulator
from dskit import checksums
from dskit.backends.s3 import RetryOptions
from dskit.errors import (
    ChecksumMismatchError,
    NotFoundError,
    NotModifiedError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    TooLargeError,
    UnavailableError,
)
from tests.dskit.backends.conftest import Maker
from tests.dskit.backends.faulty_proxy import Fault, FaultyProxy, answer

LOGIN = b"<html><head/><body>Please log in</body></html>"
BODY = bytes(range(100))
ETAG = 'ETag: "e"\r\n'
ROW = b"<Contents><Key>k</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents>"


def page(*elements: bytes) -> bytes:
    name = b"ListBucketResult"
    return b'<%s xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s</%s>' % (name, b"".join(elements), name)


@pytest.fixture
def store(connect: Maker, proxy: FaultyProxy, s3: dskit_emulator.Endpoint) -> dskit.Store:
    """Through the proxy; no answer is waited for twice."""
    s3.direct("data").put("k", BODY)
    return dskit.Store(connect(proxy.url, retries=RetryOptions(attempts=1)), "data")


@pytest.mark.parametrize("document", [LOGIN, b"", b"nothing", page(ROW), page(ROW, b"<IsTruncated>true</IsTruncated>")])
def test_a_listing_that_is_none_is_not_empty_and_not_the_end(
    store: dskit.Store, proxy: FaultyProxy, document: bytes
) -> None:
    """LIST-39, LIST-40: a truncated page without a token, one that does not say whether it is truncated."""
    proxy.plan = [answer(200, body=document), answer(200, body=document)]
    with pytest.raises(UnavailableError):
        list(store.list())
    with pytest.raises(UnavailableError):
        store.list_with_delimiter()


def test_a_listing_whose_token_stands_still_ends_as_an_error(store: dskit.Store, proxy: FaultyProxy) -> None:
    """LIST-05, LIST-21, LIST-38: such a server would be asked for ever."""
    same = page(ROW, b"<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>")
    proxy.plan = [answer(200, body=same)] * 4
    with pytest.raises(UnavailableError, match="does not get on"):
        list(store.list())
    with pytest.raises(UnavailableError, match="does not get on"):
        store.list_with_delimiter()


def test_a_listing_is_asked_for_again_where_a_proxy_answered(
    connect: Maker, proxy: FaultyProxy, s3: dskit_emulator.Endpoint
) -> None:
    s3.direct("data").put("k", BODY)
    patient = dskit.Store(connect(proxy.url, sleep=lambda _: None), "data")
    proxy.plan = [answer(200, body=LOGIN)]
    assert [row.key for row in patient.list()] == ["k"]


WRITES: dict[str, Callable[[dskit.Store], object]] = {
    "put": lambda store: store.put("n", b"x"),
    "create": lambda store: store.create_multipart_upload("n"),
    "part": lambda store: store.upload_part("n", "u", 1, b"x"),
    "part copy": lambda store: store.upload_part_copy("n", "u", 1, "k"),
    "complete": lambda store: store.complete_multipart_upload("n", "u", [dskit.CompletedPart(number=1, etag='"e"')]),
    "copy": lambda store: store.copy("k", "n"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("document", [LOGIN, b""], ids=["page", "nothing"])
def test_a_write_that_something_else_answered_is_not_done(
    store: dskit.Store, proxy: FaultyProxy, write: Callable[[dskit.Store], object], document: bytes
) -> None:
    proxy.plan = [answer(200, body=document)]
    with pytest.raises(OutcomeUnknownError) as caught:
        write(store)
    assert caught.value.details == {"Cause": "MalformedAnswer"}


def test_a_key_that_a_batch_does_not_account_for_is_an_error_of_that_key(
    store: dskit.Store, proxy: FaultyProxy
) -> None:
    proxy.plan = [answer(200, body=b"<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>")]
    result = store.delete_many(["a", "b", "c\rd"])
    assert result.deleted == ["a"]
    assert [(row.key, row.code) for row in result.errors] == [("b", "OutcomeUnknown"), ("c\rd", "OutcomeUnknown")]


def test_a_page_is_neither_an_object_nor_a_list_of_buckets(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(200, body=LOGIN)] * 4
    for read in (store.head, store.get, store.exists, lambda key: store.service.list_buckets()):
        with pytest.raises(UnavailableError) as caught:
            read("k")
        assert caught.value.code == "MalformedAnswer"


def test_a_body_of_no_length_is_refused(store: dskit.Store, proxy: FaultyProxy) -> None:
    """Where a connection ends an answer there is no telling whether it is whole."""
    proxy.plan = [Fault(forward=False, answer=b'HTTP/1.1 200 OK\r\nETag: "e"\r\nConnection: close\r\n\r\nabc')]
    with pytest.raises(UnavailableError, match="Content-Length"):
        store.get("k")


def test_parts_that_go_on_without_saying_where_are_an_error(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(200, body=b"<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>")]
    with pytest.raises(UnavailableError):
        store.list_parts("k", "u")


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.get("k", range=(5, 10)).read(),
        lambda store: store.get_range("k", start=5, end=10),
        lambda store: store.get_ranges("k", starts=[5], lengths=[2]),
        lambda store: store.get("k", range=dskit.ByteRange(suffix=3)).read(),
    ],
)
@pytest.mark.parametrize(
    "given",
    [
        answer(200, body=BODY, extra=ETAG),
        answer(206, body=BODY[50:55], extra=f"{ETAG}Content-Range: bytes 50-54/100\r\n"),
    ],
    ids=["whole", "elsewhere"],
)
def test_bytes_that_were_not_asked_for_are_refused(
    store: dskit.Store, proxy: FaultyProxy, read: Callable[[dskit.Store], object], given: Fault
) -> None:
    """RANGE-02: a server may ignore a Range (RFC 9110 section 14.2); its first bytes are not those of the range."""
    proxy.plan = [given]
    with pytest.raises(UnavailableError) as caught:
        read(store)
    assert caught.value.code == "BadContentRange"
    assert not caught.value.retryable


def test_a_range_that_is_the_whole_object_may_be_answered_as_such(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(200, body=BODY, extra=ETAG)]
    assert store.get("k", range=(0, 500)).read() == BODY


def test_the_checksum_of_the_whole_is_not_held_against_a_range(store: dskit.Store, proxy: FaultyProxy) -> None:
    """RANGE-13: servers have sent it with a 206."""
    of_the_whole = "x-amz-checksum-crc32: AAAAAA==\r\nx-amz-checksum-type: FULL_OBJECT\r\n"
    proxy.plan = [answer(206, body=BODY[5:10], extra=f"{ETAG}{of_the_whole}Content-Range: bytes 5-9/100\r\n")]
    assert store.get("k", range=(5, 10)).read() == BODY[5:10]


READS = [lambda result: result.read(), list, lambda result: result.read(100)]


def announced(algorithm: str, data: bytes) -> str:
    value = checksums.encode(checksums.crc(algorithm, data))
    return f"{ETAG}x-amz-checksum-{algorithm.lower()}: {value}\r\nx-amz-checksum-type: FULL_OBJECT\r\n"


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("algorithm", checksums.ALGORITHMS)
def test_the_checksum_is_compared_before_the_last_bytes_are_given_out(
    store: dskit.Store, proxy: FaultyProxy, read: Callable[[dskit.GetResult], object], algorithm: str
) -> None:
    proxy.plan = [answer(200, body=BODY, extra=announced(algorithm, b"other"))]
    with pytest.raises(ChecksumMismatchError, match="read it again") as caught:
        read(store.get("k"))
    assert caught.value.key == "k"
    assert proxy.requests[-1].headers["x-amz-checksum-mode"] == "ENABLED"
    proxy.plan = [answer(200, body=BODY, extra=announced(algorithm, BODY))]
    assert store.get("k").read() == BODY


def test_a_checksum_of_checksums_says_nothing_of_the_bytes_alone(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(200, body=BODY, extra=f"{ETAG}x-amz-checksum-crc32: AAAAAA==-2\r\n")]
    assert store.get("k").read() == BODY


def test_a_checksum_that_was_not_asked_to_be_shown_is_not(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(200, body=BODY, extra=announced("CRC32", BODY))] * 2
    assert store.get("k").meta.checksums == {}
    assert set(store.get("k", checksum_mode=True).meta.checksums) == {"CRC32"}


def continued(at: int) -> Fault:
    return answer(206, body=BODY[at:], extra=f"{ETAG}Content-Range: bytes {at}-99/100\r\n")


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("algorithm", checksums.ALGORITHMS)
def test_the_checksum_is_compared_over_all_answers_of_a_read_that_was_continued(
    connect: Maker, proxy: FaultyProxy, read: Callable[[dskit.GetResult], object], algorithm: str
) -> None:
    """botocore, which compares by itself, does so within one answer alone."""
    store = dskit.Store(connect(proxy.url, retries=RetryOptions(attempts=2), sleep=lambda _: None), "data")

    def plan(whole: bytes) -> list[Fault]:
        first = answer(200, body=BODY, extra=announced(algorithm, whole))._replace(body_bytes=30)
        return [first, continued(30)._replace(body_bytes=30), continued(60)]

    proxy.plan = plan(b"other")
    with pytest.raises(ChecksumMismatchError, match="read it again"):
        read(store.get("k"))
    proxy.plan = plan(BODY)
    assert store.get("k").read() == BODY
    assert len(proxy.requests) == 6


def test_a_continued_read_without_a_checksum_of_the_whole_is_not_compared(connect: Maker, proxy: FaultyProxy) -> None:
    """A range has none, and a checksum of checksums (``BASE64-N``) says nothing of the bytes alone."""
    store = dskit.Store(connect(proxy.url, retries=RetryOptions(attempts=2), sleep=lambda _: None), "data")
    of_parts = answer(200, body=BODY, extra=f"{ETAG}x-amz-checksum-crc32: AAAAAA==-2\r\n")
    of_the_whole = f"{ETAG}x-amz-checksum-crc32: AAAAAA==\r\nContent-Range: bytes 0-99/100\r\n"
    proxy.plan = [of_parts._replace(body_bytes=60), continued(60)]
    assert store.get("k").read() == BODY
    proxy.plan = [answer(206, body=BODY, extra=of_the_whole)._replace(body_bytes=60), continued(60)]
    assert store.get("k", range=(0, 100)).read() == BODY


TOO_LARGE = (
    b"<?xml version='1.0'?><Error><Code>InvalidRequest</Code><Message>The specified copy source is larger than the "
    b"maximum allowable size for a copy source: 5368709120</Message></Error>"
)
"""What S3 answers to CopyObject and UploadPartCopy of more than 5 GiB."""


def test_a_copy_of_more_than_one_request_takes_names_the_remedy(store: dskit.Store, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(400, body=TOO_LARGE)]
    with pytest.raises(TooLargeError, match=r"5368709120; dskit\.transfer\.copy copies it in parts") as caught:
        store.copy("k", "copy")
    assert (caught.value.operation, caught.value.code) == ("copy", "InvalidRequest")


def test_a_copy_of_what_is_not_there_names_the_source(store: dskit.Store, s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("other")
    for source, options, named in (
        ("gone", {}, ("data", "gone")),
        ("away", {"source_bucket": "other"}, ("other", "away")),
        ("k", {"if_match": '"e"'}, ("data", "copy")),  # that is the target which is not there
    ):
        with pytest.raises(NotFoundError) as caught:
            store.copy(source, "copy", **options)  # type: ignore[arg-type]
        assert (caught.value.bucket, caught.value.key) == named


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (304, NotModifiedError, "still what if_none_match"),
        (403, PermissionDeniedError, "have it granted"),
        (404, NotFoundError, "check the key"),
        (412, PreconditionFailedError, "decide anew"),
        (416, RangeNotSatisfiableError, "head tells its size"),
        (503, UnavailableError, "the server answered 503|Service"),
    ],
)
def test_an_answer_without_a_document_is_put_into_words(
    store: dskit.Store, proxy: FaultyProxy, status: int, kind: type[dskit.StoreError], remedy: str
) -> None:
    """Every answer to HEAD is one; what an HTTP library says of it is its reason phrase."""
    proxy.plan = [answer(status, body=b"")]
    with pytest.raises(kind, match=remedy) as caught:
        store.head("k")
    assert caught.value.key == "k"
