"""Object → object, between any two stores: inside the service where both are of one, else through this process."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..checksums import crc, encode
from ..errors import ChecksumMismatchError, InvalidRequestError, PermissionDeniedError, PreconditionFailedError
from ..places import Place, place_of
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import Attributes, CompletedPart, ObjectMeta, PutResult
from .crew import Job, ProgressCallback, Step, Tally, run
from .origins import BufferOrigin, ObjectOrigin
from .pinned import changed, pin_of
from .sending import COMBINABLE, Sending, abort_quietly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..store import Store

__all__ = ["COPY_BYTES", "Copying", "copy", "one_service"]

COPY_BYTES = 5 * 1024**3
"""What CopyObject takes at most (S3 user guide, "Copying objects": larger ones by UploadPartCopy)."""
COPIED_PART_BYTES = 512 * 1024**2


def one_service(source: Store, target: Store) -> bool:
    """Whether a copy can be asked of the target's service.

    The same service object, or two clients of one endpoint (`copy_scope`): the target's credentials must then be
    able to read the source, and where they are not the bytes go through this process.
    """
    if source.service is target.service:
        return True
    scope = getattr(target.service, "copy_scope", None)
    return scope is not None and scope == getattr(source.service, "copy_scope", None)


def copy(
    source: Store,
    source_key: str,
    target: Store,
    key: str,
    *,
    if_none_match: str | None = None,
    if_match: str | None = None,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> PutResult:
    """Copy one object, with its headers and metadata, of one state of it.

    Server-side where both stores are of one service (in parts above `multipart_copy_bytes`), else through this
    process, verified by the source's checksum. The storage class belongs to a place and is not copied. Raises what
    `get` and `put` raise, `ConflictError` where the source is replaced meanwhile, `InvalidRequestError` for a copy onto
    itself.
    """
    if source.service is not target.service and _same(place_of(source, source_key), place_of(target, key)):
        raise InvalidRequestError(
            f"this is the very object of {source.name}, under another name: it would be copied onto itself",
            key=key,
            code="InvalidRequest",
        )
    meta = source.head(source_key)
    tally = Tally(progress, total_bytes=meta.size, total_files=1)
    result = Copying(
        source=source,
        source_key=source_key,
        size=meta.size,
        etag=meta.etag,
        target=target,
        key=key,
        if_none_match=if_none_match,
        if_match=if_match,
        part_bytes=part_bytes,
        concurrency=concurrency,
        multipart_copy_bytes=multipart_copy_bytes,
    ).run(tally)
    tally(0, files=1, key=key)
    return result


def _same(one: Place | None, other: Place | None) -> bool:
    return one is not None and one == other


@dataclass(slots=True, kw_only=True)
class Copying:
    """One object to copy, of the state with `etag`."""

    source: Store
    source_key: str
    size: int
    etag: str
    target: Store
    key: str
    if_none_match: str | None = None
    if_match: str | None = None
    part_bytes: int = PART_BYTES
    concurrency: int = CONCURRENCY
    multipart_copy_bytes: int = COPY_BYTES

    @property
    def server_side(self) -> bool:
        supports = self.target.capabilities.supports
        inside = one_service(self.source, self.target) and supports.copy and supports.copy_from_bucket
        in_parts = supports.multipart_copy and supports.copy_source_conditions  # else the parts may be of two objects
        return inside and (self.size <= self.multipart_copy_bytes or in_parts)

    def run(self, step: Step) -> PutResult:
        if not self.server_side:
            return self._relay(step)
        try:
            if self.size > self.multipart_copy_bytes:
                return self._copy_parts(step)
            result = self._copy_whole()
        except PermissionDeniedError:
            if self.source.service is self.target.service:
                raise
            return self._relay(step)
        step(self.size)
        return result

    def _conditions(self) -> dict[str, Any]:
        given = {"if_none_match": self.if_none_match, "if_match": self.if_match}
        return {name: value for name, value in given.items() if value is not None}

    # inside the service

    def _source(self) -> dict[str, Any]:
        pinned = self.target.capabilities.supports.copy_source_conditions and self.etag
        return {"source_bucket": self.source.bucket, **({"source_if_match": self.etag} if pinned else {})}

    def _copy_whole(self) -> PutResult:
        full_key = self.source.prefix + self.source_key
        return self.target.copy(full_key, self.key, **self._source(), **self._conditions())

    def _copy_parts(self, step: Step) -> PutResult:
        meta = self._head()
        limits = self.target.capabilities.limits
        size = max(limits.min_part_bytes, min(COPIED_PART_BYTES, self.multipart_copy_bytes))
        size = max(size, -(-self.size // limits.max_parts))
        full_key = self.source.prefix + self.source_key
        upload_id = self.target.create_multipart_upload(self.key, **portable(meta.attributes)).upload_id
        parts: dict[int, CompletedPart] = {}

        def jobs() -> Iterator[Job]:
            for number, start in enumerate(range(0, self.size, size), 1):

                def job(step: Step, number: int = number, start: int = start) -> None:
                    stop = min(start + size, self.size)
                    done = self.target.upload_part_copy(
                        self.key, upload_id, number, full_key, range=(start, stop), **self._source()
                    )
                    parts[number] = CompletedPart(number=number, etag=done.etag, checksums=done.checksums)
                    step(stop - start)

                yield job

        try:
            run(jobs(), step, concurrency=self.concurrency)
            listed = [parts[number] for number in sorted(parts)]
            return self.target.complete_multipart_upload(
                self.key, upload_id, listed, size=self.size, **self._conditions()
            )
        except BaseException as error:
            abort_quietly(self.target, self.key, upload_id, error)
            raise

    def _head(self) -> ObjectMeta:
        try:
            return self.source.head(self.source_key, if_match=pin_of(self.source, self.etag), checksum_mode=True)
        except PreconditionFailedError as error:
            raise changed(self.source_key, self.source.name) from error

    # through this process

    def _relay(self, step: Step) -> PutResult:
        if self.size <= self.part_bytes:
            return self._relay_whole(step)
        meta = self._head()
        self._check(meta)
        origin = ObjectOrigin(self.source, self.source_key, meta)
        return self._send(origin, meta, step)

    def _relay_whole(self, step: Step) -> PutResult:
        try:
            result = self.source.get(self.source_key, if_match=pin_of(self.source, self.etag), checksum_mode=True)
        except PreconditionFailedError as error:
            raise changed(self.source_key, self.source.name) from error
        with result:
            self._check(result.meta)
            data = result.read()
        meta = result.meta
        if meta.checksum_type == "FULL_OBJECT":
            for name, value in meta.checksums.items():
                if encode(crc(name, data)) != value:
                    raise ChecksumMismatchError(
                        f"the bytes received do not have the {name} that the store has of the object: copy it again",
                        key=self.source_key,
                        store=self.source.name,
                    )
        return self._send(BufferOrigin(data), meta, step)

    def _check(self, meta: ObjectMeta) -> None:
        if self.etag and meta.etag != self.etag:
            raise changed(self.source_key, self.source.name)

    def _send(self, origin: ObjectOrigin | BufferOrigin, meta: ObjectMeta, step: Step) -> PutResult:
        known = meta.checksums if meta.checksum_type == "FULL_OBJECT" else {}
        algorithm = next((name for name in COMBINABLE if name in known), COMBINABLE[0])
        return Sending(
            store=self.target,
            key=self.key,
            origin=origin,
            attributes=portable(meta.attributes),
            if_none_match=self.if_none_match,
            if_match=self.if_match,
            algorithm=algorithm,
            expected=known.get(algorithm),
            part_bytes=self.part_bytes,
            concurrency=self.concurrency,
        ).run(step)


def portable(attributes: Attributes) -> dict[str, Any]:
    """What belongs to the object, as keywords of a put. Storage class and website redirect belong to its place."""
    values = {field.name: getattr(attributes, field.name) for field in dataclasses.fields(attributes)}
    del values["storage_class"], values["website_redirect_location"]
    return {name: value for name, value in values.items() if value}
