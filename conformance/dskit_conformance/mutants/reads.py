"""Planted bugs of ranges and of conditional reads."""

from __future__ import annotations

from dataclasses import replace

from dskit.errors import PreconditionFailedError, RangeNotSatisfiableError
from dskit.streams import Reading
from dskit.types import ByteRange, Conditions, ReadOptions

from .forwarding import Forwarding, Snapshot

__all__ = ["READS"]


class RangeMutant(Forwarding):
    """Asks for another range than it was asked for."""

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.range is None:
            return super().get(bucket, key, options)
        size = super().head(bucket, key, replace(options, range=None)).meta.size
        return self.read(bucket, key, options, options.range, size)

    def read(self, bucket: str, key: str, options: ReadOptions, asked: ByteRange, size: int) -> Reading:
        return super().get(bucket, key, replace(options, range=self.falsified(asked, size)))

    def falsified(self, asked: ByteRange, size: int) -> ByteRange | None:
        raise TypeError("a subclass says which range it reads")


class EndBeyondSizeRefused(RangeMutant):
    """an end beyond the size is refused"""

    id = "RANGE-01"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange:
        if asked.last is not None and asked.last >= size:
            raise RangeNotSatisfiableError("the end is beyond the object")
        return asked


class RangeNotPartial(Forwarding):
    """a ranged read does not say that it is partial"""

    id = "RANGE-02"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        reading = super().get(bucket, key, options)
        if options.range is not None:
            return Snapshot(reading.meta, b"".join(reading), reading.start, reading.stop, partial=False)
        return reading


class InvertedRangeRefused(RangeMutant):
    """a range whose start is after its end is refused"""

    id = "RANGE-05"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange:
        if asked.first is not None and asked.last is not None and asked.first > asked.last:
            raise RangeNotSatisfiableError("start after end")
        return asked


class SuffixFromTheStart(RangeMutant):
    """a suffix range gives the first bytes"""

    id = "RANGE-08"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange:
        return ByteRange(0, asked.suffix - 1) if asked.suffix else asked


class ZeroStartMeansWhole(RangeMutant):
    """`bytes=0-0` gives the whole object"""

    id = "RANGE-09"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange | None:
        return None if (asked.first, asked.last) == (0, 0) else asked


class EndExclusive(RangeMutant):
    """the end of a range is exclusive"""

    id = "OWN-RANGE-END"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange:
        if asked.last is not None and asked.first is not None and asked.last > asked.first:
            return replace(asked, last=asked.last - 1)
        return asked


class EndIsLength(RangeMutant):
    """the end of a range is taken for a length"""

    id = "RANGE-17"

    def falsified(self, asked: ByteRange, size: int) -> ByteRange:
        return asked if asked.last is None else replace(asked, last=(asked.first or 0) + asked.last)


class WrongOffset(RangeMutant):
    """the bytes of a range begin one too late"""

    id = "RANGE-12"

    def read(self, bucket: str, key: str, options: ReadOptions, asked: ByteRange, size: int) -> Reading:
        reading = Forwarding.get(self, bucket, key, options)
        data = b"".join(reading)
        if reading.start and len(data) > 1:
            data = data[1:] + data[:1]
        return Snapshot(reading.meta, data, reading.start, reading.stop, reading.partial)


class SizeIsRangeLength(Forwarding):
    """the size on a ranged answer is the length of the range"""

    id = "RANGE-15"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        reading = super().get(bucket, key, options)
        if reading.partial:
            meta = replace(reading.meta, size=reading.stop - reading.start)
            return Snapshot(meta, b"".join(reading), reading.start, reading.stop, partial=True)
        return reading


class RangeBeforeConditions(Forwarding):
    """the range is looked at before the conditions"""

    id = "OWN-RANGE-FIRST"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.range is not None:
            super().get(bucket, key, replace(options, conditions=Conditions())).close()
        return super().get(bucket, key, options)


class ReadConditionsIgnored(Forwarding):
    """conditional reads are answered whole"""

    id = "COND-24"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return super().get(bucket, key, replace(options, conditions=Conditions()))


class StarIsALiteral(Forwarding):
    """`If-None-Match: *` is compared as an entity tag"""

    id = "COND-14"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.conditions.if_none_match == "*":
            options = replace(options, conditions=replace(options.conditions, if_none_match='"*"'))
        return super().get(bucket, key, options)

    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.conditions.if_none_match == "*":
            options = replace(options, conditions=replace(options.conditions, if_none_match='"*"'))
        return super().head(bucket, key, options)


class StarNeverMatches(Forwarding):
    """`If-Match: *` on a read is refused"""

    id = "COND-16"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.conditions.if_match == "*":
            raise PreconditionFailedError("no such tag")
        return super().get(bucket, key, options)


class UnmodifiedSinceBeatsIfMatch(Forwarding):
    """a false If-Unmodified-Since wins over a true If-Match"""

    id = "COND-16.pair"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.conditions.if_unmodified_since is not None:
            options = replace(options, conditions=replace(options.conditions, if_match=None))
        return super().get(bucket, key, options)


class UnquotedNeverMatches(Forwarding):
    """an entity tag without quotes never matches"""

    id = "COND-11"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        tag = options.conditions.if_match
        if tag is not None and tag != "*" and '"' not in tag:
            raise PreconditionFailedError("quotes are missing")
        return super().get(bucket, key, options)


class PartNumberIgnored(Forwarding):
    """a part number is ignored: the whole object"""

    id = "MPU-23"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return super().get(bucket, key, replace(options, part_number=None))


class ModifiedNow(Forwarding):
    """Last-Modified of a read is not that of the object"""

    id = "META-09"

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        reading = super().get(bucket, key, options)
        modified = reading.meta.last_modified.replace(year=reading.meta.last_modified.year + 1)
        return Snapshot(
            replace(reading.meta, last_modified=modified),
            b"".join(reading),
            reading.start,
            reading.stop,
            reading.partial,
        )


READS: tuple[type[Forwarding], ...] = (
    EndBeyondSizeRefused,
    RangeNotPartial,
    InvertedRangeRefused,
    SuffixFromTheStart,
    ZeroStartMeansWhole,
    EndExclusive,
    EndIsLength,
    WrongOffset,
    SizeIsRangeLength,
    RangeBeforeConditions,
    ReadConditionsIgnored,
    StarIsALiteral,
    StarNeverMatches,
    UnmodifiedSinceBeatsIfMatch,
    UnquotedNeverMatches,
    PartNumberIgnored,
    ModifiedNow,
)
