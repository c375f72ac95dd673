"""What every part of the reference store shares: its ports, its bounds, and the errors that name a thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from dskit.checksums import ALGORITHMS
from dskit.clock import Clock
from dskit.errors import BucketNotFoundError, InvalidRequestError, NotFoundError, TooLargeError, UploadNotFoundError
from dskit.ids import Ids
from dskit.limits import Limits
from dskit.signable import Signable
from dskit.types import Attributes

from .blobs import Blobs
from .catalog import Catalog, View
from .records import BucketRow, UploadRow, VersionRow

__all__ = ["Core", "no_such_bucket", "no_such_key"]

DEFAULT_ALGORITHM = "CRC64NVME"  # what S3 stores where the client chose none (aws-recorded:test_s3_get_object_checksum)

_MICROSECONDS = tuple([timedelta(microseconds=count) for count in range(1000)])


class Core(Signable):
    """Ports and helpers; the verbs are in the classes that build on it."""

    def __init__(
        self, catalog: Catalog, blobs: Blobs, *, clock: Clock, ids: Ids, limits: Limits, blocking: bool
    ) -> None:
        super().__init__()
        self.catalog = catalog
        self.blobs = blobs
        self.clock = clock
        self.ids = ids
        self.blocking = blocking
        self.limits = limits

    def bucket_row(self, view: View, bucket: str) -> BucketRow:
        row = view.bucket(bucket)
        if row is None:
            raise no_such_bucket(bucket)
        return row

    def current_row(self, view: View, bucket: str, key: str) -> VersionRow:
        row = view.current(self.bucket_row(view, bucket).id, key.encode())
        if row is None:
            raise no_such_key(bucket, key)
        return row

    def upload_row(self, view: View, bucket: BucketRow, key: str, upload_id: str) -> UploadRow:
        row = view.upload(bucket.id, key.encode(), upload_id)
        if row is None:
            raise no_such_upload(bucket.name, key, upload_id)
        return row

    def stamp(self, previous: VersionRow | None) -> datetime:
        """Now, and never before the version that is replaced (S3 keeps milliseconds)."""
        now = self.clock.now()
        now -= _MICROSECONDS[now.microsecond % 1000]  # `replace` takes ten times as long
        return now if previous is None or now > previous.modified else previous.modified

    def check_attributes(self, attributes: Attributes) -> None:
        """Raises `TooLargeError` (``MetadataTooLarge``) for more user metadata than S3 holds."""
        if not attributes.metadata:
            return
        limit = self.limits.max_metadata_bytes
        size = metadata_bytes(attributes.metadata)
        if limit is not None and size > limit:
            raise TooLargeError(
                "Your metadata headers exceed the maximum allowed metadata size",
                code="MetadataTooLarge",
                details={"Size": str(size), "MaxSizeAllowed": str(limit)},
            )

    def check_algorithm(self, algorithm: str | None) -> None:
        if algorithm is not None and algorithm not in ALGORITHMS:
            raise InvalidRequestError(
                f"checksum algorithm {algorithm!r} is none of {', '.join(ALGORITHMS)}",
                code="InvalidRequest",
            )


def metadata_bytes(metadata: Mapping[str, str]) -> int:
    """Size of user metadata as S3 counts it: UTF-8 bytes of names (without the prefix) and values."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())


def no_such_bucket(bucket: str) -> BucketNotFoundError:
    return BucketNotFoundError("The specified bucket does not exist", bucket=bucket, details={"BucketName": bucket})


def no_such_key(bucket: str, key: str) -> NotFoundError:
    return NotFoundError("The specified key does not exist.", bucket=bucket, key=key, details={"Key": key})


def no_such_upload(bucket: str, key: str, upload_id: str) -> UploadNotFoundError:
    return UploadNotFoundError(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed.",
        bucket=bucket,
        key=key,
        details={"UploadId": upload_id},
    )
