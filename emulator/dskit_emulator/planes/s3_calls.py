"""Asking the endpoint's own S3 in process: a plane has the rights of the account that it acts for, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

from ..accounts import Account
from ..messages import RequestHead, Response
from . import Surroundings

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["ListedObject", "Refusal", "S3Calls"]

_CONTROL = re.compile(b"&#x[0-9a-f]+;")
"""How S3 writes control characters, which no parser takes. Keys that are read here come percent-encoded."""

_HOST = "in-process"
_ORIGIN = f"http://{_HOST}"
_PAGE = 1000
_SECONDS = 60


class Refusal(Exception):
    """What S3 answered instead: its code and message, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class ListedObject(NamedTuple):
    """`last_modified` is ISO 8601 as S3 writes it; `size` in bytes."""

    key: str
    last_modified: str
    size: int


class S3Calls:
    """Signed requests to the endpoint's S3, answered in the calling thread. They block only if its store does."""

    __slots__ = ("_around",)

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def send(
        self,
        account: Account,
        method: str,
        bucket: str,
        key: str = "",
        query: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """One request. Raises `Refusal` for every answer that is not a success, `BucketNotFoundError`."""
        url = self._around.url(account, method, bucket, key, origin=_ORIGIN, expires_in=_SECONDS, query=query or {})
        headers = [("host", _HOST), ("content-length", str(len(body)))]
        opened = self._around.s3.open(RequestHead(method, url.removeprefix(_ORIGIN), headers, peer=_HOST))
        response = opened if isinstance(opened, Response) else (opened.feed(body) if body else None) or opened.finish()
        if response.status >= 300:
            raise _refusal(response)
        return response

    def list_objects(
        self, account: Account, bucket: str, *, prefix: str = "", after: str = "", limit: int = _PAGE
    ) -> list[ListedObject]:
        """Up to `limit` objects whose keys begin with `prefix` and come after `after`, in S3's order."""
        found: list[ListedObject] = []
        token = ""
        while len(found) < limit:
            page, token = self.list_page(
                account, bucket, prefix=prefix, after=after, token=token, limit=min(_PAGE, limit - len(found))
            )
            found += page
            if not token:
                break
        return found

    def list_page(
        self, account: Account, bucket: str, *, prefix: str = "", after: str = "", token: str = "", limit: int = _PAGE
    ) -> tuple[list[ListedObject], str]:
        """One answer of S3, and the token of the next, empty after the last; `token` is what the page before gave.

        Raises `Refusal` for a token that is none.
        """
        query = {"list-type": "2", "max-keys": str(limit), "encoding-type": "url"}
        given = {"prefix": prefix, "start-after": after, "continuation-token": token}
        query |= {name: value for name, value in given.items() if value}
        page = _document(self.send(account, "GET", bucket, query=query))
        objects = [_listed(row) for row in page.iterfind("{*}Contents")]
        return objects, page.findtext("{*}NextContinuationToken", "")

    def create_upload(self, account: Account, bucket: str, key: str) -> str:
        """Begin a multipart upload: its id."""
        answer = self.send(account, "POST", bucket, key, {"uploads": ""})
        return _document(answer).findtext("{*}UploadId", "")

    def check_upload(self, account: Account, bucket: str, key: str, upload_id: str) -> None:
        """Raises `Refusal` for an upload that is not there, or not of this key."""
        self.send(account, "GET", bucket, key, {"uploadId": upload_id, "max-parts": "1"})

    def part_sizes(self, account: Account, bucket: str, key: str, upload_id: str) -> dict[int, int]:
        """The parts that are there: number to bytes."""
        sizes: dict[int, int] = {}
        marker = "0"
        while True:
            query = {"uploadId": upload_id, "part-number-marker": marker}
            page = _document(self.send(account, "GET", bucket, key, query))
            for row in page.iterfind("{*}Part"):
                sizes[int(row.findtext("{*}PartNumber", "0"))] = int(row.findtext("{*}Size", "0"))
            if page.findtext("{*}IsTruncated") != "true":
                return sizes
            marker = page.findtext("{*}NextPartNumberMarker", "0")

    def complete_upload(
        self, account: Account, bucket: str, key: str, upload_id: str, parts: Iterable[tuple[int, str]]
    ) -> None:
        """`parts` are numbers with ETags, quoted or not."""
        from xml.etree import ElementTree

        root = ElementTree.Element("CompleteMultipartUpload")
        for number, etag in parts:
            row = ElementTree.SubElement(root, "Part")
            ElementTree.SubElement(row, "PartNumber").text = str(number)
            ElementTree.SubElement(row, "ETag").text = etag
        self.send(account, "POST", bucket, key, {"uploadId": upload_id}, ElementTree.tostring(root))

    def abort_upload(self, account: Account, bucket: str, key: str, upload_id: str) -> None:
        self.send(account, "DELETE", bucket, key, {"uploadId": upload_id})


def _listed(row: Element) -> ListedObject:
    key = unquote_plus(row.findtext("{*}Key", ""))
    return ListedObject(key, row.findtext("{*}LastModified", ""), int(row.findtext("{*}Size", "0")))


def _document(response: Response) -> Element:
    from xml.etree import ElementTree  # some milliseconds, which the start of an endpoint does not need

    body = response.body if isinstance(response.body, bytes) else b""
    return ElementTree.fromstring(_CONTROL.sub(b"?", body))


def _refusal(response: Response) -> Refusal:
    if response.body and isinstance(response.body, bytes):
        error = _document(response)
        return Refusal(error.findtext("Code", "InternalError"), error.findtext("Message", ""), response.status)
    code = {403: "AccessDenied", 404: "NoSuchKey"}.get(response.status, "InternalError")  # HEAD has no document
    return Refusal(code, f"S3 answered {response.status}", response.status)
