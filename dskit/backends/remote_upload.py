"""A put of unknown length, or one too large for a single request: a multipart upload in bounded memory."""

from __future__ import annotations

import contextlib
import dataclasses

from ..backend import ObjectService
from ..errors import StoreError
from ..sources import BufferSource
from ..streaming import Digest
from ..types import CompletedPart, PutOptions, PutResult, UploadOptions
from .remote_body import SourceBody

__all__ = ["put_in_parts"]

_FULL_OBJECT = ("CRC32", "CRC32C", "CRC64NVME")
_STEP = 1000
"""Parts get twice as large after so many, so that 10,000 of them reach 5 TiB from 8 MiB."""


def put_in_parts(
    service: ObjectService,
    bucket: str,
    key: str,
    body: SourceBody,
    options: PutOptions,
    *,
    part_bytes: int,
) -> PutResult:
    """Send `body` as an upload whose conditions are checked when it completes. At most one part is in memory.

    A body that fits in one part becomes an ordinary put. `content_md5` and `checksum` are compared with what was
    read before anything is published. Whatever fails, the upload is aborted; so after a completion whose answer was
    lost the object is either there already or will never be.
    """
    first = body.read(part_bytes)
    if len(first) < part_bytes:
        return service.put(bucket, key, BufferSource(first), _with_length(options, len(first)))
    algorithm = options.checksum_algorithm
    full = algorithm in _FULL_OBJECT
    upload = service.create_upload(
        bucket,
        key,
        UploadOptions(
            attributes=options.attributes,
            checksum_algorithm=algorithm,
            checksum_type="FULL_OBJECT" if full else None,
        ),
    )
    digest = Digest(options)
    try:
        parts: list[CompletedPart] = []
        data = first
        while data:
            number = len(parts) + 1
            digest.update(data)
            part = service.put_part(
                bucket,
                key,
                upload.upload_id,
                number,
                BufferSource(data),
                PutOptions(checksum_algorithm=algorithm, length=len(data)),
            )
            parts.append(CompletedPart(number=number, etag=part.etag, checksums=part.checksums if algorithm else {}))
            data = body.read(part_bytes << (number // _STEP))
        digest.verify()
        return service.complete_upload(
            bucket,
            key,
            upload.upload_id,
            parts,
            conditions=options.conditions,
            checksums={algorithm: options.checksum} if full and algorithm and options.checksum else None,
            checksum_type="FULL_OBJECT" if full else None,
        )
    except BaseException:
        with contextlib.suppress(StoreError):
            service.abort_upload(bucket, key, upload.upload_id)
        raise


def _with_length(options: PutOptions, length: int) -> PutOptions:
    return dataclasses.replace(options, length=length)
