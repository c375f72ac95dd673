"""Requests to plain dictionaries, compiled from the model: what was sent is looked up, not what might have been."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from . import overlay
from .address import QUERY_CHECKSUM
from .errors import S3Error
from .spec import Member, Operation, Shape
from .values import decode_metadata, parse_boolean, parse_http_date, parse_iso_date
from .xml import Element, XMLProblem, parse

__all__ = ["BODY_LIMIT", "BodyDecoder", "HeadDecoder"]

# Of a document in a request. 1,000 keys of 1,024 bytes, each an entity reference, stay below.
BODY_LIMIT = 8 * 2**20

_SKIP = object()  # what a converter returns for "as if it had not been sent"
Convert = Callable[[str], Any]
BodyReader = Callable[[Element], Any]
_Plan = tuple[tuple[tuple[str, str, Convert | None], ...], tuple[tuple[str, str], ...]]


_SHAPES_REMEMBERED = 128
_LONGEST_SHAPE = 2048  # characters of all names of a head; whoever sends more would fill the memory with them


class HeadDecoder:
    """Query and headers of one operation: a look-up table a place, compiled once.

    A client sends the same headers with each request of a kind, so what they mean is looked up once for each set of
    names: `_plans` are the members among the headers, with their converters, and the names of metadata.
    """

    __slots__ = ("_headers", "_plans", "_prefix", "_prefix_member", "_query", "_required")

    def __init__(self, operation: Operation) -> None:
        self._query: dict[str, tuple[str, Convert | None]] = {}
        self._headers: dict[str, tuple[str, Convert | None]] = {}
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._prefix: str | None = None
        self._prefix_member = ""
        shape = operation.input
        members = shape.members.values() if shape is not None else ()
        for member in members:
            if member.location == "querystring":
                self._query[member.wire_name] = (member.name, _converter(member))
            elif member.location == "header":
                self._headers[member.wire_name.lower()] = (member.name, _converter(member))
            elif member.location == "headers":
                self._prefix, self._prefix_member = member.wire_name.lower(), member.name
        self._required = [
            (member.name, member.location, member.wire_name)
            for place in ("querystring", "header")
            for member in operation.required(place)
        ]

    def decode(self, query: Sequence[tuple[str, str | None]], headers: Mapping[str, str]) -> dict[str, Any]:
        """Input members by name. `headers` have lower-case names. Raises `S3Error` InvalidArgument,
        MissingSecurityHeader.

        The first of repeated query parameters counts. A presigned URL may carry `x-amz-` headers in its query
        (aws-recorded:test_presigned_url_v4_x_amz_in_qs), but no checksums; a real header wins.
        """
        names = tuple(headers)
        members, named = self._plans.get(names) or self._plan(names)
        found: dict[str, Any] = {}
        for name, member, convert in members:
            value = headers[name] if convert is None else convert(headers[name])
            if value is not _SKIP:
                found[member] = value
        prefix = self._prefix
        metadata = {short: decode_metadata(headers[name]) for name, short in named} if named else None
        if query:
            metadata = self._decode_query(query, headers, found, metadata)
        if prefix is not None:
            found[self._prefix_member] = {} if metadata is None else metadata
        for member, place, wire_name in self._required:
            if member not in found:
                raise _missing(place, wire_name)
        return found

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        table, prefix = self._headers, self._prefix
        members = tuple([(name, *table[name]) for name in names if name in table])
        named = () if prefix is None else [name for name in names if name.startswith(prefix) and name not in table]
        plan = (members, tuple([(name, name[len(prefix or "") :]) for name in named]))
        if sum(map(len, names)) <= _LONGEST_SHAPE:
            if len(self._plans) >= _SHAPES_REMEMBERED:
                self._plans.clear()
            self._plans[names] = plan
        return plan

    def _decode_query(
        self,
        query: Sequence[tuple[str, str | None]],
        headers: Mapping[str, str],
        found: dict[str, Any],
        metadata: dict[str, str] | None,
    ) -> dict[str, str] | None:
        """Add the members of the query to `found`; the metadata, with what the query has of it."""
        table, prefix = self._headers, self._prefix
        parameters = self._query
        for name, given in query:
            text = given or ""
            slot = parameters.get(name)
            if slot is None:
                lowered = name.lower()
                if not lowered.startswith("x-amz-") or lowered in headers or QUERY_CHECKSUM.match(lowered):
                    continue
                slot = table.get(lowered)
                if slot is None:
                    if prefix is not None and lowered.startswith(prefix):
                        metadata = {} if metadata is None else metadata
                        metadata.setdefault(lowered[len(prefix) :], decode_metadata(_as_header(text)))
                    continue
            member, convert = slot
            if member not in found:
                value = text if convert is None else convert(text)
                if value is not _SKIP:
                    found[member] = value
        return metadata


def _as_header(text: str) -> str:
    """Text of a query as it would have been in a header: latin-1 text of its UTF-8 bytes."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _missing(place: str, name: str) -> S3Error:
    if place == "header":
        return S3Error("MissingSecurityHeader", fields={"MissingHeaderName": name})
    return S3Error(
        "InvalidArgument", f"Missing required query parameter: {name}", fields={"ArgumentName": name}, status=400
    )


