"""Asking the endpoint's own S3 in process: a plane has the rights of the account that it acts for, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

from ..accounts import Account
from ..messages import RequestHead, Response
from . import Surroundings

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["ListedObject", "Refusal", "S3Calls"]

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
        self, account: Account, method: str, bucket: str, key: str = "", query: dict[str, str] | None = None
    ) -> Response:
        """A request without a body. Raises `Refusal` for every answer that is not a success, `BucketNotFoundError`."""
        url = self._around.url(account, method, bucket, key, origin=_ORIGIN, expires_in=_SECONDS, query=query or {})
        head = RequestHead(method, url.removeprefix(_ORIGIN), [("host", _HOST)], peer=_HOST)
        opened = self._around.s3.open(head)
        response = opened if isinstance(opened, Response) else opened.finish()
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
            query = {"list-type": "2", "max-keys": str(min(_PAGE, limit - len(found)))}
            given = {"prefix": prefix, "start-after": after, "continuation-token": token}
            query |= {name: value for name, value in given.items() if value}
            query["encoding-type"] = "url"
            page = _document(self.send(account, "GET", bucket, query=query))
            found += [_listed(row) for row in page.iterfind("{*}Contents")]
            token = page.findtext("{*}NextContinuationToken", "")
            if not token:
                break
        return found


def _listed(row: Element) -> ListedObject:
    key = unquote_plus(row.findtext("{*}Key", ""))
    return ListedObject(key, row.findtext("{*}LastModified", ""), int(row.findtext("{*}Size", "0")))


def _document(response: Response) -> Element:
    from xml.etree import ElementTree  # some milliseconds, which the start of an endpoint does not need

    body = response.body if isinstance(response.body, bytes) else b""
    return ElementTree.fromstring(body)


def _refusal(response: Response) -> Refusal:
    if response.body and isinstance(response.body, bytes):
        error = _document(response)
        return Refusal(error.findtext("Code", "InternalError"), error.findtext("Message", ""), response.status)
    code = {403: "AccessDenied", 404: "NoSuchKey"}.get(response.status, "InternalError")  # HEAD has no document
    return Refusal(code, f"S3 answered {response.status}", response.status)
