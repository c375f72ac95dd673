"""S3's errors: one exception, one translation of store errors, one encoder. The codes are in `error_codes.py`."""

from __future__ import annotations

from collections.abc import Mapping

from dskit.errors import StoreError

from .error_codes import CODES, ErrorCode
from .xml import DECLARATION, escape

__all__ = ["CODES", "REASON_HEADER", "S3Error", "encode_error", "from_store_error"]

REASON_HEADER = "x-dskit-reason"

# Codes of dskit that S3 does not have, and what a server says instead.
_TRANSLATED = {
    "KeyConflict": "InvalidArgument",
    "OutcomeUnknown": "InternalError",
    "Configuration": "InternalError",
}
_LONGEST_REASON = 512


class S3Error(Exception):
    """An answer that is an error of S3.

    `code` is S3's; `message` None stands for the code's usual one. `fields` are further elements of the document
    (``{"Key": …}``), `headers` further response headers, `reason` one sentence for humans that says more than the
    message does. `status` overrides the code's own.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        reason: str | None = None,
        status: int | None = None,
    ) -> None:
        row = CODES.get(code)
        super().__init__(code, message)
        self.code = code
        self.message = message if message is not None else row.message if row else code
        self.fields: dict[str, str] = dict(fields or {})
        self.headers: dict[str, str] = dict(headers or {})
        self.reason = reason
        self.status = status if status is not None else row.status if row else 400

    def why(self) -> str:
        """What goes out as ``x-dskit-reason``: the reason, else the message with what it is about."""
        about = ", ".join(f"{name} {value}" for name, value in self.fields.items())
        return self.reason or (f"{self.message.rstrip('.')}: {about}" if about else self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.reason})" if self.reason else "")


def from_store_error(error: StoreError) -> S3Error:
    """The S3 error of a store's error: by its `code`, with its `details`.

    Where S3 has one message for the code that message is sent and the store's own words become the reason; where
    S3 has many (InvalidArgument, InvalidRequest, …) the store's message is sent. `Key` and `BucketName` are filled
    in from the error's context where the code has them. A detail ``reason`` is what S3 would not say: it is ours.
    """
    code = _TRANSLATED.get(error.code, error.code)
    row = CODES.get(code)
    if row is None:
        return S3Error("InternalError", reason=f"{error.code}: {error.message or error}")
    fields = dict(error.details)
    for name, value in (("Key", error.key), ("BucketName", error.bucket)):
        if name in row.fields and name not in fields and value is not None:
            fields[name] = value
    own = error.message if row.many and error.message else None
    reason = fields.pop("reason", None)
    if reason is None and own is None and error.message != row.message:
        reason = error.message or None
    return S3Error(code, own, fields=fields, reason=reason)


def encode_error(
    error: S3Error,
    *,
    resource: str | None = None,
    request_id: str = "",
    host_id: str = "",
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an error. The identifiers go into the body; their headers are the caller's.

    No body goes with 304 (RFC 9110 section 15.4.5). `resource` is written for codes of which no recording says that AWS
    leaves it out.
    """
    headers = list(error.headers.items())
    if error.status == 304:
        return error.status, headers, b""
    headers.append((REASON_HEADER, _one_line(error.why())))
    row = CODES.get(error.code, _UNKNOWN)
    parts = [DECLARATION, "<Error><Code>", escape(error.code), "</Code><Message>", escape(error.message), "</Message>"]
    fields = error.fields
    parts.extend(_element(name, fields[name]) for name in row.fields if name in fields)
    parts.extend(_element(name, value) for name, value in fields.items() if name not in row.fields)
    if resource is not None and row.resource and "Resource" not in fields:
        parts.append(_element("Resource", resource))
    parts.append(f"<RequestId>{escape(request_id)}</RequestId><HostId>{escape(host_id)}</HostId></Error>")
    headers.append(("Content-Type", "application/xml"))
    return error.status, headers, "".join(parts).encode("utf-8", "replace")


_UNKNOWN = ErrorCode(400, "", resource=True)


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _one_line(text: str) -> str:
    """`text` as a header value: printable ASCII, one line, not endless."""
    plain = "".join(char if " " <= char <= "~" else "?" if char > "~" else " " for char in text)
    return plain[:_LONGEST_REASON].strip()