def _refusal(member: Member, message: str, text: str, name: str = "") -> S3Error:
    return S3Error("InvalidArgument", message, fields={"ArgumentName": name or member.wire_name, "ArgumentValue": text})


def _converter(member: Member) -> Convert | None:
    """From the text of a header or query parameter; None where the text is the value."""
    kind = member.shape.kind
    if kind in ("integer", "long"):
        return _integer(member)
    if kind == "boolean":
        return _boolean(member)
    if kind == "timestamp":
        return _timestamp(member)
    if kind == "list":
        return _header_list
    return None


def _integer(member: Member) -> Convert:
    name = member.wire_name
    row = overlay.INTEGERS.get(name)
    least, greatest = (row[0], row[1]) if row else (-(2**63), 2**63 - 1)
    shown = row[2] if row else name
    highest = 2**31 - 1 if greatest == 2**31 - 1 else 2**63 - 1  # above it is no integer for S3
    # S3's words for a max-keys that is no number; part numbers have one message for every fault.
    bad = row[3] if row and name == "partNumber" else f"Provided {name} not an integer or within integer range"
    out_of_range = row[3] if row else bad

    def convert(text: str) -> Any:
        if not text:
            return _SKIP  # aws-recorded:test_list_parts_empty_part_number_marker
        try:
            value = int(text) if text.isascii() and not text.isspace() and "_" not in text else None
        except ValueError:
            value = None
        if value is None or not -(2**63) <= value <= highest:
            raise _refusal(member, bad, text)
        if not least <= value <= greatest:
            raise _refusal(member, out_of_range, text, shown)
        return value

    return convert


def _boolean(member: Member) -> Convert:
    def convert(text: str) -> bool:
        try:
            return parse_boolean(text)
        except ValueError as error:
            raise _refusal(member, f"Invalid value for {member.wire_name}: must be true or false", text) from error

    return convert


def _timestamp(member: Member) -> Convert:
    read = parse_iso_date if member.shape.timestamp_format == "iso8601" else parse_http_date
    lenient = member.wire_name in overlay.LENIENT_DATES

    def convert(text: str) -> datetime | object:
        try:
            return read(text)
        except (ValueError, OverflowError) as error:
            if lenient:
                return _SKIP
            raise _refusal(member, f"The value of {member.wire_name} is not a valid date", text) from error

    return convert


def _header_list(text: str) -> list[str]:
    """``ETag, Checksum`` with or without blanks (aws-recorded:test_get_object_attributes_with_space)."""
    return [item.strip() for item in text.split(",") if item.strip()]


