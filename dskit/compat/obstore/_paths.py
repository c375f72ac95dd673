"""Paths: what obstore makes of the string that names an object, and of a key that it finds in a bucket.

A path is segments joined by single slashes; one slash at either end is dropped. Empty segments, ``.``, ``..`` and
ASCII control characters are refused. Everything else stays what it is, byte for byte. Observed with obstore 0.12.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .exceptions import GenericError, InvalidPathError

__all__ = ["folder_of", "key_of", "listed", "listed_all", "path_of"]

_SEGMENT = r"(?!\.\.?(?:/|\Z))[^/\x00-\x1f\x7f\ud800-\udfff]+"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_is_path = _PATH.fullmatch
_SUSPECT = ("//", "\n/", "/\n", "/.", "\n.", "\n\n")
"""What lines of paths cannot have, and what begins a dot segment."""


def path_of(path: str) -> str:
    """The path that a string names; ``""`` is the root. Raises `ValueError`, and `TypeError` for what is no str."""
    if not isinstance(path, str):
        raise TypeError(f"'{type(path).__name__}' object is not an instance of 'str'")
    path.encode()  # UnicodeEncodeError, a ValueError, for what no store can hold
    inner = path.removeprefix("/").removesuffix("/")
    if not inner and len(path) <= 1:
        return ""
    if _is_path(inner) is None:
        raise ValueError(f"{path!r} is not a path: {_complaint(inner)}")
    return inner


def key_of(path: str) -> str:
    """The key of an object. Raises as `path_of`, and `GenericError` for the root, which is no object."""
    if type(path) is str and _is_path(path) is not None:
        return path
    key = path_of(path)
    if not key:
        raise GenericError("the empty path names no object: a key has at least one character")
    return key


def folder_of(prefix: str | None) -> str:
    """The string that keys below a path begin with: prefixes go by whole segments."""
    path = "" if prefix is None else path_of(prefix)
    return f"{path}/" if path else ""


def listed_all(keys: Sequence[str]) -> Sequence[str]:
    """`listed` of each: one look at all of them where nothing in any of them may need more."""
    lines = "\n".join(("", *keys, ""))
    if "".join(keys).isprintable() and not any(hint in lines for hint in _SUSPECT):
        return keys
    return [listed(key) for key in keys]


def listed(key: str) -> str:
    """The path of a key in a listing. Raises `InvalidPathError` for one that obstore cannot name."""
    if _is_path(key) is not None:
        return key
    if key.endswith("/") and _is_path(key[:-1]) is not None:  # a group of a listing
        return key[:-1]
    try:
        return path_of(key)
    except ValueError as error:
        raise InvalidPathError(f"Encountered object with invalid path: {error}") from None


def _complaint(inner: str) -> str:
    for segment in inner.split("/"):
        if not segment:
            return "it has an empty segment"
        if segment in (".", ".."):
            return f"it has the segment {segment!r}"
    return "it has a control character"
