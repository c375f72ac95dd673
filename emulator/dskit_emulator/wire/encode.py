"""Plain dictionaries to responses: each operation's output compiled into tags and closures, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from . import overlay
from .columns import Column, Table, quoted, remembered, table_of, texts, write_table
from .spec import Member, Operation, Shape, Spec
from .values import boolean, encode_metadata, http_date, iso_date
from .xml import DECLARATION, escape, escape_attribute, escape_quoted

__all__ = ["Encoder"]

Text = Callable[[Any], str]
"""A value as the text of a header, or a value that is there as an element, or several, with their tags."""
Parts = Callable[[Any], list[str]]
Body = Callable[[Mapping[str, Any]], Any]

_FEW = 4  # rows for which a table is not worth its set-up


class Encoder:
    """The response of one operation."""

    __slots__ = ("_body", "_content_type", "_headers", "_prefix", "_prefix_member", "_stream", "status")

    def __init__(self, operation: Operation, spec: Spec) -> None:
        self.status = operation.status
        self._headers: dict[str, tuple[str, Text | None]] = {}
        self._prefix = ""
        self._prefix_member: str | None = None
        self._content_type: str | None = None
        self._body: Body | None = None
        self._stream = ""
        """The member that is the body as it is."""
        shape = operation.output
        if shape is None:
            return
        for member in shape.members.values():
            if member.location == "header" and member.wire_name not in overlay.OUTPUT_HEADERS_LEFT_TO_FRONT:
                self._headers[member.name] = (member.wire_name, _header_text(member))
            elif member.location == "headers":
                self._prefix, self._prefix_member = member.wire_name, member.name
        payload = shape.members[shape.payload] if shape.payload is not None else None
        if payload is not None and (payload.shape.kind == "blob" or payload.shape.event_stream):
            self._stream = payload.name
            return
        self._body, self._content_type = _body(operation, shape, spec.namespace)

    def encode(self, output: Mapping[str, Any], status: int | None = None) -> tuple[int, list[tuple[str, str]], Any]:
        """Status, headers and body. Members that are None count as absent.

        A document comes as bytes with its Content-Type; a streaming body (`Body` of GetObject) is handed through as
        it is, b"" where the output has none.
        """
        headers: list[tuple[str, str]] = []
        table = self._headers
        for name, value in output.items():
            slot = table.get(name)
            if slot is not None and value is not None:
                wire_name, text = slot
                headers.append((wire_name, value if text is None else text(value)))
        if self._prefix_member is not None:
            metadata = output.get(self._prefix_member)
            if metadata:
                prefix = self._prefix
                headers.extend((prefix + name, encode_metadata(value)) for name, value in metadata.items())
        if self._content_type is not None:
            headers.append(("Content-Type", self._content_type))
        body: Any = b""
        if self._stream:
            body = output.get(self._stream, b"")
        elif self._body is not None:
            body = self._body(output)
        return self.status if status is None else status, headers, body


def _body(operation: Operation, shape: Shape, namespace: str) -> tuple[Body | None, str | None]:
    """How to write the body, and the Content-Type that goes with it."""
    root = overlay.ROOTS.get(operation.name)
    if operation.name in overlay.UNWRAPPED:
        member = shape.members[overlay.UNWRAPPED[operation.name]]
        return _document(str(root), namespace, member.name, lambda value: [escape(value)]), "application/xml"
    if shape.payload is not None:
        payload = shape.members[shape.payload]
        name = payload.name
        if payload.shape.kind == "string":
            return (lambda output: output.get(name, "").encode()), overlay.CONTENT_TYPES[operation.name]
        return _document(root or payload.shape.name, namespace, name, _parts(payload.shape)), "application/xml"
    if shape.body_members:
        return _document(root or shape.name, namespace, None, _parts(shape)), "application/xml"
    return None, None


def _document(root: str, namespace: str, member: str | None, parts: Parts) -> Body:
    opening = f'{DECLARATION}<{root} xmlns="{namespace}"'
    closing = f"</{root}>"

    def encode(output: Mapping[str, Any]) -> bytes:
        value = output if member is None else output.get(member)
        content = [] if value is None else parts(value)
        text = "".join([opening, ">", *content, closing]) if any(content) else f"{opening}/>"
        return text.encode("utf-8", "replace")

    return encode


def _header_text(member: Member) -> Text | None:
    """From a value to a header's text; None where the value is the text."""
    kind = member.shape.kind
    if kind in ("integer", "long"):
        return str
    if kind == "boolean":
        return boolean
    if kind == "timestamp":
        return iso_date if member.shape.timestamp_format == "iso8601" else http_date
    if kind == "list":
        return ",".join
    return None


def _parts(shape: Shape) -> Parts:
    """The members of a structure, in S3's order, without the structure's own tags."""
    rows = [(member.name, _member(member)) for member in _ordered(shape) if not member.attribute]
    forced = overlay.FORCED.get(shape.name)

    def encode(value: Mapping[str, Any]) -> list[str]:
        return [write(item) for name, write in rows if (item := value.get(name)) is not None]

    def encode_with_forced(value: Mapping[str, Any]) -> list[str]:
        assert forced is not None
        return encode({**forced, **{name: item for name, item in value.items() if item is not None}})

    return encode if forced is None else encode_with_forced


