"""A put of data that comes chunk by chunk, for services to which it cannot be pushed."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import IO

from .backend import ObjectService
from .backends.local_errors import translated
from .checksums import encode, hasher
from .errors import ChecksumMismatchError, StoreError, TooLargeError, UploadNotFoundError
from .flows import Cleanup, Flow, Pull
from .guards import refuse
from .sources import BufferSource, CheckedSource, FileSource, incomplete
from .types import CompletedPart, PutOptions, PutResult, UploadInfo, UploadOptions
from .view import View

__all__ = ["Digest", "put_stream"]

PART_BYTES = 8 * 1024 * 1024
PARTS_PER_STEP = 1000
"""Parts double in size after so many: 10,000 parts then hold more than S3's largest object."""


def put_stream(
    view: View, key: str, pull: Pull, options: PutOptions, *, part_bytes: int | None = None
) -> Flow[PutResult]:
    """One part is buffered; if that is all, it is a plain put, else a multipart upload, or where the service has none a
    put from a temporary file.

    Parts have `part_bytes`, else those of the service's option of this name, else 8 MiB, or the least that it takes.
    Conditions are checked at completion and announced digests before it. Whatever fails, the upload is aborted; where
    that fails too, the first error is raised, with a note that names the upload.
    """
    service, bucket, inner = view.service, view.bucket, view.prefix + key
    limits = service.capabilities.limits
    size = max(part_bytes or _part_bytes(service), limits.min_part_bytes)
    rest = bytearray()
    part = yield from _take(pull, rest, size)
    if len(part) < size:
        if options.length is not None and options.length != len(part):
            raise incomplete(options.length, len(part))
        whole: PutResult = yield partial(service.put, bucket, inner, BufferSource(part), options)
        return whole
    if not service.capabilities.supports.multipart:
        return (yield from _put_spooled(view, inner, bytes(part + rest), pull, options))
    _check_streamable(view, options)
    digest = Digest(options)
    parts: list[CompletedPart] = []
    wanted = UploadOptions(attributes=options.attributes, checksum_algorithm=options.checksum_algorithm)
    begun: list[str] = []
    try:
        upload_id: str = yield lambda: _begin(begun, service.create_upload(bucket, inner, wanted))
        while part:
            number = len(parts) + 1
            if number > limits.max_parts:
                raise TooLargeError(f"the data needs more than {limits.max_parts} parts")
            digest.update(part)
            part_options = PutOptions(checksum_algorithm=options.checksum_algorithm, length=len(part))
            source = BufferSource(part)
            done = yield partial(service.put_part, bucket, inner, upload_id, number, source, part_options)
            parts.append(CompletedPart(number=number, etag=done.etag, checksums=done.checksums))
            if number % PARTS_PER_STEP == 0:
                size *= 2
            part = yield from _take(pull, rest, size)
        digest.verify()
        complete = partial(service.complete_upload, bucket, inner, upload_id, parts)
        result: PutResult = yield partial(complete, conditions=options.conditions)
        return result
    except BaseException as error:
        for upload_id in begun:
            try:
                yield Cleanup(service.abort_upload, bucket, inner, upload_id)
            except UploadNotFoundError:
                pass  # completed, by a request whose answer was lost
            except StoreError as failed:
                error.add_note(f"the upload {upload_id} of key {key!r} is still there, abort it: {failed}")
        raise


def _part_bytes(service: ObjectService) -> int:
    chosen: int | None = getattr(service, "part_bytes", None) if service.capabilities.supports.multipart else None
    return chosen or PART_BYTES


def _put_spooled(view: View, inner: str, begun: bytes, pull: Pull, options: PutOptions) -> Flow[PutResult]:
    """One put of a service that knows no parts: the data waits in a temporary file until its length is known."""
    from tempfile import TemporaryFile

    with translated(TemporaryFile)(prefix="dskit-", buffering=0) as spool:
        seen = len(begun)
        yield partial(_write, spool, begun)
        while (chunk := (yield pull)) is not None:
            seen += len(chunk)
            if options.length is not None and seen > options.length:
                raise incomplete(options.length, seen)
            yield partial(_write, spool, chunk)
        if options.length is not None and seen != options.length:
            raise incomplete(options.length, seen)
        spool.seek(0)
        source = CheckedSource(FileSource(spool), pull.check)
        result: PutResult = yield partial(view.service.put, view.bucket, inner, source, options)
        return result


@translated
def _write(file: IO[bytes], data: bytes | memoryview) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _begin(begun: list[str], upload: UploadInfo) -> str:
    """Note an upload where it begins: a caller cancelled in this very call must still abort it."""
    begun.append(upload.upload_id)
    return upload.upload_id


def _take(pull: Pull, rest: bytearray, size: int) -> Flow[bytes]:
    """The next `size` bytes, fewer only at the end; what was pulled beyond them stays in `rest`."""
    while len(rest) < size:
        chunk = yield pull
        if chunk is None:
            break
        rest += chunk
    part = bytes(memoryview(rest)[:size])
    del rest[:size]
    return part


def _check_streamable(view: View, options: PutOptions) -> None:
    supports = view.service.capabilities.supports
    if options.conditions.if_none_match is not None and not supports.multipart_if_none_match:
        raise refuse("put", "if_none_match", "multipart_if_none_match")
    if options.conditions.if_match is not None and not supports.multipart_if_match:
        raise refuse("put", "if_match", "multipart_if_match")
    if options.checksum_algorithm is not None and not supports.multipart_checksum:
        raise refuse("put", "checksum", "multipart_checksum")


class Digest:
    """What the caller announced of the whole data, checked here because no single request carries all of it."""

    def __init__(self, options: PutOptions) -> None:
        self._length, self._seen = options.length, 0
        self._md5_wanted, self._md5 = options.content_md5, hashlib.md5(usedforsecurity=False)
        self._wanted = options.checksum
        algorithm = options.checksum_algorithm if options.checksum else None
        self._checksum = hasher(algorithm) if algorithm else None

    def update(self, data: bytes) -> None:
        self._seen += len(data)
        if self._md5_wanted:
            self._md5.update(data)
        if self._checksum is not None:
            self._checksum.update(data)

    def verify(self) -> None:
        if self._length is not None and self._seen != self._length:
            raise incomplete(self._length, self._seen)
        if self._md5_wanted and encode(self._md5.digest()) != self._md5_wanted:
            raise ChecksumMismatchError("The Content-MD5 you specified did not match what we received.")
        if self._checksum is not None and encode(self._checksum.digest()) != self._wanted:
            raise ChecksumMismatchError("The checksum you specified did not match what we received.")
