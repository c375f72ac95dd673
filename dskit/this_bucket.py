"""The name of a bucket, and which of those that have had the name."""

from __future__ import annotations

__all__ = ["ThisBucket"]


class ThisBucket(str):
    """A name for calls that are about one bucket, and not about another that was made under its name since.

    A service that tells buckets apart gives it out (`BucketInfo.this`) and answers `BucketNotFoundError` where that
    bucket is gone; to every other service it is the name. So who decides whether a request may go on by looking at
    the bucket (its owner, its settings) makes the call on what was looked at.
    """

    __slots__ = ("id",)

    id: int

    def __new__(cls, name: str, number: int) -> ThisBucket:
        made = super().__new__(cls, name)
        made.id = number
        return made

    def __reduce__(self) -> tuple[type[ThisBucket], tuple[str, int]]:
        return ThisBucket, (str(self), self.id)
