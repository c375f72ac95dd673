"""Hypothesis strategies from the service model, and botocore's own view of it. Used by the codec's tests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import strategies as st

from dskit_emulator.wire import overlay
from dskit_emulator.wire.codec import Codec
from dskit_emulator.wire.spec import Member, Shape

__all__ = ["codec", "inputs", "outputs", "service"]


@cache
def codec() -> Codec:
    return Codec()


@cache
def service() -> ServiceModel:
    """botocore's model of S3, never touched by a client (clients rewrite it)."""
    return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")


def _xml_text(*, carriage_returns: bool) -> st.SearchStrategy[str]:
    """What XML 1.0 can hold, with much of what has to be escaped."""
    hostile = st.sampled_from("&<>\"'\t\n" + ("\r" if carriage_returns else "") + " ]é✓\U0001f600\x85\u2028")
    plain = st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f\ufffe\uffff")
    return st.text(hostile | plain, max_size=12)


# No commas and quotes: in a list they would have to be quoted, and no value of the model's lists has them.
_HEADER_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=',"\\'), min_size=1)
# Texts for us and for S3, dates for botocore: tested by themselves.
_DATES_AS_TEXT = ("Expires", "ResponseExpires")
_TIMES = st.datetimes(datetime(1999, 1, 1), datetime(2099, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))
_METADATA = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)),
)


def _scalar(shape: Shape, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if shape.kind in ("integer", "long"):
        return st.integers(-(2**31), 2**31 - 1)
    if shape.kind == "boolean":
        return st.booleans()
    if shape.kind == "timestamp":
        return _TIMES
    return text


def _in_head(member: Member) -> st.SearchStrategy[Any]:
    if member.location == "headers":
        return _METADATA
    if member.shape.kind == "list":
        return st.lists(_HEADER_TEXT, min_size=1, max_size=5)
    if member.shape.kind in ("integer", "long"):
        least, greatest, *_ = overlay.INTEGERS.get(member.wire_name, (0, 2**31 - 1))
        return st.integers(least, greatest)
    return _scalar(member.shape, _HEADER_TEXT)


def _in_body(shape: Shape, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if shape.kind == "structure":
        parts = {name: _in_body(member.shape, text) for name, member in shape.body_members.items()}
        if shape.raw.get("union"):
            return st.one_of([st.fixed_dictionaries({name: part}) for name, part in parts.items()])
        needed = shape.required | set(overlay.FORCED.get(shape.name, ()))
        return _dictionaries(parts, needed)
    if shape.kind == "list":
        return st.lists(_in_body(shape.item.shape, text), min_size=1, max_size=5)
    return _scalar(shape, text)


def _dictionaries(
    parts: dict[str, st.SearchStrategy[Any]], needed: set[str] | frozenset[str]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in needed},
        optional={name: part for name, part in parts.items() if name not in needed},
    )


def _whole(shape: Shape, *, carriage_returns: bool) -> st.SearchStrategy[dict[str, Any]]:
    text = _xml_text(carriage_returns=carriage_returns)
    parts = {}
    for name, member in shape.members.items():
        if member.shape.kind == "blob" or member.shape.event_stream or member.location == "uri":
            continue
        if name in _DATES_AS_TEXT:
            continue
        if name == "RequestRoute":  # becomes part of a host name
            parts[name] = st.just("route")
            continue
        if name == shape.payload and member.shape.kind == "string":
            parts[name] = text.filter(bool)
            continue
        parts[name] = _in_head(member) if member.location else _in_body(member.shape, text)
    needed = (shape.required & set(parts)) | set(overlay.FORCED.get(shape.name, ()))
    return _dictionaries(parts, needed)


def inputs(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs of an operation that botocore would send, but for URI members and streamed bodies."""
    shape = codec().operations[operation].input
    assert shape is not None
    return _whole(shape, carriage_returns=False)  # botocore's serializer loses them


def outputs(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    shape = codec().operations[operation].output
    return st.just({}) if shape is None else _whole(shape, carriage_returns=True)
