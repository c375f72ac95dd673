"""multipart/form-data as it arrives: fields, then one file whose bytes are passed on (RFC 7578, RFC 2046 section 5.1).

Strict where leniency would make the end of the file a guess: lines end in CRLF, a boundary line holds nothing else, and
the closing boundary must be there. What comes after the file is parsed but given out no more, as S3 ignores it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .errors import S3Error

__all__ = ["FIELDS_LIMIT", "FileBegins", "FileEnds", "FormField", "FormParser", "boundary_of"]

FIELDS_LIMIT = 20 * 1024
"""Bytes before the content of the file, boundaries and headers included (S3 API reference, "POST Object")."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)  # RFC 2046 section 5.1.1
_PARAMETER = re.compile(rb';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s;"]*)[ \t]*')
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++):([^\r\n]*+)")

_AS_IT_IS = (b"binary", b"8bit", b"7bit")


class FormField(NamedTuple):
    name: str
    value: str


class FileBegins(NamedTuple):
    """`filename` is the last component of the name that the sender gave, None where the part has none."""

    filename: str | None


class FileEnds(NamedTuple):
    """All bytes of the file have been given out."""


Event = FormField | FileBegins | FileEnds | bytes


def boundary_of(content_type: str) -> bytes:
    """Raises `S3Error`: PreconditionFailed for another type (aws-recorded:test_post_object_with_wrong_content_type),
    MalformedPOSTRequest for a boundary that is missing or cannot be one."""
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise S3Error(
            "PreconditionFailed", fields={"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"}
        )
    for found in _PARAMETER.finditer(b";" + rest.encode("latin-1")):
        if found[1].lower() == b"boundary":
            boundary = _unquoted(found[2]).decode("latin-1")
            if _BOUNDARY.fullmatch(boundary):
                return boundary.encode()
    raise _malformed("the Content-Type names no boundary that could be one")


class FormParser:
    """Bytes go in, events come out: `FormField` for each field before the file, `FileBegins`, its bytes, `FileEnds`.

    The file is the part named ``file`` (letters of any case). Raises `S3Error` MalformedPOSTRequest and
    MaxPostPreDataLengthExceededError.
    """

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # so that the first boundary is one like the others
        self._at = 0  # what is before has been read; cut off at the next feed, not part by part
        self._before_file = 0
        self._state = self._preamble
        self._field = ""
        self.ended = False
        self.had_file = False

    def feed(self, data: bytes | memoryview) -> Iterator[Event]:
        self._buffer = self._buffer[self._at :] + data
        self._at = 0
        if not self.had_file:
            self._before_file += len(data)
        while True:
            before = self._state, self._at
            yield from self._state()
            if (self._state, self._at) == before:
                break
        if not self.had_file:
            self._check_limit(self._before_file)

    def finish(self) -> None:
        """Raises `S3Error` unless the form is complete and had a file."""
        if not self.ended:
            raise _malformed("the closing boundary is missing")
        if not self.had_file:
            raise S3Error("IncorrectNumberOfFilesInPostRequest", reason="the form has no field named file")

    def _check_limit(self, size: int) -> None:
        if size > FIELDS_LIMIT:
            raise S3Error("MaxPostPreDataLengthExceededError", fields={"MaxPostPreDataLengthBytes": str(FIELDS_LIMIT)})

    def _preamble(self) -> Iterator[Event]:
        if self._take(keep=False) is not None:
            self._state = self._after_boundary
        return iter(())

    def _after_boundary(self) -> Iterator[Event]:
        """A boundary has been read: what follows it on its line."""
        rest = self._buffer[self._at : self._at + 2]
        if rest == b"--":
            self.ended = True
            self._state = self._epilogue
        elif rest == b"\r\n":
            self._at += 2
            self._state = self._headers
        elif rest not in (b"", b"\r", b"-"):
            raise _malformed("a boundary is followed by something else on its line")
        return iter(())

    def _headers(self) -> Iterator[Event]:
        end = self._buffer.find(b"\r\n\r\n", self._at)
        if end < 0:
            self._check_limit(len(self._buffer) - self._at)
            return
        head = self._buffer[self._at : end]
        self._at = end + 4
        name, filename = _disposition(head)
        if self.had_file:
            self._state = self._ignored
        elif name.lower() == "file":
            self._check_limit(self._before_file - (len(self._buffer) - self._at))
            self.had_file = True
            self._state = self._file
            yield FileBegins(filename)
        else:
            self._field = name
            self._state = self._value

    def _value(self) -> Iterator[Event]:
        value = self._take(keep=True)
        if value is not None:
            self._state = self._after_boundary
            yield FormField(self._field, _text(value))

    def _file(self) -> Iterator[Event]:
        content = self._take(keep=True)
        if content is not None:
            self._state = self._after_boundary
            if content:
                yield content
            yield FileEnds()
        elif (safe := len(self._buffer) - len(self._delimiter) + 1) > self._at:
            content, self._at = self._buffer[self._at : safe], safe
            yield content

    def _ignored(self) -> Iterator[Event]:
        if self._take(keep=False) is not None:
            self._state = self._after_boundary
        return iter(())

    def _epilogue(self) -> Iterator[Event]:
        self._at = len(self._buffer)
        return iter(())

    def _take(self, *, keep: bool) -> bytes | None:
        """What is before the next boundary, which is taken away; None where there is none yet."""
        end = self._buffer.find(self._delimiter, self._at)
        if end >= 0:
            content = self._buffer[self._at : end]
            self._at = end + len(self._delimiter)
            return content
        if not keep:
            self._at = max(self._at, len(self._buffer) - len(self._delimiter) + 1)
        return None


def _disposition(head: bytes) -> tuple[str, str | None]:
    """Name and file name of a part, from its headers."""
    found: bytes | None = None
    for line in head.split(b"\r\n"):
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _malformed("a part has a header that is none")
        name, value = header[1].lower(), header[2].strip(b" \t")
        if name == b"content-disposition":
            found = value
        elif name == b"content-transfer-encoding" and value.lower() not in _AS_IT_IS:
            raise _malformed("parts are sent as they are; a Content-Transfer-Encoding is not undone")
    kind, semicolon, rest = (found or b"").partition(b";")
    parameters = {match[1].lower(): match[2] for match in _PARAMETER.finditer(semicolon + rest)}
    if kind.strip().lower() != b"form-data" or b"name" not in parameters:
        raise _malformed("a part has no Content-Disposition of form-data with a name")
    return _text(_unquoted(parameters[b"name"])), _file_name(parameters)


def _file_name(parameters: dict[bytes, bytes]) -> str | None:
    extended = parameters.get(b"filename*")
    if extended is not None:  # RFC 5987, which older clients send
        _, _, encoded = _unquoted(extended).rpartition(b"'")
        name = _text(unquote_to_bytes(encoded))
    elif b"filename" in parameters:
        name = _text(_unquoted(parameters[b"filename"]))
    else:
        return None
    return re.split(r"[/\\]", name)[-1]


def _unquoted(value: bytes) -> bytes:
    """A parameter without its quotes. Browsers write a quote as ``%22`` and leave backslashes alone (WHATWG HTML,
    "multipart/form-data"); a backslash before a quote is of the older grammar."""
    if value[:1] != b'"':
        return value
    return value[1:-1].replace(b'\\"', b'"').replace(b"%22", b'"').replace(b"%0D", b"\r").replace(b"%0A", b"\n")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _malformed("a name or value is not UTF-8") from None


def _malformed(reason: str) -> S3Error:
    return S3Error("MalformedPOSTRequest", reason=reason)
