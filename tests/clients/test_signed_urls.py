"""`store.sign`, used by somebody who has the URL and no credentials: httpx, over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

import dskit
import dskit_emulator
from dskit.clock import ManualClock

KEY = "dir/é ~+&=?#%41"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(params=["direct", "S3Store", "MinIOStore"])
def store(request: pytest.FixtureRequest, s3: dskit_emulator.Endpoint) -> Iterator[dskit.Store]:
    s3.create_bucket("data")
    if request.param == "direct":
        yield s3.direct("data")
    elif request.param == "S3Store":
        with s3.store("data") as made:
            yield made
    else:
        account = s3.account
        with dskit.MinIOStore(s3.url, "data", access_key=account.access_key, secret_key=account.secret_key) as other:
            yield other


def test_each_method_does_its_own_and_nothing_else(store: dskit.Store) -> None:
    put, get = store.sign(KEY, "PUT"), store.sign(KEY)
    head, delete = store.sign(KEY, "HEAD"), store.sign(KEY, "DELETE")
    assert httpx.put(put, content=b"bytes").status_code == 200
    assert httpx.get(get).content == b"bytes"
    assert httpx.head(head).headers["content-length"] == "5"
    for url, method in ((get, "DELETE"), (head, "GET"), (delete, "PUT"), (put, "GET")):
        refused = httpx.request(method, url)
        assert (refused.status_code, "SignatureDoesNotMatch" in refused.text) == (403, True)
    assert httpx.delete(delete).status_code == 204
    assert not store.exists(KEY)


def test_the_answer_has_the_headers_that_were_signed(store: dskit.Store) -> None:
    store.put(KEY, b"bytes", content_type="text/plain")
    chosen = {
        "response_content_type": "text/html; charset=utf-8",
        "response_content_disposition": 'attachment; filename="a b.html"',
        "response_content_encoding": "identity",
        "response_content_language": "de, en",
        "response_cache_control": "no-store",
    }
    for method in ("GET", "HEAD"):
        url = store.sign(KEY, method, response_expires=datetime(1994, 12, 1, 16, tzinfo=UTC), **chosen)  # type: ignore[arg-type]
        answer = httpx.request(method, url)
        assert answer.status_code == 200
        for name, value in chosen.items():
            assert answer.headers[name.removeprefix("response_").replace("_", "-")] == value
        assert answer.headers["expires"] == "Thu, 01 Dec 1994 16:00:00 GMT"


def test_a_version_is_signed(store: dskit.Store) -> None:
    store.put(KEY, b"bytes")
    assert httpx.get(store.sign(KEY, version_id="null")).content == b"bytes"
    assert httpx.get(store.sign(KEY, version_id="other")).status_code in (400, 404)


def test_the_content_type_of_a_put_is_held_to_or_refused(store: dskit.Store) -> None:
    if isinstance(store, dskit.MinIOStore):
        with pytest.raises(dskit.UnsupportedError, match="content_type"):
            store.sign(KEY, "PUT", content_type="text/csv")
        return
    url = store.sign(KEY, "PUT", content_type="text/csv")
    assert httpx.put(url, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 403
    assert not store.exists(KEY)
    assert httpx.put(url, content=b"x", headers={"Content-Type": "text/csv"}).status_code == 200
    assert store.head(KEY).content_type == "text/csv"


def test_a_url_ends_by_the_clock_of_the_endpoint(s3_server: dskit_emulator.Server, clock: ManualClock) -> None:
    with s3_server.endpoint(clock=clock) as endpoint:
        store = endpoint.direct("data")
        store.put("k", b"bytes")
        url = store.sign("k", expires_in=timedelta(seconds=90))
        clock.advance(90)
        assert httpx.get(url).status_code == 200
        clock.advance(1)
        assert "Request has expired" in httpx.get(url).text


def test_without_credentials_there_is_no_signing(s3: dskit_emulator.Endpoint) -> None:
    with (
        s3.store("data", access_key=None, secret_key=None, anonymous=True) as store,
        dskit.MinIOStore(s3.url, "data", anonymous=True) as other,
    ):
        for each in (store, other):
            assert not each.capabilities.supports.sign
            with pytest.raises(dskit.UnsupportedError, match="sign"):
                each.sign("k")


def test_the_backend_of_an_endpoint_signs_until_it_closes(s3_server: dskit_emulator.Server) -> None:
    backend = dskit.MemoryStore()
    with s3_server.endpoint(backend=backend.service) as endpoint:
        backend.put("k", b"bytes")
        url = backend.sign("k")
        assert url.startswith(endpoint.url)
        assert httpx.get(url).content == b"bytes"
    with pytest.raises(dskit.UnsupportedError):
        backend.sign("k")
    assert backend.get("k").read() == b"bytes"


def test_a_bucket_elsewhere_is_signed_for_its_region(s3: dskit_emulator.Endpoint) -> None:
    s3.backend.create_bucket("far", region="eu-west-1")
    store = dskit.Store(s3.backend, "far")
    assert httpx.put(store.sign("k", "PUT"), content=b"x").status_code == 200
