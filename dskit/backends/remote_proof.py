"""The checksum that came with the whole of an object, held against the bytes that came."""

from __future__ import annotations

from collections.abc import Mapping

from ..checksums import Hasher, decode, encode, fast, hasher
from ..errors import ChecksumMismatchError
from .remote_meta import CHECKSUM_NAMES

__all__ = ["Proof", "mismatch", "proof_of"]


class Proof:
    """Fed with all bytes, in order, from however many answers. `value` is the base64 that they must have."""

    def __init__(self, hasher: Hasher, value: str) -> None:
        self._hasher = hasher
        self._value = value

    def update(self, data: bytes) -> None:
        self._hasher.update(data)

    def check(self) -> None:
        """Raises `ChecksumMismatchError`."""
        if encode(self._hasher.digest()) != self._value:
            raise mismatch()


def proof_of(headers: Mapping[str, str]) -> Proof | None:
    """Of an answer with a whole object, by its lower-case headers.

    A checksum of checksums (``BASE64-N``) proves nothing without the parts. One that only Python itself could compute,
    at a few megabytes a second, is left out, as botocore does: `awscrt` makes it fast.
    """
    for name in CHECKSUM_NAMES:
        value = headers.get(f"x-amz-checksum-{name.lower()}", "")
        if decode(value, name) is not None and fast(name):
            return Proof(hasher(name), value)
    return None


def mismatch() -> ChecksumMismatchError:
    return ChecksumMismatchError(
        "the bytes received do not have the checksum that the server announced: read it again, and if that does not "
        "help, the stored object is damaged"
    )
