"""What a completed upload is made of: the part list checked against what was uploaded, and the parts joined. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from dskit import checksums as digests
from dskit.conditions import normal_etag
from dskit.errors import ChecksumMismatchError, InvalidPartError, InvalidRequestError
from dskit.frozen import FrozenDict
from dskit.types import CompletedPart

from .core import DEFAULT_ALGORITHM
from .records import Extent, PartRow, Sizes, UploadRow

__all__ = ["Joined", "check_request", "join", "shown"]


class Joined(NamedTuple):
    size: int
    etag: str
    extents: tuple[Extent, ...]
    checksums: Mapping[str, str]
    checksum_type: str
    parts: tuple[Sizes, ...]


def shown(values: Mapping[str, str], algorithm: str | None) -> Mapping[str, str]:
    """The checksum that the upload was created with, if any: what ListParts shows of a part."""
    return FrozenDict({algorithm: values[algorithm]} if algorithm else {})


def check_request(
    upload: UploadRow, parts: Sequence[CompletedPart], given: Mapping[str, str], checksum_type: str | None
) -> None:
    """What is wrong whatever was uploaded: no parts, their order, another checksum mode or algorithm.

    aws-recorded:test_complete_multipart_parts_order, test_multipart_parts_checksum_exceptions_composite. A checksum of
    another algorithm cannot be verified, so it is refused as UploadPart refuses it (our reading).
    """
    if not parts:
        raise InvalidRequestError("You must specify at least one part", code="InvalidRequest")
    numbers = [part.number for part in parts]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise InvalidPartError(
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            code="InvalidPartOrder",
            details={"UploadId": upload.upload_id},
        )
    if checksum_type is not None and checksum_type != upload.checksum_type:
        raise InvalidRequestError(
            f"The upload was created using the {upload.checksum_type or 'null'} checksum mode. The complete request "
            "must use the same checksum mode.",
            code="InvalidRequest",
        )
    for name in given:
        if name != (upload.checksum_algorithm or DEFAULT_ALGORITHM):
            raise InvalidRequestError(
                "Checksum Type mismatch occurred, expected checksum Type: "
                f"{(upload.checksum_algorithm or 'null').lower()}, actual checksum Type: {name.lower()}",
                code="InvalidRequest",
            )


def join(
    upload: UploadRow,
    parts: Sequence[CompletedPart],
    stored: Mapping[int, PartRow],
    given: Mapping[str, str],
    size: int | None,
    min_part_bytes: int,
) -> Joined:
    """The object that the listed parts make. Raises the errors of a completion; changes nothing."""
    rows = [_listed(upload, part, stored.get(part.number)) for part in parts]
    for asked, row in zip(parts[:-1], rows[:-1], strict=True):
        if row.size < min_part_bytes:
            raise InvalidPartError(
                "Your proposed upload is smaller than the minimum allowed size",
                code="EntityTooSmall",
                details={
                    "ETag": normal_etag(asked.etag or row.etag),
                    "MinSizeAllowed": str(min_part_bytes),
                    "PartNumber": str(row.number),
                    "ProposedSize": str(row.size),
                },
            )
    total = sum(row.size for row in rows)
    if size is not None and size != total:
        raise InvalidRequestError(
            f"The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {total}",
            code="InvalidRequest",
        )
    algorithm = upload.checksum_algorithm or DEFAULT_ALGORITHM
    kind = upload.checksum_type or "FULL_OBJECT"
    value = _whole(algorithm, kind, rows)
    if given.get(algorithm) not in (None, value, value.partition("-")[0]):
        raise ChecksumMismatchError(f"The {algorithm.lower()} you specified did not match the calculated checksum.")
    md5s = b"".join(bytes.fromhex(normal_etag(row.etag)) for row in rows)
    etag = f'"{hashlib.md5(md5s, usedforsecurity=False).hexdigest()}-{len(rows)}"'
    return Joined(
        total,
        etag,
        tuple(extent for row in rows for extent in row.extents),
        FrozenDict({algorithm: value}),
        kind,
        tuple(Sizes(row.number, row.size, shown(row.checksums, upload.checksum_algorithm)) for row in rows),
    )


def _whole(algorithm: str, kind: str, rows: Sequence[PartRow]) -> str:
    decoded = [digests.decode(row.checksums[algorithm], algorithm) or b"" for row in rows]
    if kind == "COMPOSITE":
        return digests.composite(algorithm, decoded)
    lengths = [row.size for row in rows]
    return digests.encode(digests.combine(algorithm, zip(decoded, lengths, strict=True)))


def _listed(upload: UploadRow, asked: CompletedPart, row: PartRow | None) -> PartRow:
    """The uploaded part that a row of the list names. aws-recorded:test_multipart_complete_multipart_wrong_part."""
    if row is None or (asked.etag is not None and normal_etag(asked.etag) != normal_etag(row.etag)):
        raise _invalid_part(upload, asked, row)
    chosen = upload.checksum_algorithm
    for name, value in asked.checksums.items():
        if chosen is None:
            raise _invalid_part(upload, asked, row)
        if name != chosen:
            raise ChecksumMismatchError(
                f"The {name.lower()} you specified for part {asked.number} did not match what we received."
            )
        if value != row.checksums[chosen]:
            raise _invalid_part(upload, asked, row)
    if chosen and upload.checksum_type == "COMPOSITE" and chosen not in asked.checksums:
        raise InvalidRequestError(
            f"The upload was created using a {chosen.lower()} checksum. The complete request must include the "
            f"checksum for each part. It was missing for part {asked.number} in the request.",
            code="InvalidRequest",
        )
    return row


def _invalid_part(upload: UploadRow, asked: CompletedPart, row: PartRow | None) -> InvalidPartError:
    tag = asked.etag or (row.etag if row else "")
    return InvalidPartError(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        details={"ETag": normal_etag(tag), "PartNumber": str(asked.number), "UploadId": upload.upload_id},
    )
