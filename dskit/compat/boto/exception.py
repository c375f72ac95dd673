"""boto 2's exceptions, by its names, and the one place where a store's error becomes one of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any
from xml.sax.saxutils import escape

from ...errors import StoreError
from ..http_status import reason_of, status_of
from ..translation import translating

__all__ = [
    "BotoClientError",
    "BotoServerError",
    "S3CopyError",
    "S3CreateError",
    "S3DataError",
    "S3PermissionsError",
    "S3ResponseError",
    "StorageCopyError",
    "StorageCreateError",
    "StorageDataError",
    "StoragePermissionsError",
    "StorageResponseError",
    "server_error",
    "translated",
]


class BotoClientError(Exception):
    def __init__(self, reason: Any, *args: Any) -> None:
        super().__init__(reason, *args)
        self.reason = reason

    def __repr__(self) -> str:
        return f"BotoClientError: {self.reason}"

    def __str__(self) -> str:
        return f"BotoClientError: {self.reason}"


class StoragePermissionsError(BotoClientError):
    """A permission that does not exist."""


class S3PermissionsError(StoragePermissionsError):
    pass


class StorageDataError(BotoClientError):
    """Bytes that did not arrive, or not as they were sent."""


class S3DataError(StorageDataError):
    pass


class BotoServerError(Exception):
    """An answer that is an error. `body` is S3's error document; what it says is in `error_code` (`code`),
    `error_message` (`message`), `resource` and `request_id`."""

    def __init__(self, status: int, reason: str, body: str | bytes | None = None, *args: Any) -> None:
        super().__init__(status, reason, body, *args)
        self.status = status
        self.reason = reason
        self.body: str | None = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
        self.request_id: str | None = None
        self.error_code: str | None = None
        self.message: str | None = ""
        self.box_usage: str | None = None
        if self.body:
            try:
                root = ET.fromstring(self.body)
            except ET.ParseError:
                self.message, self.body = self.body, None
            else:
                self.read(root)

    def read(self, document: ET.Element) -> None:
        self.error_code = document.findtext("Code")
        self.message = document.findtext("Message") or ""
        self.request_id = document.findtext("RequestId")

    @property
    def error_message(self) -> str | None:
        return self.message

    @error_message.setter
    def error_message(self, value: str | None) -> None:
        self.message = value

    @property
    def code(self) -> str | None:
        return self.error_code

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.status} {self.reason}\n{self.body}"

    __str__ = __repr__


class StorageResponseError(BotoServerError):
    resource: str | None = None

    def read(self, document: ET.Element) -> None:
        super().read(document)
        self.resource = document.findtext("Resource")


class S3ResponseError(StorageResponseError):
    pass


class StorageCreateError(BotoServerError):
    bucket: str | None = None

    def read(self, document: ET.Element) -> None:
        super().read(document)
        self.bucket = document.findtext("BucketName")


class S3CreateError(StorageCreateError):
    pass


class StorageCopyError(BotoServerError):
    pass


class S3CopyError(StorageCopyError):
    pass


def server_error(error: StoreError, kind: type[BotoServerError] = S3ResponseError, *, body: bool = True) -> Any:
    """The exception of an error of a store, its document filled. An answer to HEAD has no `body`, as in boto."""
    resource = "/" + "/".join(part for part in (error.bucket, error.key) if part)
    texts = {"Code": error.code, "Message": error.message or error.code, "Resource": resource}
    if error.key:
        texts["Key"] = error.key
    if error.bucket:
        texts["BucketName"] = error.bucket
    document = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())
    told = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{document}</Error>'
    return kind(status_of(error), reason_of(error), told if body else "")


translated = translating(server_error)
"""Around a method: errors of the store become `S3ResponseError`, their cause chained."""
