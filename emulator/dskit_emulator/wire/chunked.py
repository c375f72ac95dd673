"""aws-chunked: the framing in which SDKs send bodies whose digest or checksum is not known beforehand. Sans-IO.

Signed (``SIZE;chunk-signature=HEX``) or not (``SIZE``), with or without trailing headers. Bytes are pushed in as they
arrive and come out as slices of the same buffers. Sources: S3 API reference, "Signature calculations: transferring a
payload in multiple chunks" and "... with trailing headers"; codes and extra elements as S3 answers in public reports.
"""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest

from .denials import signature_mismatch
from .errors import S3Error
from .signatures import EMPTY_SHA256, chunk_string_to_sign, sign, trailer_string_to_sign

__all__ = ["ChunkSigner", "ChunkedDecoder", "incomplete_body"]

MIN_CHUNK = 8192  # bytes, of every chunk but the last
MAX_LINE = 1024  # a chunk header needs at most 98 bytes
MAX_TRAILER = 8192  # all trailing headers together

_PLAIN_HEADER = re.compile(rb"([0-9A-Fa-f]{1,16})\r\n")
_SIGNED_HEADER = re.compile(rb"([0-9A-Fa-f]{1,16});chunk-signature=([0-9a-f]{64})\r\n")

_HEADER, _DATA, _DATA_END, _TRAILER, _DONE = range(5)


class ChunkSigner:
    """Recomputes the chain of chunk signatures, beginning with that of the request."""

    __slots__ = ("_access_key", "_amz_date", "_key", "_previous", "_scope")

    def __init__(self, key: bytes, amz_date: str, scope: str, seed: str, access_key: str) -> None:
        self._key = key
        self._amz_date = amz_date
        self._scope = scope
        self._previous = seed
        self._access_key = access_key

    def check_chunk(self, data_sha256: str, provided: str) -> None:
        """Raises `S3Error` SignatureDoesNotMatch."""
        self._check(chunk_string_to_sign(self._amz_date, self._scope, self._previous, data_sha256), provided)

    def check_trailer(self, trailer: bytes, provided: str) -> None:
        """Raises `S3Error` SignatureDoesNotMatch."""
        self._check(trailer_string_to_sign(self._amz_date, self._scope, self._previous, trailer), provided)

    def _check(self, text: str, provided: str) -> None:
        expected = sign(self._key, text)
        if not compare_digest(expected.encode(), provided.encode()):
            raise signature_mismatch(self._access_key, text, provided)
        self._previous = expected


