"""Which keys obstore addresses exactly.

Its `Path` is a list of segments. obstore strips a slash at either end without a word (``a/`` becomes ``a``) and turns
empty and dot segments and control characters away, the last with the wrong class of error; found by trying each with
obstore 0.12 against real servers. All are refused here, so that two keys never become one object. Everything else
arrives on the wire as it is, ``%41``, ``?``, ``#`` and blanks at the ends included.
"""

from __future__ import annotations

from ..errors import InvalidKeyError

__all__ = ["check_path", "folder_of", "is_path"]


def is_path(key: str) -> bool:
    return all(segment not in ("", ".", "..") for segment in key.split("/")) and not any(map(_is_control, key))


def check_path(key: str, *, max_segment_bytes: int | None = None) -> None:
    """Raises `InvalidKeyError` for a key that obstore would change or refuse, or with too long a segment."""
    if not is_path(key):
        raise InvalidKeyError(
            "obstore cannot address a key with an empty, '.' or '..' segment, a slash at either end, or a control "
            "character",
            key=key,
        )
    if max_segment_bytes is not None and any(len(segment.encode()) > max_segment_bytes for segment in key.split("/")):
        raise InvalidKeyError(f"a segment of the key has more than {max_segment_bytes} bytes", key=key)


def folder_of(prefix: str) -> str | None:
    """The folder in which all keys with a prefix lie: "" is the root, None says that there can be no such key."""
    folder, slash, _ = prefix.rpartition("/")
    if slash and not is_path(folder):
        return None
    return folder


def _is_control(character: str) -> bool:
    return character < " " or character == "\x7f"
