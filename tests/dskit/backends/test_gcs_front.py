"""`tools/gcs_front.py` before a real fake-gcs-server: what a client of the XML API does, also wrongly, and is told."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.clouds


@pytest.fixture
def bucket(cloud_servers: Callable[[str], Any]) -> str:
    return f"{parse_qs(urlsplit(cloud_servers('gcs').url).query)['endpoint'][0]}/data"


def send(method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, named, method=method), timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def begin(url: str) -> str:
    status, said, _ = send("POST", f"{url}?uploads", Content_Type="text/x", x_goog_meta_colour="red")
    assert status == 200
    found = re.search("<UploadId>(.*)</UploadId>", said)
    assert found is not None
    return found[1]


def complete(url: str, upload: str, *numbers: int) -> tuple[int, str, Any]:
    parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>x</ETag></Part>" for number in numbers)
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    return send("POST", f"{url}?uploadId={upload}", body)


def test_parts_become_an_object_in_their_order_and_are_gone(bucket: str) -> None:
    url = f"{bucket}/front%2Fwhole"
    upload = begin(url)
    for number, data in ((3, b"c"), (1, b"a"), (2, b"b")):
        assert send("PUT", f"{url}?partNumber={number}&uploadId={upload}", data)[0] == 200
    assert send("GET", url)[0] == 404
    status, said, headers = complete(url, upload, 1, 2, 3)
    assert (status, "<ETag>" in said, headers["x-goog-generation"].isdigit()) == (200, True, True)
    status, said, headers = send("GET", url)
    assert (said, headers["Content-Type"], headers["x-goog-meta-colour"]) == ("abc", "text/x", "red")
    assert complete(url, upload, 1)[:2] == (404, complete(url, "never", 1)[1])


def test_an_upload_that_is_not_there_or_was_aborted(bucket: str) -> None:
    url = f"{bucket}/front%2Faborted"
    upload = begin(url)
    assert send("PUT", f"{url}?partNumber=1&uploadId={upload}", b"a")[0] == 200
    assert send("DELETE", f"{url}?uploadId={upload}")[0] == 204
    for status, said, _ in (send("PUT", f"{url}?partNumber=2&uploadId={upload}", b"b"), complete(url, upload, 1)):
        assert (status, "<Code>NoSuchUpload</Code>" in said) == (404, True)
    assert send("GET", url)[0] == 404


@pytest.mark.parametrize(
    ("numbers", "code"), [((), "InvalidPartOrder"), ((2, 1), "InvalidPartOrder"), ((3,), "InvalidPart<")]
)
def test_a_list_of_parts_that_makes_no_object(bucket: str, numbers: tuple[int, ...], code: str) -> None:
    url = f"{bucket}/front%2Flist"
    upload = begin(url)
    for number in (1, 2):
        send("PUT", f"{url}?partNumber={number}&uploadId={upload}", b"x")
    status, said, _ = complete(url, upload, *numbers)
    assert status in (400, 404)
    assert code in said
    assert send("GET", url)[0] == 404


def test_what_is_not_translated_is_refused(bucket: str) -> None:
    status, said, _ = send("PUT", f"{bucket}/front%2Facl?acl", b"x")
    assert (status, "<Code>NotImplemented</Code>" in said) == (501, True)


def test_a_head_has_the_length_and_no_body(bucket: str) -> None:
    url = f"{bucket}/front%2Fhead"
    send("PUT", url, b"12345")
    status, said, headers = send("HEAD", url)
    assert (status, said, headers["Content-Length"]) == (200, "", "5")
    assert send("HEAD", f"{url}-none")[0] == 404


def test_a_condition_is_the_servers(bucket: str) -> None:
    url = f"{bucket}/front%2Fcondition"
    first = send("PUT", url, b"1", x_goog_if_generation_match="0")[2]["x-goog-generation"]
    for generation, status in (("0", 412), ("7", 412), (first, 200), (first, 412)):
        assert send("PUT", url, b"2", x_goog_if_generation_match=generation)[0] == status
