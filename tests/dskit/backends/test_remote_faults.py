"""What the S3 clients do when answers are lost, broken, late or refused: real connections through a faulty proxy."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import dskit
import dskit_emulator
from dskit import (
    Attributes,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    PutOptions,
    ReadOptions,
    UploadOptions,
)
from dskit.backend import ObjectService
from dskit.backends.s3 import RetryOptions
from dskit.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PreconditionFailedError,
    StoreError,
    ThrottledError,
    TimedOutError,
    UnavailableError,
)
from dskit.sources import BufferSource
from tests.dskit.backends.conftest import Maker
from tests.dskit.backends.faulty_proxy import (
    LOSE_ANSWER,
    LOSE_REQUEST,
    PASS,
    STALL,
    Fault,
    FaultyProxy,
    answer,
    cut,
)

CREATE = PutOptions(conditions=Conditions(if_none_match="*"))
BODY = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def service(connect: Maker, proxy: FaultyProxy) -> ObjectService:
    """Through the proxy, with pauses that are not slept."""
    return connect(proxy.url, retries=RetryOptions(attempts=3), sleep=lambda _: None)


def put(service: ObjectService, key: str = "k", data: bytes = b"one", options: PutOptions | None = None) -> None:
    service.put("data", key, BufferSource(data), options or PutOptions())


def stored(s3: dskit_emulator.Endpoint, key: str = "k") -> bytes:
    return s3.direct("data").get(key).read()


@pytest.mark.parametrize("fault", [LOSE_REQUEST, LOSE_ANSWER, answer(500, "InternalError"), answer(503, "SlowDown")])
def test_an_unconditional_put_is_sent_again(
    service: ObjectService, proxy: FaultyProxy, s3: dskit_emulator.Endpoint, fault: Fault
) -> None:
    proxy.plan = [fault]
    put(service)
    assert stored(s3) == b"one"
    assert len(proxy.requests) == 2


@pytest.mark.parametrize("fault", [LOSE_REQUEST, LOSE_ANSWER, answer(500, "InternalError"), answer(502)])
def test_a_conditional_put_whose_answer_is_lost_is_neither_repeated_nor_taken_for_done(
    service: ObjectService, proxy: FaultyProxy, fault: Fault
) -> None:
    proxy.plan = [fault]
    with pytest.raises(OutcomeUnknownError) as raised:
        put(service, options=CREATE)
    assert len(proxy.requests) == 1
    assert raised.value.operation == "put"
    assert raised.value.key == "k"
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize("fault", [answer(503, "SlowDown"), answer(429, "TooManyRequests")])
def test_a_conditional_put_that_was_turned_away_unseen_is_sent_again(
    service: ObjectService, proxy: FaultyProxy, s3: dskit_emulator.Endpoint, fault: Fault
) -> None:
    proxy.plan = [fault]
    put(service, options=CREATE)
    assert stored(s3) == b"one"
    assert len(proxy.requests) == 2


def test_a_refused_connection_is_no_unknown_outcome(connect: Maker) -> None:
    """Nothing was sent, so nothing happened, also for a conditional write; and it is tried again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        pauses: list[float] = []
        service = connect(f"http://127.0.0.1:{taken.getsockname()[1]}", sleep=pauses.append)
        with pytest.raises(UnavailableError):
            put(service, options=CREATE)
    assert len(pauses) == 2


def test_a_refusal_after_a_lost_answer_proves_nothing(service: ObjectService, proxy: FaultyProxy) -> None:
    proxy.plan = [LOSE_ANSWER, answer(403, "AccessDenied")]
    with pytest.raises(OutcomeUnknownError) as raised:
        put(service)
    assert raised.value.details == {"Cause": "AccessDenied"}


def test_a_write_whose_every_answer_is_lost_has_an_unknown_outcome(service: ObjectService, proxy: FaultyProxy) -> None:
    proxy.plan = [LOSE_ANSWER] * 3
    with pytest.raises(OutcomeUnknownError):
        put(service)
    assert len(proxy.requests) == 3


