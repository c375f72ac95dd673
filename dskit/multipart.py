"""The verbs of a multipart upload, stateless: everything is named by key and upload id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from .errors import InvalidRequestError
from .guards import verb
from .listing import check_count
from .options import (
    Checksum,
    Range,
    attributes_of,
    byte_range,
    check_md5,
    check_source_bucket,
    checksum_of,
    conditions_of,
    is_count,
    write_conditions,
)
from .sources import Data, source_of
from .types import (
    CompletedPart,
    CopyOptions,
    ObjectParts,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    UploadInfo,
    UploadOptions,
    UploadPage,
)
from .view import View

__all__ = ["MultipartVerbs"]


class MultipartVerbs(View):
    @verb("key")
    def create_multipart_upload(
        self,
        key: str,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_disposition: str | None = None,
        content_encoding: str | None = None,
        content_language: str | None = None,
        expires: str | datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        storage_class: str | None = None,
        checksum_algorithm: str | None = None,
        checksum_type: str | None = None,
    ) -> UploadInfo:
        """Begin an upload; what is given here is stored with the object when it is completed.

        Nothing is visible under the key before that. `checksum_type` is ``FULL_OBJECT`` or ``COMPOSITE``.
        """
        if checksum_type not in (None, "FULL_OBJECT", "COMPOSITE"):
            raise InvalidRequestError(f"checksum_type is FULL_OBJECT or COMPOSITE, not {checksum_type!r}")
        options = UploadOptions(
            attributes=attributes_of(
                content_type=content_type,
                cache_control=cache_control,
                content_disposition=content_disposition,
                content_encoding=content_encoding,
                content_language=content_language,
                expires=expires,
                storage_class=storage_class,
                metadata=metadata,
                max_metadata_bytes=self.capabilities.limits.max_metadata_bytes,
            ),
            checksum_algorithm=checksum_of(checksum_algorithm)[0],
            checksum_type=checksum_type,
        )
        info = self.service.create_upload(self.bucket, self.prefix + key, options)
        info.key = key
        return info

    @verb("key")
    def upload_part(
        self,
        key: str,
        upload_id: str,
        number: int,
        data: Data,
        *,
        checksum: Checksum = None,
        content_md5: str | None = None,
        length: int | None = None,
    ) -> Part:
        """Store part `number` (1 to `limits.max_parts`); a part that was there under this number is replaced.

        `data` as for `put`; an async iterable (with AsyncStore) is gathered in memory before it is sent. Raises
        `UploadNotFoundError`, `ChecksumMismatchError`, `TooLargeError`.
        """
        algorithm, value = checksum_of(checksum)
        source = source_of(data, length)
        options = PutOptions(
            checksum_algorithm=algorithm, checksum=value, content_md5=check_md5(content_md5), length=source.length
        )
        self._check_part(upload_id, number)
        return self.service.put_part(self.bucket, self.prefix + key, upload_id, number, source, options)

    @verb("key")
    def upload_part_copy(
        self,
        key: str,
        upload_id: str,
        number: int,
        source: str,
        *,
        source_bucket: str | None = None,
        range: Range = None,
        source_if_match: str | None = None,
        source_if_none_match: str | None = None,
        source_if_modified_since: datetime | None = None,
        source_if_unmodified_since: datetime | None = None,
        source_version_id: str | None = None,
    ) -> Part:
        """Store part `number` from bytes of an object of the same service: all of it, or `range`.

        With `source_bucket` the source is a key of that bucket, without this store's prefix.
        """
        check_source_bucket(source_bucket)
        if source_bucket is None:
            self.check_key(source)
        self._check_part(upload_id, number)
        return self.service.copy_part(
            source_bucket or self.bucket,
            source if source_bucket else self.prefix + source,
            self.bucket,
            self.prefix + key,
            upload_id,
            number,
            byte_range=byte_range(range),
            options=CopyOptions(
                source_conditions=conditions_of(
                    source_if_match, source_if_none_match, source_if_modified_since, source_if_unmodified_since
                ),
                source_version_id=source_version_id,
            ),
        )

    @verb("key")
    def complete_multipart_upload(
        self,
        key: str,
        upload_id: str,
        parts: Sequence[CompletedPart | Part],
        *,
        if_none_match: str | None = None,
        if_match: str | None = None,
        checksums: Mapping[str, str] | None = None,
        checksum_type: str | None = None,
        size: int | None = None,
    ) -> PutResult:
        """Publish the listed parts, in ascending order of their numbers, as the object. Atomic, like a put.

        `checksums` (algorithm to base64) and `size` are of the whole object and must agree. Raises
        `InvalidPartError`, `UploadNotFoundError`, `PreconditionFailedError`; the upload then stays usable.
        """
        self._check_upload(upload_id)
        if not isinstance(parts, Iterable):
            raise InvalidRequestError(f"parts are an iterable of Part or CompletedPart, not a {type(parts).__name__}")
        listed = [_completed(part) for part in parts]
        return self.service.complete_upload(
            self.bucket,
            self.prefix + key,
            upload_id,
            listed,
            conditions=write_conditions(if_match, if_none_match),
            checksums=dict(checksums) if checksums else None,
            checksum_type=checksum_type,
            size=size,
        )

    @verb("key")
    def abort_multipart_upload(self, key: str, upload_id: str) -> None:
        """End an upload and drop its parts. Raises `UploadNotFoundError` for one that is not in progress."""
        self._check_upload(upload_id)
        self.service.abort_upload(self.bucket, self.prefix + key, upload_id)

    @verb("key")
    def list_parts(self, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        """Parts with a number greater than `after`, ascending; `next_marker` is the `after` of the next page."""
        self._check_upload(upload_id)
        check_count("after", after)
        check_count("max_parts", max_parts)
        page = self.service.list_parts(self.bucket, self.prefix + key, upload_id, after=after, max_parts=max_parts)
        page.upload.key = self.inner(page.upload.key)
        return page

    @verb()
    def list_uploads(
        self,
        prefix: str = "",
        *,
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage:
        """Uploads in progress, by key and then by time.

        The next page is asked for with both markers of the last; `upload_id_marker` means nothing without
        `key_marker`.
        """
        self.check_prefix(prefix, delimiter, key_marker)
        ask = partial(
            self.service.list_uploads,
            self.bucket,
            prefix=self.prefix + prefix,
            delimiter=delimiter,
            max_uploads=check_count("max_uploads", max_uploads),
        )
        page = ask(key_marker=self.marker(key_marker), upload_id_marker=upload_id_marker)
        if not self.prefix:
            return page
        if page.next_key_marker == self.prefix:  # no upload but those of the prefix itself, and "" is no marker
            page = ask(key_marker=self.prefix, upload_id_marker="")
        page.uploads = [upload for upload in page.uploads if upload.key != self.prefix]  # which has no name here
        for upload in page.uploads:
            upload.key = self.inner(upload.key)
        page.prefixes = [self.inner(name) for name in page.prefixes]
        page.next_key_marker = page.next_key_marker and self.inner(page.next_key_marker)
        return page

    @verb("key")
    def object_parts(
        self, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        """The parts that a completed object was made of; None where it was put whole."""
        check_count("after", after)
        check_count("max_parts", max_parts)
        return self.service.object_parts(
            self.bucket, self.prefix + key, version_id=version_id, after=after, max_parts=max_parts
        )

    def _check_upload(self, upload_id: str) -> None:
        if not isinstance(upload_id, str):
            raise InvalidRequestError(f"an upload id is a str, not {type(upload_id).__name__}")

    def _check_part(self, upload_id: str, number: int) -> None:
        """botocore text of UploadPart: "This is a positive integer between 1 and 10,000"."""
        self._check_upload(upload_id)
        most = self.capabilities.limits.max_parts
        if not is_count(number) or not 1 <= number <= most:
            raise InvalidRequestError(
                f"Part number must be an integer between 1 and {most}, inclusive",
                details={"ArgumentName": "partNumber", "ArgumentValue": str(number)},
            )


def _completed(part: CompletedPart | Part) -> CompletedPart:
    if isinstance(part, CompletedPart):
        return part
    if not isinstance(part, Part):
        raise InvalidRequestError(f"parts are Part or CompletedPart records, not {type(part).__name__}")
    return CompletedPart(number=part.number, etag=part.etag, checksums=part.checksums)
