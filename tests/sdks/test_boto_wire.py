"""The real boto 2.49.0 against the emulator, beyond what a document says: signatures, ACLs, the clock, bad input."""

from __future__ import annotations

import importlib
import io
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dskit.clock import ManualClock
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from tests.sdks.document import needs

pytestmark = [
    needs("boto"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ImportWarning"),
]
FORMATS = ("OrdinaryCallingFormat", "SubdomainCallingFormat")
HOST = "s3.localhost"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def endpoint(server: Server, clock: ManualClock) -> Iterator[Endpoint]:
    with server.endpoint(rules=["classic-acl"], clock=clock, domains=[HOST]) as endpoint:
        yield endpoint


def connected(endpoint: Endpoint, form: str = FORMATS[0], **options: Any) -> Any:
    boto: Any = importlib.import_module("boto")
    connection: Any = importlib.import_module("boto.s3.connection")
    settings: dict[str, Any] = {
        "aws_access_key_id": endpoint.account.access_key,
        "aws_secret_access_key": endpoint.account.secret_key,
        "is_secure": False,
        "calling_format": getattr(connection, form)(),
    }
    if form == "SubdomainCallingFormat":  # data.s3.localhost has an address through a proxy at least
        settings |= {"host": HOST, "proxy": "127.0.0.1", "proxy_port": endpoint.port}
    else:
        settings |= {"host": "127.0.0.1", "port": endpoint.port}
    return boto.connect_s3(**(settings | options))


def fetched(url: str, proxy: str | None = None) -> int | bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy} if proxy else {}))
    try:
        with opener.open(url, timeout=10) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("form", FORMATS)
def test_both_calling_formats(endpoint: Endpoint, form: str) -> None:
    """In the address's path, and in the host's name: what is signed is the same."""
    bucket = connected(endpoint, form).create_bucket("data")
    for name in ("plain", "a b/ü+?&#", "dir/"):
        key = bucket.new_key(name)
        key.set_contents_from_string(name)
        assert bucket.get_key(name).get_contents_as_string() == name.encode()
        assert fetched(key.generate_url(60), endpoint.url) == name.encode()
        assert fetched(key.generate_url(60, query_auth=False), endpoint.url) == 403
        key.make_public()
        assert fetched(key.generate_url(60, query_auth=False), endpoint.url) == name.encode()
    assert sorted(key.name for key in bucket) == ["a b/ü+?&#", "dir/", "plain"]
    bucket.delete_keys([key.name for key in bucket])
    bucket.delete()


