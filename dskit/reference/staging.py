"""Bytes on their way into the store: they become a blob, are hashed, and are compared with what was promised."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from dskit import checksums
from dskit.errors import (
    ChecksumMismatchError,
    InvalidRequestError,
    OutcomeUnknownError,
    StoreError,
    TooLargeError,
)
from dskit.types import PutOptions, PutResult

from .blobs import Blobs, BlobWriter
from .core import DEFAULT_ALGORITHM
from .records import Extent

__all__ = ["Staged", "Upload", "check_announced", "stage_whole"]


class Staged:
    """Verified bytes that are nobody's yet: what the transaction that publishes them has to know.

    `checksums` has the value of `chosen`, the algorithm that the client chose or S3's default. `small` are the bytes,
    with the number of their blob, that the catalog has to keep.
    """

    __slots__ = ("checksums", "chosen", "etag", "extents", "size", "small")

    def __init__(
        self,
        size: int,
        etag: str,
        chosen: str,
        checksums: dict[str, str],
        extents: tuple[Extent, ...] = (),
        small: tuple[int, bytes] | None = None,
    ) -> None:
        self.size = size
        self.etag = etag
        self.chosen = chosen
        self.checksums = checksums
        self.extents = extents
        self.small = small


def stage_whole(blobs: Blobs, data: bytes, options: PutOptions, *, max_bytes: int | None) -> Staged:
    """What an `Upload` does up to its publication, for bytes that are all there, `blobs.most_kept` of them at most. If
    nobody gets them, ``blobs.remove`` what is in `extents` and not in `small`."""
    size = len(data)
    if options.length is not None:
        if options.length != size:
            raise _incomplete(options.length, size)
    elif max_bytes is not None and size > max_bytes:
        raise _too_large(size, max_bytes)
    chosen = options.checksum_algorithm or DEFAULT_ALGORITHM
    md5, values = _digests(data, chosen)
    etag = _check(options, chosen, values, md5)
    if not data:
        return Staged(0, etag, chosen, values)
    blob, kept = blobs.keep(data)
    return Staged(size, etag, chosen, values, (Extent(blob, 0, size),), None if kept is None else (blob, kept))


class Upload(Staged):
    """Implements `dskit.streams.Staging`; `publish` is the one short transaction that makes the bytes somebody's. It is
    given the upload itself."""

    __slots__ = (
        "_done",
        "_hashers",
        "_max_bytes",
        "_md5",
        "_most",
        "_options",
        "_publish",
        "_whole",
        "_writer",
    )

    def __init__(
        self,
        writer: BlobWriter,
        options: PutOptions,
        publish: Callable[[Upload], PutResult],
        *,
        max_bytes: int | None,
    ) -> None:
        super().__init__(0, "", options.checksum_algorithm or DEFAULT_ALGORITHM, {})
        self._writer = writer
        self._options = options
        self._publish = publish
        self._max_bytes = max_bytes
        check_announced(options.length, max_bytes)
        self._most = options.length if options.length is not None else max_bytes
        self._done = False
        self._whole: bytes | None = None  # the body, where it came in one piece: it is hashed once, when it is verified
        self._md5: checksums.Hasher | None = None
        self._hashers: dict[str, checksums.Hasher] = {}

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._done:
            raise _finished()
        size = self.size = self.size + len(data)
        if self._most is not None and size > self._most:
            self.abort()
            if self._options.length is not None:
                raise _incomplete(self._options.length, size)
            raise _too_large(size, self._most)
        if isinstance(data, bytes):
            self._writer.write(data)
            if len(data) == self._options.length and self._md5 is None:
                self._whole = data
                return
        else:
            data = memoryview(data)
            self._writer.write(data)
        if self._md5 is None:
            self._md5 = self._start_hashing()
        self._md5.update(data)
        for hasher in self._hashers.values():
            hasher.update(data)

    def _start_hashing(self) -> checksums.Hasher:
        """The MD5; the checksums are in `_hashers`."""
        self._hashers = {name: checksums.hasher(name) for name in (DEFAULT_ALGORITHM, self.chosen)}
        return checksums.hasher("MD5")

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        if self._done:
            raise _finished()
        try:
            self._verify(checksums or {})
            sealed = self._writer.seal()
        except BaseException:
            self.abort()
            raise
        if sealed is not None:
            blob, data = sealed
            self.extents = (Extent(blob, 0, self.size),)
            if data is not None:
                self.small = (blob, data)
        self._done = True  # from here on only the catalog knows whether the bytes are somebody's
        try:
            result = self._publish(self)
        except OutcomeUnknownError:
            raise
        except StoreError:
            self._writer.discard()
            raise
        self._writer.done()
        return result

    def abort(self) -> None:
        if not self._done:
            self._done = True
            self._writer.discard()

    def _verify(self, trailers: Mapping[str, str]) -> None:
        options = self._options
        if options.length is not None and options.length != self.size:
            raise _incomplete(options.length, self.size)
        if self._whole is not None:
            md5, values = _digests(self._whole, self.chosen)
        else:
            hasher = self._md5 or self._start_hashing()  # nothing was written at all
            md5 = hasher.digest()
            values = {name: checksums.encode(hasher.digest()) for name, hasher in self._hashers.items()}
        self.checksums = values
        self.etag = _check(options, self.chosen, values, md5)
        for name, value in trailers.items():
            if name not in values:
                raise InvalidRequestError(f"the trailer has a {name} that was not announced", code="InvalidRequest")
            check_value(name, value, values[name])


def _digests(data: bytes, chosen: str) -> tuple[bytes, dict[str, str]]:
    """The MD5, and the checksums that are stored."""
    values = {DEFAULT_ALGORITHM: checksums.encode(checksums.crc(DEFAULT_ALGORITHM, data))}
    if chosen != DEFAULT_ALGORITHM:
        values[chosen] = checksums.encode(checksums.crc(chosen, data))
    return hashlib.md5(data, usedforsecurity=False).digest(), values


def _check(options: PutOptions, chosen: str, values: Mapping[str, str], md5: bytes) -> str:
    """Compare digests with those that were promised; the ETag."""
    if options.content_md5 is not None:
        check_md5(options.content_md5, md5)
    if options.checksum is not None:
        check_value(chosen, options.checksum, values[chosen])
    return f'"{md5.hex()}"'


def check_announced(length: int | None, max_bytes: int | None) -> None:
    """Raises `TooLargeError`: what cannot be stored is refused before it is sent."""
    if length is not None and max_bytes is not None and length > max_bytes:
        raise _too_large(length, max_bytes)


def _finished() -> InvalidRequestError:
    return InvalidRequestError("this write was committed or aborted before")


def _incomplete(expected: int, provided: int) -> InvalidRequestError:
    return InvalidRequestError(
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        code="IncompleteBody",
        details={"NumberBytesExpected": str(expected), "NumberBytesProvided": str(provided)},
    )


def _too_large(size: int, limit: int) -> TooLargeError:
    return TooLargeError(
        "Your proposed upload exceeds the maximum allowed object size.",
        details={"ProposedSize": str(size), "MaxSizeAllowed": str(limit)},
    )


def check_value(algorithm: str, given: str, computed: str) -> None:
    """Raises the errors of aws-recorded:test_put_object_checksum."""
    if given == computed:
        return
    if checksums.decode(given, algorithm) is None:
        raise InvalidRequestError(
            f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.", code="InvalidRequest"
        )
    raise ChecksumMismatchError(f"The {algorithm} you specified did not match the calculated checksum.")


def check_md5(given: str, digest: bytes) -> None:
    """Raises the errors of aws-recorded:test_s3_invalid_content_md5."""
    expected = checksums.decode(given, "MD5")
    if expected is None:
        raise InvalidRequestError(
            "The Content-MD5 you specified was invalid.", code="InvalidDigest", details={"Content-MD5": given}
        )
    if expected != digest:
        raise ChecksumMismatchError(
            "The Content-MD5 you specified did not match what we received.",
            details={"ExpectedDigest": expected.hex(), "CalculatedDigest": checksums.encode(digest)},
        )
