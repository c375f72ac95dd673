"""Checksums as requests name them: which one was chosen, and whether its value can be one at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dskit.checksums import ALGORITHMS, crc, decode, encode

from ..wire.errors import S3Error
from ..wire.payload import trailer_names
from .refusals import invalid_request, not_built

__all__ = [
    "ALGORITHMS",
    "MEMBERS",
    "MEMBER_OF",
    "UNBUILT_ALGORITHMS",
    "announced",
    "check_content_md5",
    "check_document",
    "check_value",
    "chosen",
    "given",
    "named_algorithm",
    "outputs",
    "trailing",
]

UNBUILT_ALGORITHMS = frozenset({"SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"})

_PREFIX = "x-amz-checksum-"
_MEMBERS = tuple((f"Checksum{name}", name) for name in ALGORITHMS)
MEMBERS = frozenset(member for member, _ in _MEMBERS)
MEMBER_OF = {name: member for member, name in _MEMBERS}


def given(request: Mapping[str, Any]) -> dict[str, str]:
    """Algorithm to value, of the checksum members of a request (or of a part in a list of parts)."""
    return {name: value for member, name in _MEMBERS if (value := request.get(member)) is not None}


def chosen(request: Mapping[str, Any], trailer: str | None) -> tuple[str | None, str | None]:
    """The algorithm and value that a body must match: those of a header, or the algorithm announced for the trailer.

    ``x-amz-sdk-checksum-algorithm`` alone chooses nothing (aws-recorded:test_s3_checksum_no_automatic_sdk_calculation).
    Raises `S3Error` InvalidRequest for two checksums or a bad value (aws-recorded:test_s3_checksum_no_algorithm).
    """
    if MEMBERS.isdisjoint(request):
        return trailer, None
    values = given(request)
    if len(values) + (trailer is not None) > 1:
        raise _several()
    for name, value in values.items():
        check_value(name, value)
        return name, value
    return trailer, None


def _several() -> S3Error:
    return invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")


def check_value(name: str, value: str, *, place: str = "header") -> None:
    """Raises `S3Error` InvalidRequest unless `value` is base64 of as many bytes as the algorithm makes."""
    if decode(value, name) is None:
        raise invalid_request(f"Value for x-amz-checksum-{name.lower()} {place} is invalid.")


def check_content_md5(value: str) -> None:
    """aws-recorded:test_s3_invalid_content_md5."""
    if decode(value, "MD5") is None:
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
        raise not_built("x-amz-checksum-algorithm")
    raise invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        f"[{', '.join(ALGORITHMS)}]"
    )


def outputs(checksums: Mapping[str, str]) -> dict[str, str]:
    """The output members for stored checksums: ``{"CRC32": v}`` to ``{"ChecksumCRC32": v}``."""
    return {MEMBER_OF[name]: value for name, value in checksums.items()}


def announced(header: str | None, content_sha256: str) -> str | None:
    """The algorithm that ``x-amz-trailer`` announces for the end of an aws-chunked body; no other has an end."""
    if not header:
        return None
    if not content_sha256.endswith("-TRAILER"):
        raise invalid_request(
            "The value specified in the x-amz-trailer header is not supported",
            reason="x-amz-trailer is for bodies whose x-amz-content-sha256 ends with -TRAILER",
        )
    names = trailer_names(header)
    return _algorithm_of(names[0]) if names else None


def trailing(trailers: Mapping[str, str]) -> dict[str, str]:
    """Algorithm to value, of the trailing headers of a body."""
    return {_algorithm_of(name): value for name, value in trailers.items()} if trailers else {}


def _algorithm_of(header: str) -> str:
    name = header.lower().removeprefix(_PREFIX).upper()
    if name not in ALGORITHMS:
        raise not_built(header)
    return name


def check_document(
    body: bytes, headers: Mapping[str, str], trailers: Mapping[str, str], *, known: bool, required: bool
) -> None:
    """Verify what a request says of its document: Content-MD5 and checksums, in headers or behind it.

    `known` says that the operation takes checksums of its document (of CompleteMultipartUpload they are the object's),
    `required` that S3 serves it only with one of them; both are traits in the model. Raises `S3Error`
    InvalidRequest, InvalidDigest, BadDigest.
    """
    content_md5 = headers.get("content-md5")
    named = ALGORITHMS if known else ()
    values = {name: value for name in named if (value := headers.get(_PREFIX + name.lower())) is not None}
    if len(values) + len(trailers) > 1:
        raise _several()
    if content_md5 is not None:
        check_content_md5(content_md5)
        computed = encode(crc("MD5", body))
        if computed != content_md5:
            raise S3Error(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
                fields={"ExpectedDigest": content_md5, "CalculatedDigest": computed},
            )
    elif required and not values and not trailers:
        raise invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    for place, given_values in (("header", values), ("trailing header", trailing(trailers))):
        for name, value in given_values.items():
            check_value(name, value, place=place)
            if encode(crc(name, body)) != value:
                raise S3Error("BadDigest", f"The {name} you specified did not match the calculated checksum.")
