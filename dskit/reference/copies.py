"""Copies: blobs are shared, no byte moves; what is not known of the whole is computed by reading it once."""

from __future__ import annotations

from dataclasses import replace

from dskit import checksums, conditions
from dskit.errors import ConflictError, InvalidRequestError
from dskit.frozen import FrozenDict
from dskit.types import NO_CONDITIONS, Attributes, CopyOptions, PutResult

from .catalog import Transaction, View
from .core import DEFAULT_ALGORITHM
from .objects import ObjectVerbs, check_configured, check_version, check_write, lost
from .reading import meta_of
from .records import Extent, VersionRow

__all__ = ["CopyVerbs"]

_IN_PLACE = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)


class CopyVerbs(ObjectVerbs):
    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        """The copy of a multipart object has a plain MD5 as its ETag (aws-recorded:test_multipart_copy_object_etag)."""
        if options.attributes is not None:
            self.check_attributes(options.attributes)
        self.check_algorithm(options.checksum_algorithm)
        raw = key.encode()
        seen = -1
        while True:
            with self.catalog.view() as view:
                source = self.source_row(view, source_bucket, source_key, options)
            if (source_bucket, source_key) == (bucket, key) and options.attributes is None:
                raise InvalidRequestError(_IN_PLACE, code="InvalidRequest")
            try:
                etag, values = self._digests_of_copy(source, options.checksum_algorithm)
            except FileNotFoundError as error:
                if source.seq == seen:
                    raise lost(source_key) from error
                seen = source.seq
                continue
            with self.catalog.transaction() as change:
                if not self.still_there(change, source_bucket, source):
                    continue
                home = self.bucket_row(change, bucket)
                present = change.current(home.id, raw)
                if options.conditions is not NO_CONDITIONS:
                    check_configured(options.conditions, home)
                    check_write(options.conditions, present, key)
                row = VersionRow(
                    raw,
                    change.next_seq(),
                    source.size,
                    etag,
                    self.stamp(present),
                    self._attributes(source, options.attributes),
                    source.extents,
                    FrozenDict(values),
                    "FULL_OBJECT",
                    access=options.access,
                )
                change.put_version(home.id, row)
            return PutResult(
                etag=etag,
                size=row.size,
                last_modified=row.modified,
                checksums=row.checksums,
                checksum_type=row.checksum_type,
            )

    def source_row(self, view: View, bucket: str, key: str, options: CopyOptions) -> VersionRow:
        """The version to copy from, its conditions checked. Raises `ConflictError` where it is not the one seen."""
        row = self.current_row(view, bucket, key)
        check_version(bucket, key, options.source_version_id)
        if options.source_seen is not None and options.source_seen != meta_of(key, row):
            raise ConflictError("the source has been replaced since it was looked at", bucket=bucket, key=key)
        if options.source_conditions:
            conditions.check_copy_source(options.source_conditions, row.etag, row.modified, now=self.clock.now())
        return row

    def still_there(self, change: Transaction, bucket: str, source: VersionRow) -> bool:
        """Whether the source is what was looked at; else its blobs may be gone and the copy starts again."""
        now = change.current(self.bucket_row(change, bucket).id, source.key)
        return now is not None and now.seq == source.seq

    @staticmethod
    def _attributes(source: VersionRow, asked: Attributes | None) -> Attributes:
        """A plain copy keeps all but the storage class and the website redirect, which are the destination's own
        (aws-recorded:test_s3_copy_object_in_place_website_redirect_location)."""
        if asked is not None:
            return asked
        return replace(source.attributes, storage_class=None, website_redirect_location=None)

    def _digests_of_copy(self, source: VersionRow, algorithm: str | None) -> tuple[str, dict[str, str]]:
        """ETag and checksum of a copy, from the catalog where it knows them. Raises FileNotFoundError."""
        full = source.checksums if source.checksum_type == "FULL_OBJECT" else {}
        wanted = algorithm or next(iter(source.checksums), DEFAULT_ALGORITHM)
        if source.parts is None and wanted in full:
            return source.etag, {wanted: full[wanted]}
        return self.digests(source.extents, {wanted})

    def digests(self, extents: tuple[Extent, ...], algorithms: set[str]) -> tuple[str, dict[str, str]]:
        """ETag and checksums of stored bytes, by reading them. Raises FileNotFoundError where a blob is gone."""
        md5 = checksums.hasher("MD5")
        others = {name: checksums.hasher(name) for name in algorithms}
        reader = self.blobs.open(extents)
        try:
            for chunk in reader:
                md5.update(chunk)
                for other in others.values():
                    other.update(chunk)
        finally:
            reader.close()
        values = {name: checksums.encode(other.digest()) for name, other in others.items()}
        return f'"{md5.digest().hex()}"', values
