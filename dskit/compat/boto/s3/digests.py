"""The MD5 of a key's contents, in boto's three forms."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

__all__ = ["KeyDigests", "compute_md5", "md5_of"]

READ_BYTES = 1024 * 1024


class KeyDigests:
    """`md5` is hexadecimal, as bytes (what boto gives); `base64md5` a str; `local_hashes` has it raw."""

    local_hashes: dict[str, bytes]

    def _get_md5(self) -> Any:
        digest = self.local_hashes.get("md5")
        return digest.hex().encode() if digest else None

    def _set_md5(self, value: str | bytes | None) -> None:
        if value:
            self.local_hashes["md5"] = bytes.fromhex(value.decode() if isinstance(value, bytes) else value)
        else:
            self.local_hashes.pop("md5", None)

    def _get_base64md5(self) -> Any:
        digest = self.local_hashes.get("md5")
        return base64.b64encode(digest).decode() if digest else None

    def _set_base64md5(self, value: str | bytes | None) -> None:
        if value:
            self.local_hashes["md5"] = base64.b64decode(value)
        else:
            self.local_hashes.pop("md5", None)

    md5 = property(_get_md5, _set_md5)
    base64md5 = property(_get_base64md5, _set_base64md5)


def compute_md5(fp: Any, size: int | None = None) -> tuple[str, str, int]:
    """Hexadecimal and base64 MD5, and the size, of a file from its position, to which it returns."""
    digest, seen = md5_of(fp, size)
    return digest.hex(), base64.b64encode(digest).decode(), seen


def md5_of(fp: Any, size: int | None = None) -> tuple[bytes, int]:
    """The MD5 and the size of a file from its position, to which it returns; of `size` bytes at most."""
    start = fp.tell()
    digest, seen = hashlib.md5(usedforsecurity=False), 0
    while size is None or seen < size:
        data = fp.read(READ_BYTES if size is None else min(READ_BYTES, size - seen))
        if not data:
            break
        digest.update(data)
        seen += len(data)
    fp.seek(start)
    return digest.digest(), seen
