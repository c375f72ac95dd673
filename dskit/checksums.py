"""S3's checksums: computed as bytes arrive, combined from parts, written as base64. Pure.

Hardware speed comes from `awscrt` where it is installed; the fallbacks are tested against it. The CRC of a whole is
computed from the CRCs of its parts (`combine`), so that completing a multipart upload reads nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, Protocol

__all__ = ["ALGORITHMS", "FULL_OBJECT_ONLY", "Hasher", "combine", "composite", "decode", "encode", "fast", "hasher"]

ALGORITHMS: Final = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
FULL_OBJECT_ONLY: Final = frozenset({"CRC64NVME"})
COMPOSITE_ONLY: Final = frozenset({"SHA1", "SHA256"})
DIGEST_SIZES: Final = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32, "MD5": 16}

_POLYNOMIALS: Final = {"CRC32": (0xEDB88320, 32), "CRC32C": (0x82F63B78, 32), "CRC64NVME": (0x9A6C9329AC4BC9B5, 64)}

_Update = Callable[[bytes | memoryview, int], int]


class Hasher(Protocol):
    """Takes bytes as they come. MD5 and SHA work on large buffers without the interpreter's lock; CRCs of `awscrt` hold
    it, at the speed of memory."""

    def update(self, data: bytes | memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    __slots__ = ("_size", "_update", "_value")

    def __init__(self, update: _Update, size: int) -> None:
        self._update = update
        self._size = size
        self._value = 0

    def update(self, data: bytes | memoryview, /) -> None:
        self._value = self._update(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def hasher(algorithm: str) -> Hasher:
    """A fresh hasher of one of `ALGORITHMS` or ``MD5``. Raises ValueError for another name."""
    match algorithm:
        case "CRC32":
            return _Crc(_crc32, 4)
        case "CRC32C" | "CRC64NVME":
            return _Crc(_updates()[algorithm], DIGEST_SIZES[algorithm])
        case "SHA1":
            return hashlib.sha1(usedforsecurity=False)
        case "SHA256":
            return hashlib.sha256()
        case "MD5":
            return hashlib.md5(usedforsecurity=False)
    raise ValueError(f"unknown checksum algorithm {algorithm!r}; there are {', '.join(ALGORITHMS)}")


def crc(algorithm: str, data: bytes | memoryview) -> bytes:
    """The digest of one buffer."""
    if algorithm == "MD5":
        return hashlib.md5(data, usedforsecurity=False).digest()
    update = _updates().get(algorithm)
    if update is not None:
        return update(data, 0).to_bytes(DIGEST_SIZES[algorithm], "big")
    fresh = hasher(algorithm)
    fresh.update(data)
    return fresh.digest()


def fast(algorithm: str) -> bool:
    """Whether it is computed by compiled code here."""
    return algorithm not in _updates() or _accelerated() is not None


def encode(digest: bytes) -> str:
    return binascii.b2a_base64(digest, newline=False).decode("ascii")


def decode(value: str, algorithm: str) -> bytes | None:
    """The digest of a base64 value; None where it is not the base64 of a digest of that algorithm."""
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == DIGEST_SIZES[algorithm] else None


def composite(algorithm: str, digests: Sequence[bytes]) -> str:
    """The checksum of checksums, ``BASE64-N`` (S3 user guide, "Checking object integrity")."""
    return f"{encode(crc(algorithm, b''.join(digests)))}-{len(digests)}"


def combine(algorithm: str, parts: Iterable[tuple[bytes, int]]) -> bytes:
    """The CRC of a whole from the CRCs and lengths of its parts, in order.

    A CRC is linear over GF(2): appending n bytes multiplies the register by x**(8n) modulo the polynomial; the
    complements at the start and the end cancel out between two parts. Bits are reflected: the highest bit is x**0.
    """
    polynomial, width = _POLYNOMIALS[algorithm]
    shifts: dict[int, int] = {}  # most parts have the same length
    value = 0
    for digest, length in parts:
        if value and length:
            if length not in shifts:
                shifts[length] = _power_of_bytes(length, polynomial, width)
            value = _multiply(value, shifts[length], polynomial, width)
        value ^= int.from_bytes(digest, "big")
    return value.to_bytes(width // 8, "big")


def _power_of_bytes(length: int, polynomial: int, width: int) -> int:
    """x**(8 * length) modulo the polynomial."""
    power = 1 << (width - 1)  # x**0
    square = 1 << (width - 2)  # x
    for _ in range(3):
        square = _multiply(square, square, polynomial, width)
    while length:
        if length & 1:
            power = _multiply(power, square, polynomial, width)
        square = _multiply(square, square, polynomial, width)
        length >>= 1
    return power


def _multiply(left: int, right: int, polynomial: int, width: int) -> int:
    product = 0
    mask = 1 << (width - 1)
    while mask:
        if left & mask:
            product ^= right
        right = (right >> 1) ^ polynomial if right & 1 else right >> 1
        mask >>= 1
    return product


def _crc32(data: bytes | memoryview, value: int) -> int:
    return zlib.crc32(data, value)


@cache
def _updates() -> dict[str, _Update]:
    """The fastest implementation that is installed, found once."""
    return _accelerated() or {name: _table_update(name) for name in ("CRC32C", "CRC64NVME")}


@cache
def _accelerated() -> dict[str, _Update] | None:
    try:
        from awscrt import checksums
    except ImportError:
        return None
    return {"CRC32C": checksums.crc32c, "CRC64NVME": checksums.crc64nvme}


def _table_update(algorithm: str) -> _Update:
    """Byte-wise table CRC in Python: right, and slow."""
    polynomial, width = _POLYNOMIALS[algorithm]
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ polynomial if value & 1 else value >> 1
        table.append(value)
    ones = (1 << width) - 1

    def update(data: bytes | memoryview, value: int) -> int:
        value ^= ones
        for byte in bytes(data):
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        return value ^ ones

    return update
