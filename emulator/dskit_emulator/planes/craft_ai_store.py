"""The calls of Craft AI's data store on one bucket: what `craft_ai.CraftAiPlane` answers, without HTTP and tokens."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

from dskit.errors import BucketNotFoundError
from dskit.keys import check_key

from ..accounts import Account
from . import Surroundings
from .s3_calls import ListedObject, Refusal, S3Calls

__all__ = ["DataStore", "Refused", "Request", "text_field"]

_CLIENT = re.compile(r"craft-ai-sdk@(\d+)\.(\d+)")
_LAST_WITH_BARE_LISTS = (0, 28)


class Refused(Exception):
    """`name` is what the package shows in brackets before the message."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message


class Request(NamedTuple):
    """A call of the data store. `fields` are those of the body, JSON or form; `form` says which."""

    account: Account
    bucket: str
    origin: str
    client: str
    query: Mapping[str, str]
    fields: Mapping[str, Any]
    form: bool

    def path(self, given: Mapping[str, Any] | None = None) -> str:
        """The object's key. Raises `InvalidKeyError`."""
        key = text_field(self.fields if given is None else given, "path_to_object")
        check_key(key)
        return key


def text_field(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise Refused(400, "BadRequest", f"{name} is {'missing' if value is None else 'not a string'}")
    return value


class _Upload:
    """An upload in parts that was begun here: `until` is when the last of its URLs expires, `size` was announced."""

    __slots__ = ("account", "bucket", "key", "size", "until")

    def __init__(self, account: Account, bucket: str, key: str) -> None:
        self.account = account
        self.bucket = bucket
        self.key = key
        self.until: datetime
        self.size: int | None = None


class DataStore:
    """Each method answers one call: a value for JSON, or one of `Refused`, `Refusal` and `StoreError` is raised.

    Signed URLs and forms live for `url_seconds`; listings come in pages of `page_size`.
    """

    def __init__(self, surroundings: Surroundings, *, url_seconds: int, page_size: int) -> None:
        self._around = surroundings
        self._s3 = S3Calls(surroundings)
        self._url_seconds = url_seconds
        self._page_size = page_size
        self._open: dict[str, _Upload] = {}
        self._lock = Lock()

    def list_objects(self, request: Request) -> Any:
        folder = request.query.get("folder_path", "")
        prefix = folder if not folder or folder.endswith("/") else folder + "/"
        token = request.query.get("continuation_token", "")
        items: list[dict[str, Any]] = []
        while True:
            page, token = self._s3.list_page(
                request.account, request.bucket, prefix=prefix, token=token, limit=self._page_size
            )
            items += [_item(row) for row in page]
            if not _expects_bare_list(request):
                return {"items": items, "continuation_token": token or None}
            if not token:
                return items

    def describe(self, request: Request) -> Any:
        from email.utils import parsedate_to_datetime  # some milliseconds, which the start does not need

        key = request.path()
        try:
            answer = self._s3.send(request.account, "HEAD", request.bucket, key)
        except Refusal as refusal:
            if refusal.status == 404:  # HEAD has no text
                text = f"There is no object {key!r} in the data store."
                raise Refused(404, refusal.code, text) from refusal
            raise
        headers = {name.lower(): value for name, value in answer.headers}
        modified = parsedate_to_datetime(headers["last-modified"])
        return _item(ListedObject(key, f"{modified:%Y-%m-%dT%H:%M:%S}.000Z", answer.length or 0))

    def upload(self, request: Request) -> Any:
        key = request.path(request.query)
        fields = self._around.form(request.account, request.bucket, key, expires_in=self._url_seconds)
        return {"signed_url": f"{request.origin}/{quote(request.bucket)}", "fields": fields}

    def download(self, request: Request) -> Any:
        return {"signed_url": self._sign(request, "GET", request.path())}

    def delete(self, request: Request) -> Any:
        """S3's semantics: no error where there is no object."""
        key = request.path()
        self._s3.send(request.account, "DELETE", request.bucket, key)
        return {"path": key}

    def _sign(self, request: Request, method: str, key: str, query: Mapping[str, str] | None = None) -> str:
        return self._around.url(
            request.account,
            method,
            request.bucket,
            key,
            origin=request.origin,
            expires_in=self._url_seconds,
            query=query or {},
        )

    # Uploads in parts

    def start(self, request: Request) -> Any:
        key = request.path()
        self._abort_forgotten()
        upload_id = self._s3.create_upload(request.account, request.bucket, key)
        self._remember(request, upload_id, key)
        return {"multipart_upload_id": upload_id} if request.form else {"upload_id": upload_id}

    def part(self, request: Request) -> Any:
        upload_id = _upload_id(request)
        size = request.fields.get("size")
        if size is not None and (type(size) is not int or size < 0):
            raise Refused(400, "BadRequest", "size is a number of bytes")
        url = self._part_url(request, upload_id, request.path(), request.fields.get("part_number"), size)
        return {"signed_url": url, "headers": {}}

    def older_part(self, upload_id: str, request: Request) -> Any:
        number = request.query.get("part_number", "")
        value = int(number) if re.fullmatch("[0-9]{1,5}", number) else number
        return {"signed_url": self._part_url(request, upload_id, request.path(request.query), value)}

    def _part_url(self, request: Request, upload_id: str, key: str, number: Any, size: int | None = None) -> str:
        """The package does not look at what a part's URL answers: what is wrong has to be told here."""
        if type(number) is not int or not 1 <= number <= 10_000:
            raise Refused(400, "BadRequest", "part_number is a number from 1 to 10000")
        self._s3.check_upload(request.account, request.bucket, key, upload_id)
        self._remember(request, upload_id, key, size)
        return self._sign(request, "PUT", key, {"partNumber": str(number), "uploadId": upload_id})

    def _remember(self, request: Request, upload_id: str, key: str, size: int | None = None) -> None:
        until = self._around.clock.now() + timedelta(seconds=self._url_seconds)
        with self._lock:
            upload = self._open.setdefault(upload_id, _Upload(request.account, request.bucket, key))
            upload.until = until
            upload.size = upload.size if size is None else size

    def _abort_forgotten(self) -> None:
        """The package aborts nothing: an upload that broke off goes when none of its URLs is good any more."""
        now = self._around.clock.now()
        with self._lock:
            forgotten = {upload_id: upload for upload_id, upload in self._open.items() if upload.until < now}
            for upload_id in forgotten:
                del self._open[upload_id]
        for upload_id, upload in forgotten.items():
            self._abort(upload.account, upload.bucket, upload.key, upload_id)

    def _abort(self, account: Account, bucket: str, key: str, upload_id: str) -> None:
        with contextlib.suppress(Refusal, BucketNotFoundError):
            self._s3.abort_upload(account, bucket, key, upload_id)

    def end(self, request: Request) -> Any:
        upload_id = _upload_id(request)
        return self._finish(request, upload_id, partial(self._check_size, request, upload_id))

    def older_end(self, upload_id: str, request: Request) -> Any:
        """Clients of that shape announce no size."""
        return self._finish(request, upload_id, lambda key, announced: None)

    def _finish(self, request: Request, upload_id: str, check: Callable[[str, int | None], None]) -> Any:
        """The object appears, or the upload is gone: the package never ends one twice."""
        key = request.path()
        with self._lock:
            known = self._open.pop(upload_id, None)
        try:
            parts = _parts(request.fields.get("parts"))
            check(key, known.size if known else None)
            self._s3.complete_upload(request.account, request.bucket, key, upload_id, parts)
        except (Refused, Refusal):
            self._abort(request.account, request.bucket, key, upload_id)
            raise
        return {"path": key}

    def _check_size(self, request: Request, upload_id: str, key: str, announced: int | None) -> None:
        """craft-ai-sdk 0.74.7 drops the last byte of a file that is one byte longer than its parts, and then never
        announces the size."""
        stored = sum(self._s3.part_sizes(request.account, request.bucket, key, upload_id).values())
        if announced is None:
            text = (
                f"The upload of {key!r} is refused: no part announced its total size, so its end is missing "
                f"({stored} bytes came). craft-ai-sdk loses the last byte of a file that is one byte longer than a "
                "whole number of parts: choose another CRAFT_AI__MULTIPART_PART_SIZE__B."
            )
            raise Refused(400, "IncompleteUpload", text)
        if stored != announced:
            text = f"The upload of {key!r} is refused: {announced} bytes were announced, {stored} came."
            raise Refused(400, "IncompleteUpload", text)


def _item(found: ListedObject) -> dict[str, Any]:
    return {"path": found.key, "last_modified": found.last_modified, "size": found.size}


def _expects_bare_list(request: Request) -> bool:
    """Up to 0.28 a listing is one JSON list; later clients that do not page say so by a parameter."""
    version = _CLIENT.match(request.client)
    return (
        version is not None
        and (int(version[1]), int(version[2])) <= _LAST_WITH_BARE_LISTS
        and "include_continuation_token" not in request.query
    )


def _upload_id(request: Request) -> str:
    configuration = request.fields.get("multipart_upload_configuration")
    if not isinstance(configuration, dict):
        raise Refused(400, "BadRequest", "multipart_upload_configuration is what the start of the upload answered")
    return text_field(configuration, "upload_id")


def _parts(value: Any) -> list[tuple[int, str]]:
    if not isinstance(value, list) or not value:
        raise Refused(400, "BadRequest", "parts is a list of parts, one at least")
    parts: list[tuple[int, str]] = []
    for row in value:
        number = row.get("number") if isinstance(row, dict) else None
        if type(number) is not int:
            raise Refused(400, "BadRequest", "every part has a number")
        if not isinstance(row.get("metadata"), str):
            raise Refused(400, "IncompleteUpload", f"part {number} has no ETag: it was not stored")
        parts.append((number, row["metadata"]))
    return parts
