"""boto3's generate_presigned_post, used by plain multipart clients over a socket."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import requests
from botocore.config import Config

import dskit
import dskit_emulator
from dskit.clock import ManualClock, SystemClock

Fields = dict[str, str]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(s3_server: dskit_emulator.Server, clock: ManualClock) -> Any:
    with s3_server.endpoint(buckets=["data"], clock=clock) as opened:
        yield opened


@pytest.fixture
def store(endpoint: dskit_emulator.Endpoint) -> dskit.Store:
    return endpoint.direct("data")


@pytest.fixture(params=["s3", "s3v4"])
def boto(request: pytest.FixtureRequest, endpoint: dskit_emulator.Endpoint) -> Any:
    return endpoint.client(config=Config(signature_version=request.param))


def keys(store: dskit.Store) -> list[str]:
    return [row.key for row in store.list()]


def signed(boto: Any, key: str = "k", fields: Fields | None = None, *conditions: Any, **options: Any) -> Any:
    exact = [{name: value} for name, value in (fields or {}).items()]
    return boto.generate_presigned_post("data", key, fields, [*exact, *conditions], **options)


def send(made: Any, content: bytes = b"bytes", more: Fields | None = None) -> httpx.Response:
    fields = {**made["fields"], **(more or {})}
    return httpx.post(made["url"], data=fields, files={"file": ("a b.txt", content, "image/png")})


def code(answer: httpx.Response) -> str:
    return ElementTree.fromstring(answer.text).findtext("Code") or ""


def test_all_that_a_form_says_is_stored(boto: Any, store: dskit.Store) -> None:
    fields = {
        "acl": "private",
        "Content-Type": "text/x",
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="x"',
        "Content-Encoding": "gzip",
        "Expires": "Thu, 01 Dec 2094 16:00:00 GMT",
        "x-amz-meta-Author": "ada",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-server-side-encryption": "AES256",
        "x-amz-checksum-crc32": "Q+ecaA==",
        "x-ignore-this": "anything",
    }
    for post in (httpx.post, requests.post):
        made = signed(boto, "dir/${filename}", fields)
        answer = post(made["url"], data=made["fields"], files={"file": ("ü b.txt", b"bytes\r\n--")})
        assert answer.status_code == 204, answer.text
        meta = store.head("dir/ü b.txt", checksum_mode=True)
        assert answer.headers["etag"] == meta.etag
        assert answer.headers["location"].endswith("/data/dir%2F%C3%BC%20b.txt")
        assert store.get("dir/ü b.txt").read() == b"bytes\r\n--"
        stored = meta.attributes
        assert (stored.content_type, stored.cache_control) == ("text/x", "no-store")
        assert stored.content_encoding == "gzip"
        assert (stored.content_disposition, stored.expires) == (fields["Content-Disposition"], fields["Expires"])
        assert stored.content_encoding == "gzip"
        assert (stored.metadata, stored.storage_class) == ({"author": "ada"}, "STANDARD_IA")
        assert meta.checksums == {"CRC32": "Q+ecaA=="}
        store.delete("dir/ü b.txt")


def test_the_type_of_the_file_is_not_that_of_the_object(boto: Any, store: dskit.Store) -> None:
    assert send(signed(boto)).status_code == 204
    assert store.head("k").content_type == "binary/octet-stream"


@pytest.mark.parametrize(("asked", "status"), [("200", 200), ("201", 201), ("204", 204), ("202", 204), ("x", 204)])
def test_the_status_that_was_asked_for(boto: Any, asked: str, status: int) -> None:
    answer = send(signed(boto, "a/b", {"success_action_status": asked}))
    assert answer.status_code == status
    if status != 201:
        assert answer.content == b""
        return
    document = ElementTree.fromstring(answer.text)
    assert document.tag == "PostResponse"
    told = {row.tag: row.text for row in document}
    location = answer.headers["location"]
    assert told == {"Location": location, "Bucket": "data", "Key": "a/b", "ETag": answer.headers["etag"]}


@pytest.mark.parametrize("field", ["success_action_redirect", "redirect"])
@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://x.test/done", "http://x.test/done?{}"),
        ("https://x.test/done?a=1#end", "https://x.test/done?a=1&{}#end"),
    ],
)
def test_a_redirect_tells_bucket_key_and_etag(boto: Any, field: str, url: str, target: str) -> None:
    answer = send(signed(boto, "a b/c", {field: url, "success_action_status": "201"}))
    etag = answer.headers["etag"].strip('"')
    assert answer.status_code == 303
    assert answer.headers["location"] == target.format(f"bucket=data&key=a%20b%2Fc&etag=%22{etag}%22")


@pytest.mark.parametrize("url", ["", "nowhere", "javascript:alert(1)", "http://[x", "http://x.test:port/"])
def test_a_redirect_that_is_no_url_counts_as_not_given(boto: Any, url: str) -> None:
    made = signed(boto, "k", None, ["starts-with", "$success_action_redirect", ""])
    answer = send(made, more={"success_action_redirect": url})
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"key": "other"}, "AccessDenied"),
        ({"x-amz-meta-more": "1"}, "AccessDenied"),
        ({"policy": "e30="}, "SignatureDoesNotMatch"),
        ({"Content-Type": "text/html"}, "AccessDenied"),
    ],
)
def test_a_form_that_was_changed_leaves_nothing(
    boto: Any, store: dskit.Store, change: dict[str, str], expected: str
) -> None:
    store.put("k", b"before")
    assert code(send(signed(boto, "k", {"Content-Type": "text/plain"}), more=change)) == expected
    assert keys(store) == ["k"]
    assert store.get("k").read() == b"before"


def test_the_size_is_held_to(boto: Any, store: dskit.Store) -> None:
    made = signed(boto, "k", None, ["content-length-range", 3, 100_000])
    for size, expected in ((2, "EntityTooSmall"), (100_001, "EntityTooLarge"), (5_000_000, "EntityTooLarge")):
        answer = send(made, b"x" * size)
        assert (answer.status_code, code(answer)) == (400, expected)
        assert f"<ProposedSize>{size}</ProposedSize>" in answer.text
        assert keys(store) == []
    for size in (3, 100_000):
        assert send(made, b"x" * size).status_code == 204
        assert store.head("k").size == size


def test_a_policy_ends_by_the_clock_of_the_endpoint(boto: Any, store: dskit.Store, clock: ManualClock) -> None:
    made = signed(boto, ExpiresIn=60)
    assert send(made).status_code == 204
    clock.advance(70)
    answer = send(made)
    assert (answer.status_code, "Policy expired." in answer.text) == (403, True)


def test_a_wrong_secret_and_an_unknown_key(endpoint: dskit_emulator.Endpoint, store: dskit.Store) -> None:
    for version in ("s3", "s3v4"):
        config = Config(signature_version=version)
        other = endpoint.client(config=config, aws_secret_access_key="another-secret")
        assert code(send(signed(other))) == "SignatureDoesNotMatch"
        assert code(send(signed(endpoint.client(config=config, aws_access_key_id="nobody")))) == "InvalidAccessKeyId"
    assert keys(store) == []


def test_a_checksum_that_does_not_match(boto: Any, store: dskit.Store) -> None:
    assert code(send(signed(boto, "k", {"x-amz-checksum-crc32": "AAAAAA=="}))) == "BadDigest"
    assert code(send(signed(boto, "k", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}))) == "BadDigest"
    assert keys(store) == []


def test_an_algorithm_alone_is_computed(boto: Any, store: dskit.Store) -> None:
    assert send(signed(boto, "k", {"x-amz-checksum-algorithm": "SHA256"})).status_code == 204
    assert set(store.head("k", checksum_mode=True).checksums) == {"SHA256"}


@pytest.mark.parametrize("name", ["key", "KEY"])
def test_a_field_given_twice_is_refused(boto: Any, store: dskit.Store, name: str) -> None:
    made = signed(boto)
    rows = [(known, (None, value)) for known, value in made["fields"].items()]
    files: Any = [*rows, (name, (None, "other")), ("file", ("f", b"x"))]
    assert code(httpx.post(made["url"], files=files)) == "InvalidArgument"
    assert keys(store) == []


def test_names_of_fields_and_conditions_are_of_any_case(boto: Any, store: dskit.Store) -> None:
    made = signed(boto, "k", {"aCl": "private"}, ["StArTs-WiTh", "$cOnTeNt-TyPe", "text/"])
    rows = {name.upper(): value for name, value in made["fields"].items()}
    answer = httpx.post(made["url"], data={**rows, "CONTENT-TYPE": "text/x"}, files={"FILE": ("f", b"x")})
    assert answer.status_code == 204
    assert store.head("k").content_type == "text/x"


def test_tags_are_refused_by_name(boto: Any, store: dskit.Store) -> None:
    answer = send(signed(boto, "k", {"tagging": "<Tagging><TagSet/></Tagging>"}))
    assert (answer.status_code, code(answer)) == (501, "NotImplemented")
    assert keys(store) == []


def test_a_form_without_a_policy_needs_permission(s3_server: dskit_emulator.Server) -> None:
    """As any unsigned PUT: refused on a private bucket, taken on one that everybody may write, and by the rule."""
    form: Any = {"data": {"key": "a/${filename}"}, "files": {"file": ("f", b"x")}}
    with s3_server.endpoint(buckets=["data"], rules=["classic-acl"]) as endpoint:
        refused = httpx.post(f"{endpoint.url}/data", **form)
        assert (refused.status_code, code(refused)) == (403, "AccessDenied")
        assert keys(endpoint.direct("data")) == []
        endpoint.client().put_bucket_acl(Bucket="data", ACL="public-read-write")
        assert httpx.post(f"{endpoint.url}/data", **form).status_code == 204
        assert keys(endpoint.direct("data")) == ["a/f"]
    with s3_server.endpoint(buckets=["data"], rules=["anonymous"]) as endpoint:
        assert httpx.post(f"{endpoint.url}/data", **form).status_code == 204
        assert endpoint.direct("data").get("a/f").read() == b"x"


def test_who_signed_the_form_needs_permission(s3_server: dskit_emulator.Server) -> None:
    accounts = ["owner:owner:owner-secret", "other:other:other-secret"]
    with s3_server.endpoint(buckets=["data"], accounts=accounts) as endpoint:
        assert code(send(signed(endpoint.client(account="other")))) == "AccessDenied"
        assert keys(endpoint.direct("data")) == []


def test_the_acl_field_is_the_acl_of_the_object(s3_server: dskit_emulator.Server) -> None:
    with s3_server.endpoint(buckets=["data"], rules=["classic-acl"]) as endpoint:
        for acl, status in (("public-read", 200), ("private", 403)):
            made = signed(endpoint.client(), acl, {"acl": acl})
            assert send(made).status_code == 204
            assert httpx.get(f"{endpoint.url}/data/{acl}").status_code == status
        refused = send(signed(endpoint.client(), "k", {"acl": "nonsense"}))
        assert (refused.status_code, code(refused)) == (400, "InvalidArgument")


def test_a_bucket_that_is_not_there(boto: Any) -> None:
    made = boto.generate_presigned_post("nowhere", "k")
    assert code(send(made)) == "NoSuchBucket"


def test_a_form_that_is_cut_off_leaves_nothing(
    endpoint: dskit_emulator.Endpoint, boto: Any, store: dskit.Store
) -> None:
    made = signed(boto)
    request = httpx.Request("POST", made["url"], data=made["fields"], files={"file": ("f", b"x" * 100_000)})
    body = request.read()
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    with socket.create_connection((endpoint.host, endpoint.port)) as wire:
        wire.sendall(f"POST /data HTTP/1.1\r\n{head}\r\n".encode() + body[:-1000])
        wire.shutdown(socket.SHUT_WR)
        while wire.recv(65536):
            pass
    assert keys(store) == []
    assert store.list_uploads().uploads == []


def test_a_durable_store_takes_forms_and_keeps_nothing_of_those_that_fail(
    s3_server: dskit_emulator.Server, tmp_path: Path
) -> None:
    with s3_server.endpoint(buckets=["data"], data=tmp_path) as endpoint:
        made = signed(endpoint.client(), "k", None, ["content-length-range", 1, 200_000])
        assert code(send(made, b"x" * 300_000)) == "EntityTooLarge"
        before = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        assert before < 200_000
        assert send(made, b"x" * 200_000).status_code == 204
        assert endpoint.direct("data").get("k").read() == b"x" * 200_000


def test_a_form_without_its_closing_boundary_leaves_nothing(boto: Any, store: dskit.Store) -> None:
    made = signed(boto)
    request = httpx.Request("POST", made["url"], data=made["fields"], files={"file": ("f", b"x")})
    body = request.read()
    answer = httpx.post(made["url"], content=body[:-4], headers={"Content-Type": request.headers["content-type"]})
    assert code(answer) == "MalformedPOSTRequest"
    assert keys(store) == []


def test_a_virtual_host_is_a_bucket_too(endpoint: dskit_emulator.Endpoint, boto: Any, store: dskit.Store) -> None:
    made = signed(boto, "k", {"success_action_status": "201"})
    host = f"data.s3.localhost:{endpoint.port}"
    files = {"file": ("f", b"x")}
    answer = httpx.post(endpoint.url, data=made["fields"], files=files, headers={"Host": host})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"http://{host}/k"
    assert keys(store) == ["k"]
