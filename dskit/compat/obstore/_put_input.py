"""What a put takes, as obstore tells the kinds apart, and the options that go with it."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...sources import as_chunk
from ...types import Attributes
from ._base import ObjectStoreBase
from ._results import HEADERS
from .exceptions import GenericError

__all__ = ["attribute_arguments", "kept_attributes", "opened_input", "put_arguments"]

_NAMES = {name.lower(): field for name, field in HEADERS.items()}


@contextmanager
def opened_input(file: Any, *, awaited: bool) -> Iterator[Any]:
    """`file` as data for a store of dskit: a str or a path is a local file, which is opened and closed.

    Raises `ValueError` for what cannot be put, and for an async iterable where it cannot be awaited; `OSError` for a
    local file that cannot be read.
    """
    if isinstance(file, str | os.PathLike):
        with open(file, "rb") as opened:
            yield opened
    elif isinstance(file, io.TextIOBase):
        raise ValueError("a put takes a file opened in binary mode, and this one is open for text")
    elif isinstance(file, AsyncIterable):
        if not awaited:
            raise ValueError("Async input not allowed in 'put'. Use 'put_async'.")
        yield _awaited_chunks(file)
    elif (data := _buffer(file)) is not None or callable(getattr(file, "read", None)):
        yield file if data is None else data
    elif isinstance(file, Iterable) and not isinstance(file, Mapping):
        yield _chunks(file)
    else:
        raise ValueError(f"a put takes a buffer, a binary file, a path or an iterable of buffers, not {file!r:.80}")


def put_arguments(
    target: ObjectStoreBase, attributes: Mapping[str, str] | None, tags: Mapping[str, str] | None, mode: Any
) -> dict[str, Any]:
    """Keyword arguments of dskit's put. Raises `NotImplementedError` for what the store does not take."""
    traits = target._traits
    arguments = attribute_arguments(target, attributes, tags)
    if mode is not None:
        arguments |= _mode(target, mode)
    if traits.checksum:
        arguments["checksum"] = traits.checksum
    return arguments


def attribute_arguments(
    target: ObjectStoreBase, attributes: Mapping[str, str] | None, tags: Mapping[str, str] | None
) -> dict[str, Any]:
    """Headers by dskit's names, all others as metadata."""
    traits = target._traits
    default = {"content_type": traits.content_type} if traits.content_type else {}
    if not attributes and not tags:
        return default
    _check_strings(attributes)
    _check_strings(tags)
    if attributes and not traits.attributes:
        raise NotImplementedError(f"put with attributes is not implemented by {target.label}")
    if tags and traits.tags == "refused":
        raise NotImplementedError(f"put with tags is not implemented by {target.label}: leave `tags` out")
    arguments: dict[str, Any] = dict(default)
    metadata = {}
    for name, value in (attributes or {}).items():
        if (field := _NAMES.get(name.lower())) is not None:
            arguments[field] = value
        else:
            metadata[name] = value
    if metadata:
        arguments["metadata"] = metadata
    return arguments


def kept_attributes(attributes: Attributes) -> dict[str, Any]:
    """Keyword arguments that give an object the attributes of another."""
    kept = {name: value for name in (*HEADERS.values(), "expires") if (value := getattr(attributes, name)) is not None}
    return {**kept, "metadata": attributes.metadata} if attributes.metadata else kept


def _mode(target: ObjectStoreBase, mode: Any) -> dict[str, Any]:
    if isinstance(mode, str):
        word = mode.lower()
        if word not in ("create", "overwrite"):
            raise ValueError(f"Unexpected input for PutMode: {mode}")
        if word == "overwrite":
            return {}
        if not target._traits.create:
            raise NotImplementedError(f"put with mode 'create' is not implemented by {target.label}")
        return {"if_none_match": "*"}
    if not isinstance(mode, Mapping):
        raise TypeError(f"'{type(mode).__name__}' object is not an instance of 'dict'")
    if target._traits.null_version and mode.get("version", "") is None:
        mode = {name: mode[name] for name in mode if name != "version"}
    _check_strings({name: mode[name] for name in ("e_tag", "version") if name in mode})
    if not target._traits.update:
        raise NotImplementedError(f"put with an e_tag to replace is not implemented by {target.label}")
    if "e_tag" not in mode:
        raise GenericError(f"Generic {target.label} error: ETag required for conditional update")
    if "version" in mode:
        raise GenericError(f"Generic {target.label} error: a put replaces by e_tag, not by version: leave it out")
    return {"if_match": mode["e_tag"]}


def _check_strings(values: Mapping[str, str] | None) -> None:
    for value in (text for item in (values or {}).items() for text in item):
        if not isinstance(value, str):
            kind = "None" if value is None else type(value).__name__
            raise TypeError(f"'{kind}' object is not an instance of 'str'")


def _buffer(file: Any) -> Any:
    """`file` if it is a buffer of bytes; one of larger items is an iterable of what it holds."""
    try:
        return file if memoryview(file).itemsize == 1 else None
    except TypeError:
        return None


def _chunks(file: Iterable[Any]) -> Iterator[bytes | memoryview]:
    return map(_chunk, file)


async def _awaited_chunks(file: AsyncIterable[Any]) -> Any:
    async for item in file:
        yield _chunk(item)


def _chunk(item: Any) -> bytes | memoryview:
    memoryview(item)  # TypeError for a str or an int, as obstore raises
    return as_chunk(item)