def test_a_refusal_is_final(service: ObjectService, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(403, "AccessDenied")]
    with pytest.raises(PermissionDeniedError):
        put(service)
    assert len(proxy.requests) == 1


def test_reads_give_up_with_the_failure_itself(service: ObjectService, proxy: FaultyProxy) -> None:
    proxy.plan = [answer(503, "SlowDown")] * 3
    with pytest.raises(ThrottledError) as raised:
        service.list_page("data")
    assert raised.value.retryable
    assert len(proxy.requests) == 3


def test_attempts_1_sends_once(connect: Maker, proxy: FaultyProxy) -> None:
    service = connect(proxy.url, retries=RetryOptions(attempts=1))
    proxy.plan = [answer(503, "SlowDown")]
    with pytest.raises(ThrottledError):
        service.list_page("data")
    assert len(proxy.requests) == 1


def test_a_server_that_is_silent_times_out(connect: Maker, proxy: FaultyProxy) -> None:
    service = connect(proxy.url, retries=RetryOptions(attempts=1), read_timeout=0.2)
    proxy.plan = [STALL, STALL]
    with pytest.raises(TimedOutError):
        service.list_page("data")
    with pytest.raises(OutcomeUnknownError):
        put(service, options=CREATE)


def test_retry_after_lengthens_a_pause_up_to_the_cap(connect: Maker, proxy: FaultyProxy) -> None:
    """minio-py alone would sleep the whole minute that a starting MinIO server asks for."""
    pauses: list[float] = []
    service = connect(proxy.url, retries=RetryOptions(base=0, cap=2), sleep=pauses.append)
    proxy.plan = [
        answer(503, "XMinioServerNotInitialized", extra="Retry-After: 60\r\n"),
        answer(503, "SlowDown", extra="Retry-After: 1\r\n"),
    ]
    service.list_page("data")
    assert pauses == [2, 1]


@pytest.mark.parametrize("fault", [LOSE_ANSWER, answer(500, "InternalError", forward=True)])
def test_calls_that_make_something_new_are_not_repeated(
    service: ObjectService, proxy: FaultyProxy, fault: Fault
) -> None:
    proxy.plan = [fault]
    with pytest.raises(OutcomeUnknownError):
        service.create_upload("data", "k", UploadOptions())
    proxy.plan = [fault]
    with pytest.raises(OutcomeUnknownError):
        service.create_bucket("more")
    assert len(proxy.requests) == 2


def test_a_conditional_completion_whose_answer_is_lost(
    service: ObjectService, proxy: FaultyProxy, s3: dskit_emulator.Endpoint
) -> None:
    upload = service.create_upload("data", "k", UploadOptions())
    part = service.put_part("data", "k", upload.upload_id, 1, BufferSource(b"one"), PutOptions())
    proxy.plan = [LOSE_ANSWER]
    with pytest.raises(OutcomeUnknownError):
        service.complete_upload(
            "data",
            "k",
            upload.upload_id,
            [CompletedPart(number=1, etag=part.etag)],
            conditions=Conditions(if_none_match="*"),
        )
    assert stored(s3) == b"one"  # it had happened


def test_a_conditional_delete_and_copy_whose_answers_are_lost(service: ObjectService, proxy: FaultyProxy) -> None:
    put(service)
    proxy.plan = [LOSE_ANSWER]
    with pytest.raises(OutcomeUnknownError):
        service.copy("data", "k", "data", "c", CopyOptions(conditions=Conditions(if_none_match="*")))
    proxy.plan = [LOSE_ANSWER]
    with pytest.raises(OutcomeUnknownError):
        service.delete("data", DeleteRequest(key="k", if_match='"x"'))


