"""The bucket that a store of its own makes for itself."""

from __future__ import annotations

from ..backend import ObjectService
from ..errors import BucketExistsError
from ..keys import check_bucket_name

__all__ = ["ensure_bucket"]


def ensure_bucket(service: ObjectService, bucket: str) -> None:
    """Create the bucket unless it is there. Raises `InvalidBucketNameError`."""
    check_bucket_name(bucket)
    try:
        service.create_bucket(bucket)
    except BucketExistsError:
        return