class BodyDecoder:
    """The document in a request's body, for one operation."""

    __slots__ = ("_malformed", "_member", "_read", "_required", "_roots", "_text")

    def __init__(self, operation: Operation) -> None:
        payload, shape = operation.payload, operation.input
        self._member: str | None = None
        self._read: BodyReader | None = None
        self._text = False
        self._required = False
        self._roots: frozenset[str] = frozenset()
        self._malformed = overlay.MALFORMED.get(operation.name, "MalformedXML")
        if payload is not None and shape is not None:
            self._member = payload.name
            self._required = payload.name in shape.required
            self._text = payload.shape.kind == "string"
            if payload.shape.kind == "structure":
                self._read = _structure(payload.shape)
                self._roots = frozenset({payload.wire_name, payload.shape.name})
        elif shape is not None and shape.body_members:
            self._read = _structure(shape)
            self._roots = frozenset({operation.raw.get("inputRoot", shape.name)})

    def decode(self, body: bytes, limit: int = BODY_LIMIT) -> dict[str, Any]:
        """Body members by name; {} where the operation has none or an optional one is absent.

        Raises `S3Error` MissingRequestBodyError, MaxMessageLengthExceeded, MalformedXML (`overlay.MALFORMED`).
        """
        if self._read is None and not self._text:
            return {}
        if len(body) > limit:
            raise S3Error("MaxMessageLengthExceeded", fields={"MaxMessageLengthBytes": str(limit)})
        if not body:
            if self._required:
                raise S3Error("MissingRequestBodyError")
            return {}
        if self._text:
            try:
                return {str(self._member): body.decode()}
            except UnicodeDecodeError as error:
                raise S3Error("MalformedPolicy", reason="the body is not UTF-8") from error
        assert self._read is not None
        try:
            root = parse(body)
            if root.tag not in self._roots:
                raise XMLProblem(f"the root element is {root.tag}, not {' or '.join(sorted(self._roots))}")
            value = self._read(root)
        except XMLProblem as error:
            raise S3Error(self._malformed, reason=str(error)) from error
        return {self._member: value} if self._member else dict(value)


def _reader(shape: Shape) -> BodyReader:
    kind = shape.kind
    if kind == "structure":
        return _structure(shape)
    if kind in ("integer", "long"):
        return _read_integer
    if kind == "boolean":
        return _read_boolean
    if kind == "timestamp":
        return _read_timestamp
    return _read_string


def _structure(shape: Shape) -> BodyReader:
    elements: dict[str, tuple[str, BodyReader, bool]] = {}
    attributes: dict[str, str] = {}
    for member in shape.body_members.values():
        if member.attribute:
            attributes[member.wire_name.rpartition(":")[2]] = member.name
        elif member.shape.kind == "list" and member.flattened:
            elements[member.wire_name] = (member.name, _reader(member.shape.item.shape), True)
        elif member.shape.kind == "list":
            elements[member.wire_name] = (member.name, _list(member.shape), False)
        else:
            elements[member.wire_name] = (member.name, _reader(member.shape), False)
    required = [name for name, member in shape.members.items() if name in shape.required and not member.location]
    union = bool(shape.raw.get("union"))

    def read(element: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if element.text and element.text.strip():
            raise XMLProblem(f"text in {element.tag}, which has elements only")
        for attribute, member in attributes.items():
            if attribute in element.attributes:
                found[member] = element.attributes[attribute]
        for child in element.children:
            slot = elements.get(child.tag)
            if slot is None:
                raise XMLProblem(f"unknown element {child.tag} in {element.tag}")
            member, convert, repeated = slot
            if repeated:
                found.setdefault(member, []).append(convert(child))
            elif member in found:
                raise XMLProblem(f"{child.tag} twice in {element.tag}")
            else:
                found[member] = convert(child)
        for member in required:
            if member not in found:
                raise XMLProblem(f"{element.tag} has no {member}")
        if union and len(found) != 1:
            raise XMLProblem(f"{element.tag} must have exactly one element")
        return found

    return read


def _list(shape: Shape) -> BodyReader:
    name = shape.item.wire_name
    convert = _reader(shape.item.shape)

    def read(element: Element) -> list[Any]:
        if element.text and element.text.strip():
            raise XMLProblem(f"text in {element.tag}, which has elements only")
        for child in element.children:
            if child.tag != name:
                raise XMLProblem(f"unknown element {child.tag} in {element.tag}")
        return [convert(child) for child in element.children]

    return read


def _read_string(element: Element) -> str:
    if element.children:
        raise XMLProblem(f"elements in {element.tag}, which has text only")
    return element.text


def _read_integer(element: Element) -> int:
    text = _read_string(element).strip()
    try:
        if not text.isascii() or "_" in text or len(text) > 20:
            raise ValueError(text)
        return int(text)
    except ValueError as error:
        raise XMLProblem(f"{element.tag} is no number") from error


def _read_boolean(element: Element) -> bool:
    text = _read_string(element).strip().lower()
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise XMLProblem(f"{element.tag} is neither true nor false")


def _read_timestamp(element: Element) -> datetime:
    try:
        text = _read_string(element).strip()
        return parse_iso_date(text) if text[:1].isdigit() else parse_http_date(text)
    except (ValueError, OverflowError) as error:
        raise XMLProblem(f"{element.tag} is no date") from error