def test_unconditional_delete_copy_and_part_are_sent_again(service: ObjectService, proxy: FaultyProxy) -> None:
    put(service)
    upload = service.create_upload("data", "m", UploadOptions())
    proxy.requests.clear()
    proxy.plan = [LOSE_ANSWER, PASS, LOSE_ANSWER, PASS, LOSE_ANSWER, PASS]
    service.put_part("data", "m", upload.upload_id, 1, BufferSource(b"x"), PutOptions())
    service.copy("data", "k", "data", "c", CopyOptions())
    service.delete("data", DeleteRequest(key="k"))
    assert len(proxy.requests) == 6


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InternalError", OutcomeUnknownError), ("PreconditionFailed", PreconditionFailedError)],
)
def test_an_error_inside_a_200_is_an_error(
    service: ObjectService, proxy: FaultyProxy, code: str, kind: type[StoreError]
) -> None:
    """CopyObject and CompleteMultipartUpload send 200 before they know (S3 API reference)."""
    put(service)
    proxy.plan = [answer(200, code)]
    with pytest.raises(kind):
        service.copy("data", "k", "data", "c", CopyOptions(conditions=Conditions(if_none_match="*")))


def test_a_broken_body_is_continued_where_it_broke_off(service: ObjectService, proxy: FaultyProxy) -> None:
    put(service, data=BODY, options=PutOptions(attributes=Attributes(content_encoding="gzip")))
    proxy.requests.clear()
    proxy.plan = [cut(300_000), cut(1), cut(0)]
    reading = service.get("data", "k", ReadOptions())
    assert b"".join(reading) == BODY
    again = proxy.requests[1:]
    assert len(again) == 3
    assert all(request.headers["if-match"] == reading.meta.etag for request in again)
    # A library may hand out less than what came; it must go on from there and never skip.
    assert all(request.headers["range"].endswith(f"-{len(BODY) - 1}") for request in again)


def test_a_ranged_body_is_continued_within_its_range(service: ObjectService, proxy: FaultyProxy) -> None:
    from dskit import ByteRange

    put(service, data=BODY)
    proxy.plan = [cut(400_000)]
    reading = service.get("data", "k", ReadOptions(range=ByteRange(first=100, last=700_000)))
    assert b"".join(reading) == BODY[100:700_001]


def test_a_broken_body_is_not_continued_on_another_object(
    service: ObjectService, proxy: FaultyProxy, s3: dskit_emulator.Endpoint
) -> None:
    """CONC-06: a resumed read stays on its version or fails."""
    put(service, data=BODY)
    proxy.plan = [cut(300_000)]
    reading = service.get("data", "k", ReadOptions())
    s3.direct("data").put("k", BODY[::-1])
    with pytest.raises(UnavailableError) as raised:
        b"".join(reading)
    assert raised.value.code == "ObjectChanged"


@pytest.mark.parametrize("claimed", ["bytes 5-1048575/1048576", "bytes 0-0/1048576", "nonsense", "bytes */1048576"])
def test_a_continuation_that_starts_elsewhere_is_refused(
    service: ObjectService, proxy: FaultyProxy, claimed: str
) -> None:
    """RANGE-16: bytes are placed by what Content-Range says, and wrong ones are never spliced in."""
    put(service, data=BODY)
    spliced = answer(206, extra=f"Content-Range: {claimed}\r\n", body=b"?" * 1000)
    proxy.plan = [cut(300_000), spliced, spliced, spliced]
    reading = service.get("data", "k", ReadOptions())
    with pytest.raises(UnavailableError) as raised:
        b"".join(reading)
    assert raised.value.code == "BadContentRange"


def test_a_continuation_that_ignores_the_range_is_refused(service: ObjectService, proxy: FaultyProxy) -> None:
    put(service, data=BODY)
    proxy.plan = [cut(300_000), answer(200, body=BODY)]
    with pytest.raises(UnavailableError):
        b"".join(service.get("data", "k", ReadOptions()))


