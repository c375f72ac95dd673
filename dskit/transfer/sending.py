"""An object written from an origin: whole, or in parts side by side; verified before it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..checksums import ALGORITHMS, combine, composite, crc, decode, encode
from ..errors import (
    ChecksumMismatchError,
    InvalidRequestError,
    OutcomeUnknownError,
    PermissionDeniedError,
    StoreError,
    TooLargeError,
)
from ..guards import refuse
from ..sources import CheckedSource
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import CompletedPart, Part, PutResult
from .crew import Job, Step, run
from .origins import Origin, RangeSource

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["BUFFERED_BYTES", "Memory", "Sending", "abort_quietly", "bounded", "check_tuning"]

MIB = 1024 * 1024
BUFFERED_BYTES = 16 * MIB
"""A larger part is streamed, and not held in memory."""
MEMORY_BYTES = 64 * MIB
COMBINABLE = ("CRC64NVME", "CRC32C", "CRC32")


def check_tuning(part_bytes: int, concurrency: int) -> None:
    """Raises `InvalidRequestError`."""
    if not isinstance(part_bytes, int) or part_bytes < 1:
        raise InvalidRequestError(f"part_bytes is a number of bytes, 1 or more; not {part_bytes!r}")
    if not isinstance(concurrency, int) or not 1 <= concurrency <= 256:
        raise InvalidRequestError(f"concurrency is a number of threads from 1 to 256, not {concurrency!r}")


def bounded(concurrency: int, part_bytes: int) -> int:
    """As many threads as asked for, unless their buffers would take more than 64 MiB together."""
    return max(1, min(concurrency, MEMORY_BYTES // min(part_bytes, BUFFERED_BYTES)))


@dataclass(slots=True)
class Memory:
    """The upload that a transfer goes on with, and the parts that the store has of it; `begun` notes a new one.

    `keeps` says that a failed upload is left for a later attempt.
    """

    keeps: bool = False
    upload_id: str | None = None
    parts: Mapping[int, Part] = field(default_factory=dict)
    begun: Callable[[str], None] = lambda upload_id: None


@dataclass(slots=True, kw_only=True)
class Sending:
    """One object to write. `attributes` are keywords of `Store.put`; conditions are checked when it is published.

    `expected` is the base64 checksum (by `algorithm`) that the whole must have, where somebody knows it.
    """

    store: Store
    key: str
    origin: Origin
    attributes: Mapping[str, Any] = field(default_factory=dict)
    if_none_match: str | None = None
    if_match: str | None = None
    algorithm: str = "CRC64NVME"
    expected: str | None = None
    part_bytes: int = PART_BYTES
    concurrency: int = CONCURRENCY

    def __post_init__(self) -> None:
        check_tuning(self.part_bytes, self.concurrency)
        if self.algorithm not in ALGORITHMS:
            raise InvalidRequestError(f"checksum algorithms are {', '.join(ALGORITHMS)}; not {self.algorithm!r}")
        limits = self.store.capabilities.limits
        if limits.max_object_bytes is not None and self.origin.size > limits.max_object_bytes:
            raise TooLargeError(
                f"{self.origin.size} bytes are more than an object of this store can have ({limits.max_object_bytes})"
            )
        least = -(-self.origin.size // limits.max_parts)
        size = max(self.part_bytes, limits.min_part_bytes)
        if least > size:
            size = -(-least // MIB) * MIB
        self.part_bytes = size if limits.max_part_bytes is None else min(size, limits.max_part_bytes)

    @property
    def in_parts(self) -> bool:
        """Stores that take a stream get one: for them, parts would mean writing everything twice."""
        capabilities, size = self.store.capabilities, self.origin.size
        most = capabilities.limits.max_put_bytes
        if most is not None and size > most:
            if not capabilities.supports.multipart:
                raise TooLargeError(f"{size} bytes are more than one put of this store takes, and it has no multipart")
            return True
        remote = capabilities.semantics.unknown_length == "multipart"
        return remote and capabilities.supports.multipart and size > self.part_bytes

    def run(self, step: Step, memory: Memory | None = None) -> PutResult:
        """Raises what the verbs raise, `ConflictError` where the origin changed, `ChecksumMismatchError`.

        Nothing is visible then, and no upload is left unless `memory` keeps it.
        """
        if self.in_parts:
            return self._send_parts(step, memory or Memory())
        return self._put(step)

    @property
    def _conditions(self) -> dict[str, Any]:
        given = {"if_none_match": self.if_none_match, "if_match": self.if_match}
        return {name: value for name, value in given.items() if value is not None}

    def _put(self, step: Step) -> PutResult:
        size = self.origin.size
        if size <= BUFFERED_BYTES:
            whole = self.origin.read(0, size)
            self.origin.check()
            self._expect(crc(self.algorithm, whole))
            proof = self._proof(whole, self.store.capabilities.supports.put_checksum)
            result = self.store.put(self.key, whole, **proof, **self.attributes, **self._conditions)
            step(size)
            return result
        source = RangeSource(self.origin, 0, size, algorithm=self.algorithm, step=step, verify=self._expect)
        checksum: Any = None
        if self.store.capabilities.supports.put_checksum:
            checksum = (self.algorithm, self.expected) if self.expected else self.algorithm
        data: Any = CheckedSource(source, _nothing)
        result = self.store.put(self.key, data, checksum=checksum, **self.attributes, **self._conditions)
        self._compare(result.checksums, source.digest, "object")
        return result

    def _proof(self, data: bytes, has_checksum: bool) -> dict[str, Any]:
        """The digest that goes with the bytes, so that the store can refuse what was altered on the way."""
        if has_checksum:
            return {"checksum": (self.algorithm, encode(crc(self.algorithm, data)))}
        if self.store.capabilities.supports.put_content_md5:
            return {"content_md5": encode(hashlib.md5(data, usedforsecurity=False).digest())}
        return {}

    # in parts

    @property
    def _has_checksum(self) -> bool:
        return self.store.capabilities.supports.multipart_checksum

    def part_span(self, number: int) -> tuple[int, int]:
        """Offset and length of a part."""
        offset = (number - 1) * self.part_bytes
        return offset, min(self.part_bytes, self.origin.size - offset)

    @property
    def part_count(self) -> int:
        return max(1, -(-self.origin.size // self.part_bytes))

    def _send_parts(self, step: Step, memory: Memory) -> PutResult:
        supports = self.store.capabilities.supports
        for option in self._conditions:
            if not getattr(supports, f"multipart_{option}"):
                raise refuse("upload", option, f"multipart_{option}")
        upload_id = memory.upload_id
        if upload_id is None:
            upload_id = self.store.create_multipart_upload(self.key, **self.attributes, **self._kind()).upload_id
        try:
            if memory.upload_id is None:
                memory.begun(upload_id)
            done: dict[int, Part] = {}
            digests: dict[int, bytes] = {}
            jobs = self._jobs(upload_id, memory.parts, done, digests)
            run(jobs, step, concurrency=bounded(self.concurrency, self.part_bytes))
            self.origin.check()
            return self._complete(upload_id, done, digests)
        except BaseException as error:
            if not (memory.keeps and may_resume(error)):
                abort_quietly(self.store, self.key, upload_id, error)
            raise

    def _kind(self) -> dict[str, Any]:
        if not self._has_checksum:
            return {}
        full = self.algorithm in COMBINABLE
        return {"checksum_algorithm": self.algorithm, "checksum_type": "FULL_OBJECT" if full else "COMPOSITE"}

    def _jobs(
        self, upload_id: str, known: Mapping[int, Part], done: dict[int, Part], digests: dict[int, bytes]
    ) -> Iterator[Job]:
        for number in range(1, self.part_count + 1):

            def job(step: Step, number: int = number) -> None:
                part, digest = self._send_part(upload_id, number, known.get(number), step)
                done[number], digests[number] = part, digest

            yield job

    def _send_part(self, upload_id: str, number: int, known: Part | None, step: Step) -> tuple[Part, bytes]:
        offset, length = self.part_span(number)
        if length > BUFFERED_BYTES:
            return self._stream_part(upload_id, number, known, step)
        data = self.origin.read(offset, length)
        self.origin.check()
        digest = crc(self.algorithm, data)
        if known is not None and self._same(known, data, digest):
            step(length)
            return known, digest
        proof = self._proof(data, self._has_checksum)
        part = self.store.upload_part(self.key, upload_id, number, data, **proof)
        step(length)
        self._compare(part.checksums, digest, f"part {number}")
        return part, digest

    def _stream_part(self, upload_id: str, number: int, known: Part | None, step: Step) -> tuple[Part, bytes]:
        offset, length = self.part_span(number)
        source = RangeSource(self.origin, offset, length, algorithm=self.algorithm, step=step)
        if known is not None and known.size == length and self.algorithm in known.checksums:
            for _ in source.chunks():
                pass
            if known.checksums[self.algorithm] == encode(source.digest):
                return known, source.digest
        checksum = self.algorithm if self._has_checksum else None
        data: Any = CheckedSource(source, _nothing)
        part = self.store.upload_part(self.key, upload_id, number, data, checksum=checksum)
        self._compare(part.checksums, source.digest, f"part {number}")
        return part, source.digest

    def _same(self, known: Part, data: bytes, digest: bytes) -> bool:
        """Whether the part that the store has is proved to be these bytes."""
        if known.size != len(data):
            return False
        if self.algorithm in known.checksums:
            return known.checksums[self.algorithm] == encode(digest)
        if self.store.capabilities.semantics.etag != "content-md5":
            return False
        return known.etag.strip('"') == hashlib.md5(data, usedforsecurity=False).hexdigest()

    def _complete(self, upload_id: str, done: Mapping[int, Part], digests: Mapping[int, bytes]) -> PutResult:
        numbers = sorted(done)
        parts = [self._completed(done[number], digests[number]) for number in numbers]
        whole: dict[str, Any] = {}
        if self.algorithm in COMBINABLE:
            value = combine(self.algorithm, [(digests[number], self.part_span(number)[1]) for number in numbers])
            self._expect(value)
        if self._has_checksum and self.algorithm in COMBINABLE:
            whole = {"checksums": {self.algorithm: encode(value)}, "checksum_type": "FULL_OBJECT"}
        result = self.store.complete_multipart_upload(
            self.key, upload_id, parts, size=self.origin.size, **whole, **self._conditions
        )
        if self._has_checksum and not whole:
            wanted = composite(self.algorithm, [digests[number] for number in numbers])
            if result.checksums.get(self.algorithm, wanted) != wanted:
                raise mismatch("object", self.algorithm)
        return result

    def _completed(self, part: Part, digest: bytes) -> CompletedPart:
        checksums = {self.algorithm: encode(digest)} if self._has_checksum else {}
        return CompletedPart(number=part.number, etag=part.etag, checksums=checksums)

    def _expect(self, digest: bytes) -> None:
        if self.expected is not None and encode(digest) != self.expected:
            raise mismatch("object", self.algorithm)

    def _compare(self, checksums: Mapping[str, str], digest: bytes, what: str) -> None:
        value = checksums.get(self.algorithm)
        if value is not None and decode(value, self.algorithm) != digest:
            raise mismatch(what, self.algorithm)


def abort_quietly(store: Store, key: str, upload_id: str, error: BaseException) -> None:
    """End an upload that failed with `error`, which is what the caller is to see; it tells if this failed as well."""
    try:
        with suppress(FileNotFoundError):  # it was completed after all, or somebody else has ended it
            store.abort_multipart_upload(key, upload_id)
    except StoreError as failed:
        error.add_note(f"the upload {upload_id!r} of {key!r} could not be aborted either: {failed}")


def mismatch(what: str, algorithm: str) -> ChecksumMismatchError:
    return ChecksumMismatchError(
        f"the {algorithm} of the {what} that arrived is not that of the {what} that was sent: transfer it again"
    )


def may_resume(error: BaseException) -> bool:
    """Whether a later attempt can go on from here: not after an answer that would be the same again."""
    if not isinstance(error, StoreError):
        return True
    if error.code in ("FileChanged", "ObjectChanged"):
        return False
    return error.retryable or isinstance(error, OutcomeUnknownError | PermissionDeniedError)


def _nothing() -> None:
    """`CheckedSource` has something to check before each chunk; here the step of the source does it."""
