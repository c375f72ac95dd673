"""Plain dictionaries to responses: each operation's output compiled into tags and closures, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import overlay
from .spec import Member, Operation, Shape, Spec
from .values import boolean, encode_metadata, http_date, iso_date
from .xml import DECLARATION, escape, escape_attribute

__all__ = ["Encoder"]

Text = Callable[[Any], str]
Append = Callable[[str], None]
Write = Callable[[Any, Append], None]
Body = Callable[[Mapping[str, Any]], Any]


class Encoder:
    """The response of one operation."""

    __slots__ = ("_body", "_content_type", "_headers", "_prefix", "_prefix_member", "status")

    def __init__(self, operation: Operation, spec: Spec) -> None:
        self.status = operation.status
        self._headers: dict[str, tuple[str, Text | None]] = {}
        self._prefix = ""
        self._prefix_member: str | None = None
        self._content_type: str | None = None
        self._body: Body | None = None
        shape = operation.output
        if shape is None:
            return
        for member in shape.members.values():
            if member.location == "header" and member.wire_name not in overlay.OUTPUT_HEADERS_LEFT_TO_FRONT:
                self._headers[member.name] = (member.wire_name, _header_text(member))
            elif member.location == "headers":
                self._prefix, self._prefix_member = member.wire_name, member.name
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
        body = b"" if self._body is None else self._body(output)
        return self.status if status is None else status, headers, body


def _body(operation: Operation, shape: Shape, namespace: str) -> tuple[Body | None, str | None]:
    """How to write the body, and the Content-Type that goes with it."""
    root = overlay.ROOTS.get(operation.name)
    if operation.name in overlay.UNWRAPPED:
        member = shape.members[overlay.UNWRAPPED[operation.name]]
        return _document(str(root), namespace, member.name, _text_writer(member.shape)), "application/xml"
    if shape.payload is not None:
        payload = shape.members[shape.payload]
        name = payload.name
        if payload.shape.kind == "blob" or payload.shape.event_stream:
            return (lambda output: output.get(name, b"")), None
        if payload.shape.kind == "string":
            return (lambda output: output.get(name, "").encode()), overlay.CONTENT_TYPES[operation.name]
        write = _structure(payload.shape)
        return _document(root or payload.shape.name, namespace, name, write), "application/xml"
    if shape.body_members:
        return _document(root or shape.name, namespace, None, _structure(shape)), "application/xml"
    return None, None


def _document(root: str, namespace: str, member: str | None, write: Write) -> Body:
    opening = f'{DECLARATION}<{root} xmlns="{namespace}">'
    closing = f"</{root}>"
    empty = f'{DECLARATION}<{root} xmlns="{namespace}"/>'.encode()

    def encode(output: Mapping[str, Any]) -> bytes:
        parts = [opening]
        value = output if member is None else output.get(member)
        if value is not None:
            write(value, parts.append)
        if len(parts) == 1 or (len(parts) == 2 and not parts[1]):
            return empty
        parts.append(closing)
        return "".join(parts).encode("utf-8", "replace")

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


def _body_text(shape: Shape) -> Text:
    if shape.kind in ("integer", "long"):
        return str
    if shape.kind == "boolean":
        return boolean
    if shape.kind == "timestamp":
        return http_date if shape.timestamp_format == "rfc822" else iso_date
    return escape


def _text_writer(shape: Shape) -> Write:
    text = _body_text(shape)

    def write(value: Any, append: Append) -> None:
        append(text(value))

    return write


def _structure(shape: Shape) -> Write:
    """The members of a structure, in S3's order, without the structure's own tags."""
    forced = overlay.FORCED.get(shape.name, {})
    rows: list[tuple[str, str, str, Text | None, Write | None, str | None]] = []
    for member in _ordered(shape):
        if member.attribute:
            continue
        tag = member.wire_name
        write = _member(member)
        text = _body_text(member.shape) if write is None else None
        absent = f"<{tag}>{forced[member.name]}</{tag}>" if member.name in forced else None
        rows.append((member.name, f"<{tag}>", f"</{tag}>", text, write, absent))

    def encode(value: Mapping[str, Any], append: Append) -> None:
        get = value.get
        for name, opening, closing, text, write, absent in rows:
            item = get(name)
            if item is None:
                if absent is not None:
                    append(absent)
            elif text is not None:
                append(f"{opening}{text(item)}{closing}")
            else:
                write(item, append)  # type: ignore[misc]

    return encode


def _ordered(shape: Shape) -> list[Member]:
    members = shape.body_members
    first = overlay.ORDER.get(shape.name, ())
    return [members[name] for name in first] + [member for name, member in members.items() if name not in first]


def _member(member: Member) -> Write | None:
    """How to write a list or a structure with its tags; None for a scalar."""
    shape = member.shape
    if shape.kind == "list":
        item = shape.item
        if member.flattened:
            return _repeated(member.wire_name, item.shape)
        return _wrapped(member.wire_name, _repeated(item.wire_name, item.shape))
    if shape.kind == "structure":
        attributes = [m for m in shape.body_members.values() if m.attribute]
        return _element(member.wire_name, shape, attributes)
    return None


def _repeated(tag: str, shape: Shape) -> Write:
    """One element an item."""
    opening, closing = f"<{tag}>", f"</{tag}>"
    if shape.kind == "structure":
        attributes = [m for m in shape.body_members.values() if m.attribute]
        one = _element(tag, shape, attributes)

        def structures(value: Any, append: Append) -> None:
            for item in value:
                one(item, append)

        return structures
    text = _body_text(shape)

    def scalars(value: Any, append: Append) -> None:
        for item in value:
            append(f"{opening}{text(item)}{closing}")

    return scalars


def _wrapped(tag: str, inner: Write) -> Write:
    opening, closing, empty = f"<{tag}>", f"</{tag}>", f"<{tag}/>"

    def write(value: Any, append: Append) -> None:
        if value:
            append(opening)
            inner(value, append)
            append(closing)
        else:
            append(empty)

    return write


def _element(tag: str, shape: Shape, attributes: list[Member]) -> Write:
    inner = _structure(shape)
    if not attributes:
        return _wrapped(tag, inner)
    # The only attribute of the model is Grantee's xsi:type; its prefix has to be declared.
    declared = shape.raw["xmlNamespace"]
    start = f'<{tag} xmlns:{declared["prefix"]}="{declared["uri"]}"'
    closing = f"</{tag}>"
    named = [(member.name, member.wire_name) for member in attributes]

    def write(value: Any, append: Append) -> None:
        append(start)
        for name, attribute in named:
            if value.get(name) is not None:
                append(f' {attribute}="{escape_attribute(value[name])}"')
        append(">")
        inner(value, append)
        append(closing)

    return write