@pytest.mark.parametrize("form", FORMATS)
def test_a_wrong_secret_and_an_unknown_key_are_refused(endpoint: Endpoint, form: str) -> None:
    response_error: Any = importlib.import_module("boto.exception").S3ResponseError
    for options, code in (
        ({"aws_secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "nobody"}, "InvalidAccessKeyId"),
    ):
        with pytest.raises(response_error) as caught:
            connected(endpoint, form, **options).get_all_buckets()
        assert (caught.value.status, caught.value.error_code) == (403, code)


@pytest.mark.parametrize("form", FORMATS)
def test_a_signed_url_ends_by_the_servers_clock(endpoint: Endpoint, clock: ManualClock, form: str) -> None:
    key = connected(endpoint, form).create_bucket("data").new_key("key")
    key.set_contents_from_string("x")
    url = key.generate_url(3600)
    assert fetched(url, endpoint.url) == b"x"
    clock.advance(3500)
    assert fetched(url, endpoint.url) == b"x"
    clock.advance(200)
    assert fetched(url, endpoint.url) == 403
    assert fetched(key.generate_url(-10), endpoint.url) == 403


def test_a_signed_url_is_good_for_what_was_signed_only(endpoint: Endpoint) -> None:
    bucket = connected(endpoint).create_bucket("data")
    for name in ("one", "two"):
        bucket.new_key(name).set_contents_from_string(name)
    url = bucket.get_key("one").generate_url(60)
    assert fetched(url.replace("/one?", "/two?")) == 403
    assert fetched(url + "&acl") == 403
    assert fetched(url.replace("Signature=", "Signature=A")) == 403
    shown = bucket.get_key("one").generate_url(60, response_headers={"response-content-type": "text/x-one"})
    with urllib.request.urlopen(shown, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/x-one"
    assert fetched(shown.replace("x-one", "x-two")) == 403


def test_anonymous_connections_see_what_is_public(endpoint: Endpoint) -> None:
    response_error: Any = importlib.import_module("boto.exception").S3ResponseError
    bucket = connected(endpoint).create_bucket("data")
    bucket.new_key("open").set_contents_from_string("1", policy="public-read")
    bucket.new_key("shut").set_contents_from_string("2")
    nobody = connected(endpoint, aws_access_key_id=None, aws_secret_access_key=None, anon=True)
    seen = nobody.get_bucket("data", validate=False)
    assert seen.get_key("open").get_contents_as_string() == b"1"
    with pytest.raises(response_error, match="403"):
        seen.get_key("shut")
    with pytest.raises(response_error, match="AccessDenied"):
        list(seen.list())
    bucket.make_public()
    assert [key.name for key in seen.list()] == ["open", "shut"]
    with pytest.raises(response_error, match="AccessDenied"):
        seen.new_key("new").set_contents_from_string("3")


def test_acls_are_read_and_written_whole(endpoint: Endpoint) -> None:
    bucket = connected(endpoint).create_bucket("data", policy="public-read")
    assert [grant.permission for grant in bucket.list_grants()] == ["FULL_CONTROL", "READ"]
    key = bucket.new_key("key")
    key.set_contents_from_string("x")
    key.set_canned_acl("authenticated-read")
    policy = key.get_acl()
    assert policy.acl.grants[1].uri.endswith("/AuthenticatedUsers")
    policy.acl.grants = policy.acl.grants[:1]
    key.set_acl(policy)
    assert [grant.permission for grant in key.get_acl().acl.grants] == ["FULL_CONTROL"]
    copy = bucket.copy_key("copy", "data", "key", preserve_acl=True)
    assert copy.get_acl().acl.grants[0].permission == "FULL_CONTROL"


def test_a_new_bucket_without_the_rule_has_todays_defaults(server: Server) -> None:
    """ACLs are off and public access is blocked: boto's own words for that."""
    response_error: Any = importlib.import_module("boto.exception").S3ResponseError
    with server.endpoint() as endpoint:
        key = connected(endpoint).create_bucket("data").new_key("key")
        key.set_contents_from_string("x")
        with pytest.raises(response_error, match="AccessControlListNotSupported"):
            key.make_public()
        assert fetched(key.generate_url(60, query_auth=False)) == 403
        assert fetched(key.generate_url(60)) == b"x"


def test_force_http_drops_the_port(endpoint: Endpoint) -> None:
    """The package's own doing: such a URL is for a server on port 80 (docs/compat/boto.md)."""
    key = connected(endpoint).create_bucket("data").new_key("key")
    assert key.generate_url(0, query_auth=False, force_http=True) == "http://127.0.0.1/data/key"
    assert key.generate_url(0, query_auth=False) == f"http://127.0.0.1:{endpoint.port}/data/key"


def test_multipart_and_metadata(endpoint: Endpoint) -> None:
    bucket = connected(endpoint).create_bucket("data")
    upload = bucket.initiate_multipart_upload("big", metadata={"colour": "größer"}, policy="public-read")
    upload.upload_part_from_file(io.BytesIO(b"x" * (5 * 1024**2)), 1)
    upload.upload_part_from_file(io.BytesIO(b"y"), 2)
    assert [part.size for part in upload] == [5 * 1024**2, 1]
    assert upload.complete_upload().etag.endswith('-2"')
    key = bucket.get_key("big")
    assert (key.size, key.metadata) == (5 * 1024**2 + 1, {"colour": "größer"})
    assert fetched(key.generate_url(0, query_auth=False))[-1:] == b"y"  # type: ignore[index]
    bucket.initiate_multipart_upload("other").cancel_upload()
    assert list(bucket.list_multipart_uploads()) == []


def test_downloads_of_what_is_missing(endpoint: Endpoint, tmp_path: Path) -> None:
    response_error: Any = importlib.import_module("boto.exception").S3ResponseError
    bucket = connected(endpoint).create_bucket("data")
    with pytest.raises(response_error, match="NoSuchKey"):
        bucket.new_key("absent").get_contents_to_filename(str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []
