"""Checksums as requests name them: which one was chosen, and whether its value can be one at all."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..wire.errors import S3Error
from .refusals import invalid_request, not_implemented

__all__ = [
    "ALGORITHMS",
    "UNBUILT_ALGORITHMS",
    "check_content_md5",
    "check_value",
    "chosen",
    "given",
    "named_algorithm",
    "outputs",
]

# Bytes of each digest, in S3's own order (aws-recorded:test_multipart_parts_checksum_exceptions_composite).
ALGORITHMS: Mapping[str, int] = MappingProxyType({"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32})
UNBUILT_ALGORITHMS = frozenset({"SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"})

_MEMBERS = tuple((f"Checksum{name}", name) for name in ALGORITHMS)


def given(request: Mapping[str, Any]) -> dict[str, str]:
    """Algorithm to value, of the checksum members of a request (or of a part in a list of parts)."""
    return {name: value for member, name in _MEMBERS if (value := request.get(member)) is not None}


def chosen(request: Mapping[str, Any], trailer: str | None) -> tuple[str | None, str | None]:
    """The algorithm and value that a body must match: those of a header, or the algorithm announced for the trailer.

    ``x-amz-sdk-checksum-algorithm`` alone chooses nothing (aws-recorded:test_s3_checksum_no_automatic_sdk_calculation).
    Raises `S3Error` InvalidRequest for two checksums or a bad value (aws-recorded:test_s3_checksum_no_algorithm).
    """
    values = given(request)
    if len(values) + (trailer is not None) > 1:
        raise invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    for name, value in values.items():
        check_value(name, value)
        return name, value
    return trailer, None


def check_value(name: str, value: str, *, trailing: bool = False) -> None:
    """Raises `S3Error` InvalidRequest unless `value` is base64 of as many bytes as the algorithm makes."""
    if _digest_length(value) != ALGORITHMS[name]:
        place = "trailing header" if trailing else "header"
        raise invalid_request(f"Value for x-amz-checksum-{name.lower()} {place} is invalid.")


def check_content_md5(value: str) -> None:
    """aws-recorded:test_s3_invalid_content_md5."""
    if _digest_length(value) != 16:
        raise S3Error(
            "InvalidDigest", "The Content-MD5 you specified was invalid.", fields={"Content-MD5": value[:1024]}
        )


def named_algorithm(value: str | None) -> str | None:
    """``x-amz-checksum-algorithm`` (aws-recorded:test_multipart_parts_checksum_exceptions_composite)."""
    if value is None:
        return None
    name = value.upper()
    if name in ALGORITHMS:
        return name
    if name in UNBUILT_ALGORITHMS:
        raise not_implemented("x-amz-checksum-algorithm")
    raise invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        f"[{', '.join(ALGORITHMS)}]"
    )


def outputs(checksums: Mapping[str, str]) -> dict[str, str]:
    """The output members for stored checksums: ``{"CRC32": v}`` to ``{"ChecksumCRC32": v}``."""
    return {f"Checksum{name}": value for name, value in checksums.items()}


def _digest_length(value: str) -> int:
    """Length of the decoded value, -1 where it is not base64."""
    try:
        return len(binascii.a2b_base64(value, strict_mode=True))
    except (ValueError, binascii.Error):
        return -1
