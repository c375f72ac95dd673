"""The rules of repeating, the translation of codes, and the body that a library reads: without a server."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from dskit.backends.remote_body import SourceBody
from dskit.backends.remote_common import bare_url, overridden
from dskit.backends.remote_errors import answered, error_for
from dskit.backends.remote_meta import http_date, quoted, span_of
from dskit.backends.remote_xml import readable, xml_can_carry
from dskit.capabilities import Capabilities
from dskit.errors import (
    AlreadyExistsError,
    AuthenticationError,
    BucketNotFoundError,
    ConfigurationError,
    InvalidKeyError,
    InvalidRequestError,
    NotFoundError,
    NotModifiedError,
    OutcomeUnknownError,
    PreconditionFailedError,
    StoreError,
    ThrottledError,
    UnavailableError,
)
from dskit.ids import SeededIds
from dskit.retry import Failure, Retrier, RetryOptions, Safety
from dskit.sources import BufferSource, FileSource, IterableSource


class Broken(Exception):
    """What a library would raise."""


def failing(times: int) -> Iterator[int]:
    yield from range(times)


def run(retrier: Retrier, failures: int, failure: Failure, safety: Safety, *, rewindable: bool = True) -> int:
    """Calls made until one succeeds, the first `failures` of which fail."""
    calls = 0

    def call() -> int:
        nonlocal calls
        calls += 1
        if calls <= failures:
            raise Broken
        return calls

    return retrier.run(call, lambda _: failure, foreign=(Broken,), safety=safety, rewindable=rewindable)


def retrier(pauses: list[float] | None = None, **options: float) -> Retrier:
    settings = RetryOptions(**options)  # type: ignore[arg-type]
    return Retrier(settings, sleep=([] if pauses is None else pauses).append, ids=SeededIds(1))


UNSENT = Failure(error=UnavailableError("no connection"), again=True)
LOST = Failure(error=UnavailableError("reset"), again=True, lost=True)
FINAL = Failure(error=StoreError("no"))


@pytest.mark.parametrize("safety", list(Safety))
def test_what_was_never_sent_is_tried_again_for_every_call(safety: Safety) -> None:
    assert run(retrier(), 2, UNSENT, safety) == 3
    with pytest.raises(UnavailableError):
        run(retrier(), 3, UNSENT, safety)


@pytest.mark.parametrize("safety", [Safety.READ, Safety.IDEMPOTENT])
def test_a_lost_answer_is_asked_for_again_where_a_repeat_is_harmless(safety: Safety) -> None:
    assert run(retrier(), 2, LOST, safety) == 3


@pytest.mark.parametrize("rewindable", [True, False])
def test_a_lost_answer_of_a_call_that_counts_is_an_unknown_outcome(rewindable: bool) -> None:
    with pytest.raises(OutcomeUnknownError):
        run(retrier(), 1, LOST, Safety.ONCE, rewindable=rewindable)


def test_a_body_that_cannot_be_rewound_is_sent_once() -> None:
    """CLIENT-05: an exhausted source is never sent as an empty one."""
    with pytest.raises(UnavailableError):
        run(retrier(), 1, UNSENT, Safety.IDEMPOTENT, rewindable=False)
    with pytest.raises(OutcomeUnknownError):
        run(retrier(), 1, LOST, Safety.IDEMPOTENT, rewindable=False)


def test_what_cannot_get_better_is_final() -> None:
    with pytest.raises(StoreError, match="no"):
        run(retrier(), 1, FINAL, Safety.READ)


def test_pauses_are_drawn_below_a_ceiling_that_doubles_up_to_the_cap() -> None:
    pauses: list[float] = []
    patient = retrier(pauses, attempts=7, base=1.0, cap=8.0)
    assert run(patient, 6, UNSENT, Safety.READ) == 7
    ceilings = [1, 2, 4, 8, 8, 8]
    assert all(0 < pause < ceiling for pause, ceiling in zip(pauses, ceilings, strict=True))
    assert len(set(pauses)) == 6


def test_the_pause_before_an_attempt_far_out_is_the_cap_at_most() -> None:
    pauses: list[float] = []
    retrier(pauses, cap=0.01).pause(100_000)
    assert 0 < pauses[0] <= 0.01


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"base": -1.0}, {"cap": -0.1}, {"cap": float("nan")}])
def test_retry_options_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        RetryOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "status", "exclusive", "kind", "shown"),
    [
        ("NoSuchKey", 404, False, NotFoundError, "NoSuchKey"),
        ("404", 404, False, NotFoundError, "NoSuchKey"),
        ("", 304, False, NotModifiedError, "NotModified"),
        ("", 412, False, PreconditionFailedError, "PreconditionFailed"),
        ("PreconditionFailed", 412, True, AlreadyExistsError, "PreconditionFailed"),
        ("NoSuchBucket", 404, False, BucketNotFoundError, "NoSuchBucket"),
        ("InvalidAccessKeyId", 403, False, AuthenticationError, "InvalidAccessKeyId"),
        ("KeyTooLongError", 400, False, InvalidKeyError, "KeyTooLongError"),
        ("SomethingNew", 400, False, InvalidRequestError, "SomethingNew"),
        ("SomethingNew", 503, False, UnavailableError, "SomethingNew"),
        ("", 418, False, InvalidRequestError, "HTTP418"),
        ("", 502, False, UnavailableError, "ServiceUnavailable"),
        ("", 429, False, ThrottledError, "SlowDown"),
    ],
)
def test_codes_and_statuses(code: str, status: int, exclusive: bool, kind: type[StoreError], shown: str) -> None:
    error = error_for(code, status, exclusive=exclusive)
    assert (type(error), error.code) == (kind, shown)


def test_the_details_of_an_error_hold_nothing_of_its_authentication() -> None:
    echoed = {"AWSAccessKeyId": "AKIA", "StringToSign": "…", "SignatureProvided": "…", "Condition": "If-Match"}
    assert error_for("SignatureDoesNotMatch", 403, details=echoed).details == {"Condition": "If-Match"}


@pytest.mark.parametrize(
    ("code", "status", "lost", "again"),
    [
        ("InternalError", 500, True, True),
        ("ServiceUnavailable", 503, True, True),
        ("SlowDown", 503, False, True),
        ("XMinioServerNotInitialized", 503, False, True),
        ("RequestTimeout", 400, False, True),
        ("PreconditionFailed", 500, False, False),
        ("NotImplemented", 501, False, False),
        ("AccessDenied", 403, False, False),
    ],
)
def test_which_answers_leave_the_outcome_open(code: str, status: int, lost: bool, again: bool) -> None:
    failure = answered(error_for(code, status), status)
    assert (failure.lost, failure.again) == (lost, again)


def test_a_body_can_be_read_again_from_any_place() -> None:
    body = SourceBody(IterableSource([b"abc", b"", b"defgh"], 8))
    assert body.seek(0, io.SEEK_END) == 8
    assert body.read() == b""
    body.seek(2)
    assert body.read(3) == b"cde"
    assert body.tell() == 5
    assert body.read() == b"fgh"
    body.seek(0)
    assert body.read() == b"abcdefgh"
    assert body.seekable()


def test_a_body_reads_whole_pieces_from_small_chunks() -> None:
    body = SourceBody(IterableSource(iter([b"%d" % (n % 10) for n in range(100)])))
    assert [len(body.read(30)) for _ in range(5)] == [30, 30, 30, 10, 0]
    assert not body.seekable()


@pytest.mark.parametrize("chunks", [[b"ab"], [b"abcd"], [b"abc", b"d"], []])
def test_a_body_of_another_length_than_announced_never_ends_well(chunks: list[bytes]) -> None:
    body = SourceBody(IterableSource(chunks, 3))
    with pytest.raises(InvalidRequestError) as raised:
        body.read()
    assert raised.value.code == "IncompleteBody"
    assert body.failure is raised.value


def test_a_body_of_a_file_starts_where_the_file_was() -> None:
    file = io.BytesIO(b"skip this")
    file.seek(5)
    body = SourceBody(FileSource(file))
    assert (body.read(), body.seek(0), body.read()) == (b"this", 0, b"this")


def test_a_body_of_bytes() -> None:
    body = SourceBody(BufferSource(memoryview(b"abc")))
    assert (body.read(2), body.read(2), body.read(2)) == (b"ab", b"c", b"")


def test_overrides_change_what_they_name() -> None:
    declared = Capabilities()
    changed = overridden(declared, {"supports": {"delete_if_match": False}, "limits": {"min_part_bytes": 1}})
    assert not changed.supports.delete_if_match
    assert changed.limits.min_part_bytes == 1
    assert changed.semantics == declared.semantics
    mistakes: list[dict[str, dict[str, bool]]] = [{"support": {}}, {"supports": {"delete_if_mach": False}}]
    for wrong in mistakes:
        with pytest.raises(ConfigurationError):
            overridden(declared, wrong)


def test_a_shown_url_has_no_secret() -> None:
    assert bare_url("https://user:pass@host:9000/path?secret_key=x") == "https://host:9000"
    assert bare_url("http://[::1]:9000") == "http://[::1]:9000"
    for wrong in ("host:9000", "ftp://host", "http://", "http://host:port"):
        with pytest.raises(ConfigurationError):
            bare_url(wrong)


def test_spans() -> None:
    assert span_of({"content-length": "7"}, 200) == (0, 7, 7)
    assert span_of({"content-length": "3", "content-range": "bytes 2-4/9"}, 206) == (2, 5, 9)
    for wrong in ("bytes 4-2/9", "bytes 2-9/9", "bytes 2-4/*", "2-4/9", ""):
        with pytest.raises(UnavailableError):
            span_of({"content-length": "3", "content-range": wrong}, 206)


def test_small_readings_of_headers() -> None:
    assert [quoted(text) for text in ("abc", '"abc"', None)] == ['"abc"', '"abc"', ""]
    assert http_date("Wed, 21 Oct 2026 07:28:00 GMT").isoformat() == "2026-10-21T07:28:00+00:00"
    assert http_date("yesterday").year == 1970


def test_characters_that_xml_does_not_have() -> None:
    assert all(xml_can_carry(text) for text in ("a", "\t\n\r", "é😀", "\x7f\x85"))
    assert not any(xml_can_carry(text) for text in ("\0", "\x01", "\x1f", "\ufffe", "\uffff"))
    assert readable(b"<K>a&#x2;&#31;&#x41;&#65;&amp;&#xA;</K>") == "<K>a��&#x41;&#65;&amp;&#xA;</K>".encode()


def test_a_body_of_one_buffer_is_read_without_a_copy() -> None:
    data = b"x" * 1000
    body = SourceBody(BufferSource(data))
    assert body.read() is data
    body.seek(0)
    assert body.read(1000) is data
    body.seek(0)
    assert (body.read(999), body.read()) == (data[:999], b"x")