def _structure(shape: Shape) -> Text:
    parts = _parts(shape)
    return lambda value: "".join(parts(value))


def _ordered(shape: Shape) -> list[Member]:
    members = shape.body_members
    first = overlay.ORDER.get(shape.name, ())
    return [members[name] for name in first] + [member for name, member in members.items() if name not in first]


def _member(member: Member) -> Text:
    """A member's value with its tags."""
    shape = member.shape
    if shape.kind != "list":
        return _element(member.wire_name, shape)
    if member.flattened:
        return _repeated(member.wire_name, shape.item.shape)
    return _wrapped(member.wire_name, _repeated(shape.item.wire_name, shape.item.shape))


def _repeated(tag: str, shape: Shape) -> Text:
    """One element an item."""
    one = _element(tag, shape)

    def encode(value: Iterable[Any]) -> str:
        return "".join([one(item) for item in value])

    plain = shape.kind == "structure" and not any(member.attribute for member in shape.members.values())
    return _table(tag, shape, encode) if plain and shape.name not in overlay.FORCED else encode


def _table(tag: str, shape: Shape, row_by_row: Text) -> Text:
    """Many structures that have the same members, column by column.

    A row with other members, or a value that is None in some rows only, leads back to row by row.
    """
    columns = [(member.name, _column(member)) for member in _ordered(shape)]

    def encode(rows: Table | list[Mapping[str, Any]]) -> str:
        if isinstance(rows, Table):
            table: Table | None = rows
        elif len(rows) < _FEW:
            return row_by_row(rows)
        else:
            table = table_of(rows)
        if table is not None:
            try:
                return write_table(tag, columns, table)
            except (TypeError, AttributeError):  # None is no text, no number, no date
                pass
        return row_by_row(rows.rows() if isinstance(rows, Table) else rows)

    return encode


def _column(member: Member) -> Column:
    shape, tag = member.shape, member.wire_name
    if shape.kind in ("structure", "list"):
        key = tuple if shape.kind == "list" and shape.item.shape.kind != "structure" else id
        return "", partial(remembered, _member(member), key), ""
    if shape.name == "ETag":
        return f"<{tag}>&quot;", quoted, f"&quot;</{tag}>"
    write: Callable[[Sequence[Any]], Iterable[str]] = texts
    if shape.kind in ("integer", "long"):
        write = partial(map, int.__repr__)
    elif shape.kind == "boolean":
        write = partial(map, {True: "true", False: "false"}.__getitem__)
    elif shape.kind == "timestamp":
        write = partial(map, http_date if shape.timestamp_format == "rfc822" else iso_date)
    return f"<{tag}>", write, f"</{tag}>"


def _wrapped(tag: str, inner: Text) -> Text:
    def encode(value: Any) -> str:
        content = inner(value)
        return f"<{tag}>{content}</{tag}>" if content else f"<{tag}/>"

    return encode


def _element(tag: str, shape: Shape) -> Text:
    if shape.kind != "structure":
        return _scalar(tag, shape)
    attributes = [(member.name, member.wire_name) for member in shape.body_members.values() if member.attribute]
    inner = _structure(shape)
    if not attributes:
        return _wrapped(tag, inner)
    # The only attribute of the model is Grantee's xsi:type; its prefix has to be declared.
    declared = shape.raw["xmlNamespace"]
    start = f'<{tag} xmlns:{declared["prefix"]}="{declared["uri"]}"'

    def encode(value: Mapping[str, Any]) -> str:
        given = [
            f' {attribute}="{escape_attribute(value[name])}"'
            for name, attribute in attributes
            if value.get(name) is not None
        ]
        return f"{start}{''.join(given)}>{inner(value)}</{tag}>"

    return encode


def _scalar(tag: str, shape: Shape) -> Text:
    """A text, number, boolean or date with its tags. A page of a listing calls these thousands of times."""
    if shape.kind in ("integer", "long"):
        return lambda value: f"<{tag}>{value}</{tag}>"
    if shape.kind == "boolean":
        yes, no = f"<{tag}>true</{tag}>", f"<{tag}>false</{tag}>"
        return lambda value: yes if value else no
    if shape.kind == "timestamp":
        date = http_date if shape.timestamp_format == "rfc822" else iso_date
        return lambda value: f"<{tag}>{date(value)}</{tag}>"
    if shape.name == "ETag":
        return lambda value: f"<{tag}>{escape_quoted(value)}</{tag}>"
    if not shape.enum:
        return lambda value: f"<{tag}>{escape(value)}</{tag}>"
    known = {value: f"<{tag}>{escape(value)}</{tag}>" for value in shape.enum}

    def encode(value: str) -> str:
        return known.get(value) or f"<{tag}>{escape(value)}</{tag}>"

    return encode
