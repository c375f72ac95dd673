"""Files over the S3 clients: what goes over the wire, and what is left when the server dies in the middle."""

from __future__ import annotations

import pytest

import dskit
import dskit_emulator
from dskit.backend import ObjectService
from dskit.backends.s3 import RetryOptions
from tests.dskit.backends.conftest import Maker
from tests.dskit.backends.faulty_proxy import LOSE_ANSWER, LOSE_REQUEST, PASS, FaultyProxy, answer, cut
from tests.dskit.leftovers import left

MIB = 1024 * 1024
PART = 8 * MIB


@pytest.fixture
def service(connect: Maker, proxy: FaultyProxy) -> ObjectService:
    """Through the proxy, with pauses that are not slept."""
    return connect(proxy.url, part_bytes=PART, retries=RetryOptions(attempts=2), sleep=lambda _: None)


@pytest.fixture
def store(service: ObjectService) -> dskit.Store:
    return dskit.Store(service, "data")


@pytest.fixture
def direct(s3: dskit_emulator.Endpoint) -> dskit.Store:
    """The same bucket, past the proxy."""
    return s3.direct("data")


def sent(proxy: FaultyProxy) -> list[str]:
    return [request.method for request in proxy.requests]


def test_a_small_write_is_one_request(store: dskit.Store, proxy: FaultyProxy) -> None:
    with store.open("k", "wb") as file:
        for _ in range(100):
            file.write(b"x" * 100)
        assert sent(proxy) == []
    assert sent(proxy) == ["PUT"]


def test_a_large_write_goes_up_while_it_is_written(store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store) -> None:
    with store.open("k", "wb") as file:
        for _ in range(2 * PART // MIB):
            file.write(b"x" * MIB)
        assert sent(proxy) == ["POST", "PUT", "PUT"]
    assert sent(proxy) == ["POST", "PUT", "PUT", "POST"]
    assert direct.head("k").size == 2 * PART


def test_reads_are_ranges_on_a_condition(store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store) -> None:
    etag = direct.put("k", b"0123456789" * 100).etag
    with store.open("k", read_ahead=100) as file:
        file.read(50)
        file.seek(500)
        file.read(10)
    assert sent(proxy) == ["HEAD", "GET", "GET"]
    assert [request.headers["range"] for request in proxy.requests[1:]] == ["bytes=0-99", "bytes=500-599"]
    assert {request.headers["if-match"] for request in proxy.requests[1:]} == {etag}


def test_a_read_whose_answer_breaks_off_is_taken_up_again(
    store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store
) -> None:
    data = bytes(range(256)) * 40
    direct.put("k", data)
    with store.open("k") as file:
        proxy.plan = [cut(1000)]
        assert file.read() == data


def test_a_read_that_fails_for_good_says_which_key_and_stays_where_it_was(
    store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store
) -> None:
    direct.put("k", b"x" * 1000)
    with store.open("k", read_ahead=10) as file:
        assert file.read(10) == b"x" * 10
        proxy.plan = [LOSE_REQUEST] * 2
        with pytest.raises(dskit.UnavailableError) as caught:
            file.read(10)
        assert (caught.value.key, caught.value.operation) == ("k", "read")
        assert file.read() == b"x" * 990


@pytest.mark.parametrize("fault", [LOSE_REQUEST, LOSE_ANSWER, answer(503, "SlowDown")])
def test_a_server_that_dies_in_the_middle_of_a_write(
    store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store, fault: object
) -> None:
    """The part is lost for good, the server comes back: the upload is aborted, nothing is published."""
    direct.put("k", b"old")
    file = store.open("k", "wb")
    file.write(b"x" * PART)
    proxy.plan = [fault, fault]  # type: ignore[list-item]
    with pytest.raises((dskit.UnavailableError, dskit.OutcomeUnknownError)) as caught:
        file.write(b"x" * PART)
    assert caught.value.key == "k"
    assert caught.value.operation == "write"
    assert file.closed
    file.close()
    assert direct.get("k").read() == b"old"
    assert left(direct) == []


def test_a_server_that_stays_dead_leaves_an_upload_and_says_so(
    store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store
) -> None:
    """Nobody could abort it; the error names it, with the remedy."""
    file = store.open("k", "wb")
    file.write(b"x" * PART)
    proxy.plan = [LOSE_REQUEST] * 4
    with pytest.raises((dskit.UnavailableError, dskit.OutcomeUnknownError)) as caught:
        file.write(b"x" * PART)
    (upload,) = direct.list_uploads().uploads
    assert any(upload.upload_id in note and "abort" in note for note in caught.value.__notes__)
    assert not direct.exists("k")


def test_a_completion_whose_answer_is_lost_has_an_unknown_outcome(
    store: dskit.Store, proxy: FaultyProxy, direct: dskit.Store
) -> None:
    file = store.open("k", "wb")
    file.write(b"x" * PART)
    file.write(b"x")
    proxy.plan = [PASS, LOSE_ANSWER, answer(503, "SlowDown")]  # the last part, then the completion
    with pytest.raises(dskit.OutcomeUnknownError) as caught:
        file.close()
    assert caught.value.key == "k"
    assert not hasattr(caught.value, "__notes__")
    assert file.closed
    assert left(direct) == []
    assert direct.head("k").size == PART + 1
