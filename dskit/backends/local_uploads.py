"""Multipart uploads of a folder: a folder each under `.dskit/uploads`, parts as files, small records beside them.

Upload ids begin with the time, so that their order is that of S3's listing. The record of a part says which file
holds it and replaces the former one by a rename; a lock of the upload orders parts, completion and abort.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..clock import Clock
from ..conditions import etag_matches
from ..errors import InvalidPartError, InvalidRequestError, UploadNotFoundError
from ..ids import Ids
from ..options import given
from ..types import Attributes, CompletedPart, Conditions, Part, PutOptions, PutResult, UploadInfo, UploadOptions
from .local_control import Control, remove_tree
from .local_folder import Folder
from .local_paths import FOLDER, GONE, sync_folder
from .local_records import from_nanoseconds, nanoseconds
from .local_staging import LocalStaging

__all__ = ["Uploads", "is_upload_id", "part_of"]

_ID = re.compile(r"[0-9a-f]{48}")


def is_upload_id(text: str) -> bool:
    """Whether an id says when its upload began, be it in progress or not."""
    return _ID.fullmatch(text) is not None


class Uploads:
    """The uploads in progress of one folder."""

    def __init__(self, folder: Folder, *, min_part_bytes: int) -> None:
        self._folder = folder
        self._clock: Clock = folder.clock
        self._ids: Ids = folder.ids
        self._min_part_bytes = min_part_bytes

    def create(self, key: str, options: UploadOptions) -> UploadInfo:
        control = self._folder.control()
        self._folder.segments(key)
        initiated = self._clock.now()
        upload_id = f"{nanoseconds(initiated):016x}{self._ids.token(16).hex()}"
        attributes = given(options.attributes)
        draft, name = b"uploads/." + upload_id.encode(), _path(upload_id)
        os.mkdir(draft, dir_fd=control.fd)
        row = {"key": key, "initiated": nanoseconds(initiated), "attributes": attributes}
        _write(control.fd, draft + b"/upload.json", row, sync=self._folder.sync)
        os.rename(draft, name, src_dir_fd=control.fd, dst_dir_fd=control.fd)
        if self._folder.sync:
            sync_folder(control.fd, b"uploads")
        return UploadInfo(key=key, upload_id=upload_id, initiated=initiated, storage_class="STANDARD")

    def info(self, key: str, upload_id: str) -> tuple[UploadInfo, Attributes]:
        """Raises `UploadNotFoundError` for an id that is unknown, or that of another key."""
        with self._folder.opened_control() as control:
            found = None if control is None else self._read(control, upload_id)
        if found is None or found["key"] != key:
            raise UploadNotFoundError(
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                "aborted or completed.",
                key=key,
                details={"UploadId": upload_id},
            )
        return _info(upload_id, found), Attributes(**found["attributes"])

    def all(self) -> list[UploadInfo]:
        """By key, then by time."""
        with self._folder.opened_control() as control:
            ids = [] if control is None else [name for name in _names(control, b"uploads") if is_upload_id(name)]
            found = [(upload_id, self._read(control, upload_id)) for upload_id in ids if control is not None]
        uploads = [_info(upload_id, row) for upload_id, row in found if row is not None]
        return sorted(uploads, key=lambda upload: (upload.key.encode(), upload.upload_id))

    def begin_part(self, key: str, upload_id: str, number: int, options: PutOptions) -> LocalStaging:
        self.info(key, upload_id)

        def publish(staging: LocalStaging) -> PutResult:
            return self._store_part(key, upload_id, number, staging)

        return LocalStaging(self._folder.control(), options, publish)

    def _store_part(self, key: str, upload_id: str, number: int, staging: LocalStaging) -> PutResult:
        control, base = self._folder.control(), _path(upload_id)
        data = f"{number:05d}-{self._ids.token(8).hex()}"
        now = self._clock.now()
        row = {
            "number": number,
            "etag": f'"{self._ids.token(16).hex()}"',
            "size": staging.size,
            "modified": nanoseconds(now),
            "checksums": staging.checksums,
            "data": data,
        }
        if self._folder.sync:
            os.fsync(staging.file)
        with control.lock(upload_id.encode(), "u"):
            self.info(key, upload_id)
            former = self._part_row(control, upload_id, number)
            target = base + b"/" + data.encode()
            os.rename(staging.name, target, src_dir_fd=control.staging, dst_dir_fd=control.fd)
            _write(control.fd, base + f"/{number:05d}.json".encode(), row, sync=self._folder.sync)
            if former is not None:
                os.unlink(base + b"/" + former["data"].encode(), dir_fd=control.fd)
        part = part_of(row)
        return PutResult(etag=part.etag, size=part.size, last_modified=part.last_modified, checksums=part.checksums)

    def parts(self, key: str, upload_id: str) -> list[dict[str, Any]]:
        """The records of the parts, by number."""
        self.info(key, upload_id)
        with self._folder.opened_control() as control:
            if control is None:
                return []
            upload = _path(upload_id)
            names = sorted(name for name in _names(control, upload) if name[0].isdigit() and name.endswith(".json"))
            rows = [_read_json(control, upload + b"/" + name.encode()) for name in names]
        return [row for row in rows if row is not None]

    def complete(
        self, key: str, upload_id: str, listed: Sequence[CompletedPart], conditions: Conditions, size: int | None
    ) -> PutResult:
        """Join the listed parts into a staged file and publish that; the upload goes last. As S3 answers, else."""
        self.info(key, upload_id)
        control = self._folder.control()
        with control.lock(upload_id.encode(), "u"):
            _, attributes = self.info(key, upload_id)
            rows = self._chosen({row["number"]: row for row in self.parts(key, upload_id)}, upload_id, listed)
            total = sum(row["size"] for row in rows)
            if size is not None and size != total:
                raise InvalidRequestError(
                    f"The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: "
                    f"{total}",
                    code="InvalidRequest",
                )

            def publish(staging: LocalStaging) -> PutResult:
                record = self._folder.new_record(attributes, {}, [row["size"] for row in rows])
                return self._folder.publish(key, staging.name, staging.file, record, conditions)

            staging = LocalStaging(control, PutOptions(length=total), publish)
            try:
                for row in rows:
                    self._append(control, upload_id, row, staging)
                result = staging.commit()
            finally:
                staging.abort()
            remove_tree(control.fd, _path(upload_id))
        return result

    def _append(self, control: Control, upload_id: str, row: dict[str, Any], staging: LocalStaging) -> None:
        name = _path(upload_id) + b"/" + row["data"].encode()
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=control.fd)
        try:
            staging.take(source, 0, row["size"])
        finally:
            os.close(source)

    def _chosen(
        self, stored: dict[int, dict[str, Any]], upload_id: str, listed: Sequence[CompletedPart]
    ) -> list[dict[str, Any]]:
        """The stored parts that a part list names. Errors as recorded on AWS (test_complete_multipart_parts_order,
        test_multipart_complete_multipart_wrong_part, test_multipart_complete_multipart_too_small)."""
        if not listed:
            raise InvalidRequestError("You must specify at least one part", code="InvalidRequest")
        numbers = [part.number for part in listed]
        if any(left >= right for left, right in pairwise(numbers)):
            raise InvalidPartError(
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
                code="InvalidPartOrder",
                details={"UploadId": upload_id},
            )
        chosen = []
        for part in listed:
            row = stored.get(part.number)
            if row is None or (part.etag is not None and not etag_matches(part.etag, row["etag"])):
                raise InvalidPartError(
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
                    "the specified entity tag may not match the part's entity tag.",
                    details={"PartNumber": str(part.number), "ETag": part.etag or "", "UploadId": upload_id},
                )
            chosen.append(row)
        for row in chosen[:-1]:
            if row["size"] < self._min_part_bytes:
                raise InvalidPartError(
                    "Your proposed upload is smaller than the minimum allowed size",
                    code="EntityTooSmall",
                    details={
                        "ETag": row["etag"],
                        "MinSizeAllowed": str(self._min_part_bytes),
                        "PartNumber": str(row["number"]),
                        "ProposedSize": str(row["size"]),
                    },
                )
        return chosen

    def abort(self, key: str, upload_id: str) -> None:
        self.info(key, upload_id)
        control = self._folder.control()
        with control.lock(upload_id.encode(), "u"):
            self.info(key, upload_id)
            gone = b"uploads/." + upload_id.encode()
            os.rename(_path(upload_id), gone, src_dir_fd=control.fd, dst_dir_fd=control.fd)
            remove_tree(control.fd, gone)

    def _part_row(self, control: Control, upload_id: str, number: int) -> dict[str, Any] | None:
        return _read_json(control.fd, _path(upload_id) + f"/{number:05d}.json".encode())

    def _read(self, control: int, upload_id: str) -> dict[str, Any] | None:
        if not is_upload_id(upload_id):
            return None
        return _read_json(control, _path(upload_id) + b"/upload.json")


def part_of(row: dict[str, Any]) -> Part:
    return Part(
        number=row["number"],
        etag=row["etag"],
        size=row["size"],
        last_modified=from_nanoseconds(row["modified"]),
        checksums=row["checksums"],
    )


def _info(upload_id: str, row: dict[str, Any]) -> UploadInfo:
    return UploadInfo(
        key=row["key"], upload_id=upload_id, initiated=from_nanoseconds(row["initiated"]), storage_class="STANDARD"
    )


def _path(upload_id: str) -> bytes:
    return b"uploads/" + upload_id.encode()


def _names(control: int, name: bytes) -> list[str]:
    """What is in a folder below; nothing where there is none (any more)."""
    try:
        folder = os.open(name, FOLDER, dir_fd=control)
    except FileNotFoundError:
        return []
    try:
        return os.listdir(folder)
    finally:
        os.close(folder)


def _write(control: int, name: bytes, row: dict[str, Any], *, sync: bool) -> None:
    """A record that is there whole or not at all."""
    draft = name + b".new"
    file = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666, dir_fd=control)
    with open(file, "wb") as stream:
        stream.write(json.dumps(row).encode())
        stream.flush()
        if sync:
            os.fsync(file)
    os.rename(draft, name, src_dir_fd=control, dst_dir_fd=control)
    if sync:
        sync_folder(control, os.path.dirname(name))


def _read_json(control: int, name: bytes) -> dict[str, Any] | None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=control)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    with open(file, "rb") as stream:
        row: dict[str, Any] = json.loads(stream.read())
    return row