def test_a_body_that_never_gets_further_ends_as_unavailable(service: ObjectService, proxy: FaultyProxy) -> None:
    put(service, data=BODY)
    proxy.plan = [cut(0)] * 10
    with pytest.raises(UnavailableError):
        b"".join(service.get("data", "k", ReadOptions()))
    assert len(proxy.plan) == 7  # three attempts without progress


def test_a_certificate_that_is_not_accepted_is_no_unknown_outcome(connect: Maker, tmp_path: Path) -> None:
    """Nothing was sent, and another attempt would end the same way."""
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    if shutil.which("openssl") is None:
        pytest.skip("makes a certificate with openssl, which is not here")
    subprocess.run([*make, *extra], check=True, capture_output=True)
    with dskit_emulator.Server(tls=(str(certificate), str(key)), buckets=["data"]) as server:
        url = server.url.replace("localhost", "127.0.0.1")
        pauses: list[float] = []
        with pytest.raises(UnavailableError) as raised:
            put(connect(url, sleep=pauses.append), options=CREATE)
        assert (raised.value.code, pauses) == ("BadCertificate", [])
        trusting = connect(url, verify=str(certificate))
        put(trusting, data=BODY, options=CREATE)
        assert b"".join(trusting.get("data", "k", ReadOptions())) == BODY


def test_the_pool_serves_many_threads(
    connect: Maker, proxy: FaultyProxy, s3: dskit_emulator.Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """urllib3 logs a warning for each connection that it throws away because its pool is too small."""
    service = connect(s3.url, max_connections=16)

    def work(number: int) -> bytes:
        put(service, f"k{number}", b"%d" % number)
        return b"".join(service.get("data", f"k{number}", ReadOptions()))

    with caplog.at_level("WARNING"), ThreadPoolExecutor(16) as threads:
        assert list(threads.map(work, range(64))) == [b"%d" % number for number in range(64)]
    assert [record.message for record in caplog.records if record.name.startswith("urllib3")] == []


ENDPOINT_TOLD = b"<Error><Code>PermanentRedirect</Code><Message>m</Message><Endpoint>data.s3.example</Endpoint></Error>"
REDIRECTED: dict[str, Callable[[dskit.Store], object]] = {
    "get": lambda store: store.get("k"),
    "head": lambda store: store.head("k"),
    "put": lambda store: store.put("k", b"x"),
    "list": lambda store: list(store.list()),
    "head bucket": lambda store: store.service.head_bucket("data"),
    "list buckets": lambda store: store.service.list_buckets(),
}


@pytest.mark.parametrize("call", REDIRECTED.values(), ids=REDIRECTED)
@pytest.mark.parametrize("status", [301, 307])
def test_an_endpoint_that_redirects_for_ever_is_named_with_the_remedy(
    service: ObjectService, proxy: FaultyProxy, status: int, call: Callable[[dskit.Store], object]
) -> None:
    """botocore asks for the bucket's region, and is redirected there too."""
    proxy.plan = [answer(status, extra=f"Location: {proxy.url}/again?secret=1\r\n")] * 8
    with pytest.raises(ConfigurationError, match="give the endpoint that has the bucket") as raised:
        call(dskit.Store(service, "data"))
    assert proxy.url in str(raised.value)
    assert "secret" not in str(raised.value)
    assert len(proxy.requests) <= 2


def test_a_redirect_of_s3_says_where_to_and_which_region(service: ObjectService, proxy: FaultyProxy) -> None:
    """User guide, "Making requests": the document names it. A client that can follow the region does so once."""
    told = answer(301, extra="x-amz-bucket-region: eu-west-1\r\n", body=ENDPOINT_TOLD)
    proxy.plan = [told] * 8
    with pytest.raises(ConfigurationError, match=r"to data\.s3\.example .*region, eu-west-1") as raised:
        put(service)
    assert raised.value.code == "PermanentRedirect"
    assert len(proxy.requests) <= 2
