"""`LocalService`: plain files that other programs can read, as a service of buckets."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ..backend import Source
from ..capabilities import Capabilities, Limits, Semantics, Supports
from ..clock import Clock, SystemClock
from ..errors import (
    BucketExistsError,
    BucketNotEmptyError,
    BucketNotFoundError,
    ClosedError,
    ConfigurationError,
    InvalidBucketNameError,
    StoreError,
    UnsupportedError,
)
from ..ids import Ids, RandomIds
from ..keys import check_bucket_name
from ..places import Place, place_in
from ..signable import Signable
from ..sources import pump
from ..types import (
    BucketInfo,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    UploadInfo,
    UploadOptions,
    UploadPage,
)
from .local_control import remove_tree
from .local_errors import translated
from .local_folder import Folder
from .local_listing import list_uploads
from .local_objects import LocalObjects, copy_bounds
from .local_paths import CONTROL, remove_empty
from .local_staging import LocalStaging
from .local_uploads import Uploads, part_of

__all__ = ["LocalService"]

LOCAL_SUPPORTS = Supports(put_storage_class=False, get_version_id=False, multipart_checksum=False)
LOCAL_LIMITS = Limits(max_segment_bytes=255, max_put_bytes=None, max_part_bytes=None, max_object_bytes=None)
LOCAL_SEMANTICS = Semantics(keys="path", etag="opaque", repeat_complete="no-such-upload")


class LocalService(Signable, LocalObjects):
    """Buckets are the sub-folders of `path`; or `path` itself is the one bucket, named `single`.

    Durability ``process`` gives up survival of power loss, for speed; atomicity stays. `min_part_bytes` is the least
    size of a part that is not the last: a file system has none, S3 has 5 MiB.
    """

    blocking = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        single: str | None = None,
        durability: Literal["power", "process"] = "power",
        min_part_bytes: int = 1,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        super().__init__()
        if os.name != "posix":
            raise ConfigurationError("plain files need a POSIX system (flock, openat); use disk: or memory: here")
        self.path = Path(os.path.abspath(path))
        self.single = single
        self.name = f"file {self.path}"
        self.sync = durability == "power"
        self.clock: Clock = clock or SystemClock()
        self.ids: Ids = ids or RandomIds()
        self._min_part_bytes = min_part_bytes
        self._durability: Literal["power", "process"] = durability
        self._gate = threading.Lock()
        self._folders: dict[str, Folder] = {}
        self._closed = False
        try:
            self._make_root()
        except StoreError as error:
            if isinstance(error.__cause__, OSError):
                reason = error.__cause__.strerror
                raise ConfigurationError(f"{self.path} cannot hold a store: {reason}") from error.__cause__
            raise

    def __repr__(self) -> str:
        return f"<LocalService {self.path}>"

    def _declared(self) -> Capabilities:
        return Capabilities(
            supports=LOCAL_SUPPORTS.replace(buckets=self.single is None),
            limits=LOCAL_LIMITS.replace(min_part_bytes=self._min_part_bytes),
            semantics=LOCAL_SEMANTICS.replace(durability=self._durability),
        )

    @translated
    def _make_root(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise ConfigurationError(f"{self.path} is a file; a store of plain files is a folder") from None
        if self.single is not None:
            self.folder(self.single)

    def place(self, bucket: str, beginning: str) -> Place:
        """Where the objects are whose keys begin so."""
        return place_in(self._path(bucket), beginning)

    def _path(self, bucket: str) -> Path:
        return self.path if self.single else self.path / bucket

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError(f"the store at {self.path} has been closed: open it again")

    def folder(self, bucket: str) -> Folder:
        """The folder of a bucket; that it is there is found out by using it, and nothing is made before a write."""
        with self._gate:
            self._check_open()
            folder = self._folders.get(bucket)
            if folder is None:
                if self.single is not None and bucket != self.single:
                    raise BucketNotFoundError(
                        "The specified bucket does not exist", bucket=bucket, details={"BucketName": bucket}
                    )
                check_bucket_name(bucket)
                folder = Folder(
                    self._path(bucket),
                    bucket,
                    clock=self.clock,
                    ids=self.ids,
                    sync=self.sync,
                    may_be_link=self.single is not None,
                )
                self._folders[bucket] = folder
        folder.prepare()
        return folder

    # buckets

    @translated
    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        self._check_open()
        check_bucket_name(bucket)
        if self.single is not None and bucket != self.single:
            raise UnsupportedError(f"{self.path} is one bucket; open_service('file:PATH') has many")
        try:
            if self.single is not None:
                raise FileExistsError
            (self.path / bucket).mkdir()
        except FileExistsError:
            raise BucketExistsError(
                "Your previous request to create the named bucket succeeded and you already own it.",
                bucket=bucket,
                details={"BucketName": bucket},
            ) from None
        self.folder(bucket).control()
        return self.head_bucket(bucket)

    @translated
    def head_bucket(self, bucket: str) -> BucketInfo:
        return BucketInfo(name=bucket, created=self.folder(bucket).created())

    @translated
    def delete_bucket(self, bucket: str) -> None:
        if self.single is not None:
            raise UnsupportedError(f"{self.path} is one bucket, which is not deleted through itself")
        folder = self.folder(bucket)
        with folder.root() as root:
            if self.list_page(bucket, max_keys=1).objects:
                raise BucketNotEmptyError(
                    "The bucket you tried to delete is not empty", bucket=bucket, details={"BucketName": bucket}
                )
            for entry in os.listdir(root):
                if os.fsencode(entry) != CONTROL:
                    remove_empty(root, os.fsencode(entry))
            folder.close()
            remove_tree(root, CONTROL)
        try:
            folder.path.rmdir()
        except OSError as error:
            raise BucketNotEmptyError(
                "files that are not objects, or new ones, are in the folder", bucket=bucket
            ) from error

    @translated
    def list_buckets(self) -> list[BucketInfo]:
        self._check_open()
        if self.single is not None:
            return [self.head_bucket(self.single)]
        found = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                with suppress(InvalidBucketNameError, BucketNotFoundError):
                    if entry.is_dir(follow_symlinks=False):
                        found.append(self.head_bucket(check_bucket_name(entry.name)))
        return sorted(found, key=lambda bucket: bucket.name)

    # multipart

    def _uploads(self, bucket: str) -> Uploads:
        return Uploads(self.folder(bucket), min_part_bytes=self._min_part_bytes)

    @translated
    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        return self._uploads(bucket).create(key, options)

    @translated
    def begin_part(self, bucket: str, key: str, upload_id: str, number: int, options: PutOptions) -> LocalStaging:
        return self._uploads(bucket).begin_part(key, upload_id, number, options)

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        return _part(number, pump(source, self.begin_part(bucket, key, upload_id, number, options)))

    @translated
    def copy_part(
        self,
        source_bucket: str,
        source_key: str,
        bucket: str,
        key: str,
        upload_id: str,
        number: int,
        *,
        byte_range: ByteRange | None,
        options: CopyOptions,
    ) -> Part:
        opened = self.open_source(source_bucket, source_key, options)
        try:
            start, stop = copy_bounds(byte_range, opened.status.st_size)
            staging = self.begin_part(bucket, key, upload_id, number, PutOptions(length=stop - start))
            try:
                staging.take(opened.file, start, stop)
                return _part(number, staging.commit())
            finally:
                staging.abort()
        finally:
            os.close(opened.file)

    @translated
    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        parts: Sequence[CompletedPart],
        *,
        conditions: Conditions,
        checksums: dict[str, str] | None = None,
        checksum_type: str | None = None,
        size: int | None = None,
    ) -> PutResult:
        return self._uploads(bucket).complete(key, upload_id, parts, conditions, size)

    @translated
    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        self._uploads(bucket).abort(key, upload_id)

    @translated
    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        uploads = self._uploads(bucket)
        info, _ = uploads.info(key, upload_id)
        rows = [part_of(row) for row in uploads.parts(key, upload_id) if row["number"] > after]
        max_parts = min(max_parts, self.capabilities.limits.max_page)
        more = len(rows) > max_parts
        rows = rows[:max_parts]
        return PartPage(upload=info, parts=rows, next_marker=rows[-1].number if more and rows else None)

    @translated
    def list_uploads(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage:
        return list_uploads(
            self._uploads(bucket),
            prefix=prefix,
            delimiter=delimiter,
            key_marker=key_marker,
            upload_id_marker=upload_id_marker,
            max_uploads=max_uploads,
            max_page=self.capabilities.limits.max_page,
        )

    def close(self) -> None:
        """Give up the staging folders. May be called again; every call after it is a `ClosedError`."""
        with self._gate:
            self._closed = True
            folders, self._folders = self._folders, {}
        for folder in folders.values():
            folder.end()


def _part(number: int, result: PutResult) -> Part:
    return Part(
        number=number,
        etag=result.etag,
        size=result.size,
        last_modified=result.last_modified,
        checksums=result.checksums,
    )
