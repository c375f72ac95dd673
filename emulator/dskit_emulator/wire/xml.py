"""XML in and out: a bounded reader that knows no entities and no document types, and the escaping of the writer."""

from __future__ import annotations

import re

__all__ = ["DECLARATION", "Element", "XMLProblem", "escape", "escape_attribute", "escape_quoted", "parse"]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_MAX_DEPTH = 32  # the deepest document of the model has nine levels
_MAX_ELEMENTS = 200_000  # and attributes; 10,000 parts with every checksum are 130,000
_PIECE = 65536
_MAX_TOKEN = 65536  # bytes of one tag, comment or the like: the attributes of a tag of megabytes take seconds

# What has to be escaped. XML 1.0 has no way to write most control characters: like S3 we send numeric references,
# which strict parsers refuse ("add encoding-type=url", says the S3 API reference); a carriage return must be one, since
# parsers turn a literal one into a line feed. U+FFFE, U+FFFF and surrogates have no place in a document at all.
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]"


def escape(text: str) -> str:
    """`text` as the content of an element."""
    if "&" in text or "<" in text or ">" in text or '"' in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # What is printable has no control character and no surrogate, and telling so is fast.
    return text if text.isprintable() else re.sub(_CONTROL, _reference, text)


def escape_attribute(text: str) -> str:
    """`text` as the value of an attribute, where parsers turn literal tabs and line feeds into blanks."""
    return escape(text).replace("\t", "&#9;").replace("\n", "&#10;")


def escape_quoted(text: str) -> str:
    """The same for a text in quotes, an ETag, whose inside mostly is plain."""
    inner = text[1:-1]
    if inner.isalnum() and text[0] == text[-1] == '"':
        return f"&quot;{inner}&quot;"
    return escape(text)


def _reference(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\r":
        return "&#13;"
    return f"&#x{ord(char):x};" if char <= "\x7f" else "\ufffd"


class XMLProblem(ValueError):
    """The bytes are no XML document that we take. The message says why."""


class Element:
    """An element: local name (namespaces are dropped), attributes by local name, text, child elements."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""
        self.children: list[Element] = []

    def __repr__(self) -> str:
        return f"<Element {self.tag}: {len(self.children)} children>"


def parse(data: bytes) -> Element:
    """The root element of a document. Raises `XMLProblem`; never resolves an entity and never opens anything."""
    from xml.parsers import expat  # an endpoint that is sent no document needs none

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    document = Element("", {})
    stack = [document]
    texts: list[list[str]] = [[]]  # in pieces: adding each to what is there would take time to the square
    room = _MAX_ELEMENTS

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal room
        room -= 1 + len(attributes)
        if room < 0 or len(stack) > _MAX_DEPTH:
            raise XMLProblem("too many or too deeply nested elements or too many attributes")
        if attributes:
            attributes = {_local(key): value for key, value in attributes.items()}
        element = Element(_local(name), attributes)
        stack[-1].children.append(element)
        stack.append(element)
        texts.append([])

    def end(_name: str) -> None:
        stack.pop().text = "".join(texts.pop())

    def text(data: str) -> None:
        texts[-1].append(data)

    def refuse(*_: object) -> None:
        raise XMLProblem("document types and entities are not taken")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            parser.Parse(piece, False)
            if at + len(piece) - parser.CurrentByteIndex > _MAX_TOKEN:  # it begins there and has no end yet
                raise XMLProblem("a tag is too long")
        parser.Parse(b"", True)
    except XMLProblem:
        raise
    except (expat.ExpatError, LookupError, ValueError, UnicodeError, TypeError) as error:
        raise XMLProblem(f"not well-formed: {error}") from error
    return document.children[0]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