class ChunkedDecoder:
    """Decodes one body. `length` is what ``x-amz-decoded-content-length`` announced.

    `signer` is None for unsigned chunks. `trailers` are the names announced in ``x-amz-trailer`` (lower-case), None for
    a mode without trailing headers. What `feed` returns is not yet trustworthy: only `finish` says that all of it was
    what the client meant.
    """

    __slots__ = (
        "_chunk",
        "_chunk_size",
        "_declared",
        "_hasher",
        "_length",
        "_line",
        "_provided",
        "_received",
        "_remaining",
        "_signer",
        "_state",
        "_trailer_bytes",
        "_trailer_signature",
        "_trailers",
    )

    def __init__(self, length: int, *, signer: ChunkSigner | None = None, trailers: tuple[str, ...] | None = None):
        self._length = length
        self._signer = signer
        self._declared = trailers
        self._state = _HEADER
        self._line = bytearray()
        self._chunk = 0
        self._chunk_size = -1
        self._remaining = 0
        self._received = 0
        self._provided = ""
        self._hasher = sha256()
        self._trailers: dict[str, str] = {}
        self._trailer_bytes = 0
        self._trailer_signature: str | None = None

    def feed(self, data: bytes | memoryview) -> list[memoryview]:
        """Take the next bytes off the wire and return the payload among them, uncopied.

        Raises `S3Error` IncompleteBody for bad framing, InvalidChunkSizeError, SignatureDoesNotMatch,
        MalformedTrailerError.
        """
        view = memoryview(data)
        size = len(view)
        out: list[memoryview] = []
        at = 0
        while at < size:
            if self._state == _DATA:
                piece = view[at : at + self._remaining]
                at += len(piece)
                self._remaining -= len(piece)
                self._received += len(piece)
                if self._signer is not None:
                    self._hasher.update(piece)
                out.append(piece)
                if not self._remaining:
                    self._end_of_data()
            else:
                at = self._take_line(view, at)
        return out

    def finish(self) -> dict[str, str]:
        """The body has ended: return the trailing headers (lower-case names). Raises `S3Error` as `feed` does."""
        if self._state != _DONE or self._line:
            raise incomplete_body(reason="the body does not end where the aws-chunked framing does")
        return self._trailers

    def _take_line(self, view: memoryview, at: int) -> int:
        """Collect bytes up to a line feed; act on the line when it is whole. Returns where to go on."""
        limit = MAX_LINE - len(self._line)
        window = bytes(view[at : at + limit])
        end = window.find(b"\n") + 1
        self._line += window[:end] if end else window
        if not end:
            if len(self._line) >= MAX_LINE:
                raise incomplete_body(reason="a line of the aws-chunked framing is too long")
            return at + len(window)
        line = bytes(self._line)
        self._line.clear()
        if self._state == _HEADER:
            self._chunk_header(line)
        elif self._state == _DATA_END:
            if line != b"\r\n":
                raise incomplete_body(reason="a chunk is not followed by CR LF")
            self._state = _HEADER
        elif self._state == _TRAILER:
            self._trailer_line(line)
        elif line != b"\r\n" or self._trailer_bytes > MAX_TRAILER:
            raise incomplete_body(reason="bytes follow the end of the aws-chunked framing")
        else:
            self._trailer_bytes += len(line)
        return at + end

    def _chunk_header(self, line: bytes) -> None:
        matched = (_PLAIN_HEADER if self._signer is None else _SIGNED_HEADER).fullmatch(line)
        if matched is None:
            raise incomplete_body(reason="a chunk header is malformed")
        size = int(matched[1], 16)
        self._chunk += 1
        if size and 0 <= self._chunk_size < MIN_CHUNK:
            raise S3Error(
                "InvalidChunkSizeError",
                "Only the last chunk is allowed to have a size less than 8192 bytes",
                fields={"Chunk": str(self._chunk), "BadChunkSize": str(self._chunk_size)},
                status=403,
            )
        if self._received + size > self._length:
            raise wrong_length(self._length, self._received + size)
        self._chunk_size = self._remaining = size
        if self._signer is not None:
            self._provided = matched[2].decode()
        if size:
            self._state = _DATA
            return
        if self._received != self._length:
            raise wrong_length(self._length, self._received)
        if self._signer is not None:
            self._signer.check_chunk(EMPTY_SHA256, self._provided)
        self._state = _TRAILER

    def _end_of_data(self) -> None:
        if self._signer is not None:
            self._signer.check_chunk(self._hasher.hexdigest(), self._provided)
            self._hasher = sha256()
        self._state = _DATA_END

    def _trailer_line(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_TRAILER:
            raise malformed_trailer("the trailing headers are too long")
        text = line.strip(b"\r\n\t ")
        if text:
            if self._declared is None:
                raise incomplete_body(reason="trailing headers in a body that has none by its x-amz-content-sha256")
            self._trailer_field(text)
        elif self._is_last_line():
            self._check_trailers()
            self._state = _DONE

    def _is_last_line(self) -> bool:
        # Some clients put a blank line between the trailing headers and their signature.
        signed = self._signer is not None and self._declared is not None
        return not signed or self._trailer_signature is not None or not self._trailers

    def _trailer_field(self, text: bytes) -> None:
        raw_name, colon, raw_value = text.partition(b":")
        try:
            name, value = raw_name.decode("ascii").lower(), raw_value.strip(b" \t").decode("ascii")
        except UnicodeDecodeError:
            raise malformed_trailer("a trailing header is not ASCII") from None
        if name == "x-amz-trailer-signature" and self._signer is not None:
            self._trailer_signature = value
        elif not colon or name not in (self._declared or ()) or name in self._trailers:
            raise malformed_trailer(f"the trailing header {name[:100]!r} was not announced in x-amz-trailer")
        else:
            self._trailers[name] = value

    def _check_trailers(self) -> None:
        for name in self._declared or ():
            if name not in self._trailers:
                raise malformed_trailer(f"the announced trailing header {name!r} is missing")
        if self._signer is not None and self._declared is not None:
            if self._trailer_signature is None:
                raise malformed_trailer("the trailing headers are not signed")
            trailer = "".join(f"{name}:{value}\n" for name, value in self._trailers.items())
            self._signer.check_trailer(trailer.encode(), self._trailer_signature)


def incomplete_body(*, reason: str) -> S3Error:
    return S3Error("IncompleteBody", "The request body terminated unexpectedly", reason=reason, status=400)


def wrong_length(expected: int, provided: int) -> S3Error:
    return S3Error(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        fields={"NumberBytesExpected": str(expected), "NumberBytesProvided": str(provided)},
        status=400,
    )


def malformed_trailer(reason: str) -> S3Error:
    return S3Error(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        reason=reason,
        status=400,
    )
