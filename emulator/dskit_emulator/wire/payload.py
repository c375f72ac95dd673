"""A request's body, whatever it is wrapped in: bytes of the wire go in, verified bytes of the object come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Protocol

from dskit.sources import BufferSource

from ..messages import RequestHead
from .auth import Identity
from .chunked import ChunkedDecoder, ChunkSigner, wrong_length
from .denials import STREAMING
from .errors import S3Error
from .signatures import EMPTY_SHA256, UNSIGNED_PAYLOAD

__all__ = ["Payload", "WholeBody", "check_no_body", "open_payload", "stored_content_encoding", "trailer_names"]

_CHECKSUM_TRAILER = re.compile(r"x-amz-checksum-[a-z0-9]+", re.ASCII)
_MOST_DIGITS = 15


class Payload(Protocol):
    """A body in arrival.

    `length` is the number of bytes of the object as announced, None if nobody said. Bytes given out by `feed` may be
    staged; they are good only once `finish` has returned.
    """

    length: int | None

    def feed(self, data: bytes | memoryview) -> Iterable[bytes | memoryview]:
        """Raises `S3Error` for framing or signatures that are wrong."""
        ...

    def finish(self) -> dict[str, str]:
        """Verify the rest and return the trailing headers, lower-case names. Raises `S3Error`."""
        ...


class _Plain:
    """Bytes as they are, with the length of Content-Length and, if it was signed, the SHA-256."""

    __slots__ = ("_expected", "_hasher", "_received", "length")

    def __init__(self, length: int | None, expected: str | None) -> None:
        self.length = length
        self._expected = expected
        self._hasher: Any = None
        self._received = 0

    def feed(self, data: bytes | memoryview) -> tuple[bytes | memoryview]:
        self._received += len(data)
        if self._hasher is not None:
            self._hasher.update(data)
        elif self._expected is not None:
            self._hasher = sha256(data)
        return (data,)

    def finish(self) -> dict[str, str]:
        if self.length is not None and self._received != self.length:
            raise wrong_length(self.length, self._received)
        if self._expected is not None:
            computed = self._hasher.hexdigest() if self._hasher is not None else EMPTY_SHA256
            if computed != self._expected:
                raise _other_hash(self._expected, computed)
        return {}


class _Chunked:
    __slots__ = ("_decoder", "feed", "finish", "length")

    def __init__(self, length: int, decoder: ChunkedDecoder) -> None:
        self.length: int | None = length
        self.feed = decoder.feed
        self.finish = decoder.finish


def open_payload(head: RequestHead, identity: Identity, *, needs_length: bool = False) -> Payload:
    """The reader for the body of a verified request.

    `needs_length` says that S3 serves the request only with Content-Length or Transfer-Encoding.

    Raises `S3Error`: MissingContentLength (411) for neither of these (S3 API reference, list of error codes) and for an
    aws-chunked body without a usable ``x-amz-decoded-content-length``, InvalidRequest for an ``x-amz-trailer`` that S3
    does not know.
    """
    mode = identity.content_sha256
    length = head.index.get("content-length")
    if length is None and needs_length and "transfer-encoding" not in head.index:
        raise _no_length()
    if mode not in STREAMING:
        if length is not None and not _is_length(length):
            raise _no_length()
        return _Plain(None if length is None else int(length), None if mode == UNSIGNED_PAYLOAD else mode)
    announced = head.get("x-amz-decoded-content-length")
    if not _is_length(announced):
        raise _no_length()
    decoded = int(announced)
    signer = None
    if mode != "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        signer = ChunkSigner(
            identity.signing_key, identity.amz_date, identity.scope, identity.signature, identity.account.access_key
        )
    trailers = trailer_names(head.get("x-amz-trailer")) if mode.endswith("-TRAILER") else None
    return _Chunked(decoded, ChunkedDecoder(decoded, signer=signer, trailers=trailers))


class WholeBody(BufferSource):
    """A body without framing that is all there, as the source of a put.

    `signed` is the SHA-256 that was signed, or ``UNSIGNED-PAYLOAD``.
    """

    __slots__ = ("_signed",)

    def __init__(self, body: bytes, signed: str) -> None:
        self.data = body  # as `BufferSource.__init__`, without its call for every put
        self.length = len(body)
        self._signed = signed

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Raises `S3Error` XAmzContentSHA256Mismatch for other bytes than were signed."""
        signed = self._signed
        if signed != UNSIGNED_PAYLOAD:
            computed = sha256(self.data).hexdigest()
            if computed != signed:
                raise _other_hash(signed, computed)
        return iter((self.data,))


def check_no_body(head: RequestHead, identity: Identity) -> None:
    """For an operation that reads no body: where none is sent, the signed hash must be that of nothing.

    Raises `S3Error` XAmzContentSHA256Mismatch.
    """
    signed = identity.content_sha256
    if signed in (EMPTY_SHA256, UNSIGNED_PAYLOAD) or signed in STREAMING:
        return
    headers = head.index
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        raise _other_hash(signed, EMPTY_SHA256)


def stored_content_encoding(value: str) -> str | None:
    """Content-Encoding as S3 stores it: without ``aws-chunked``, which is of the transfer. None if nothing is left."""
    kept = [token for part in value.split(",") if (token := part.strip()) and token.lower() != "aws-chunked"]
    return ",".join(kept) or None


def _other_hash(signed: str, computed: str) -> S3Error:
    return S3Error(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        fields={"ClientComputedContentSHA256": signed, "S3ComputedContentSHA256": computed},
        status=400,
    )


def _is_length(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= _MOST_DIGITS


def _no_length() -> S3Error:
    return S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.", status=411)


def trailer_names(text: str) -> tuple[str, ...]:
    """The trailing header that ``x-amz-trailer`` announces, lower-case, if any. Raises `S3Error` InvalidRequest."""
    names = tuple(name for part in text.split(",") if (name := part.strip().lower()))
    if any(not _CHECKSUM_TRAILER.fullmatch(name) for name in names):
        raise S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported", status=400)
    if len(names) > 1:  # aws-recorded:test_s3_checksum_no_algorithm
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            status=400,
        )
    return names
