"""One bucket as a folder of plain files: opening, publishing and removing them."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..clock import Clock
from ..conditions import check_delete, check_write
from ..errors import AlreadyExistsError, BucketNotFoundError, ClosedError, ConflictError, NotFoundError
from ..ids import Ids
from ..types import Attributes, Conditions, DeleteRequest, PutResult
from .local_control import Control
from .local_names import Names
from .local_paths import (
    CONTROL,
    FOLDER,
    GONE,
    conflict,
    has_exactly,
    make_parent,
    open_parent,
    open_regular,
    prune,
    remove_empty,
    segments_of,
)
from .local_records import Record, derived, forget, load, modified_at, nanoseconds, save
from .local_traits import Traits

__all__ = ["Current", "Folder", "Opened"]

CREATED = CONTROL + b"/created"
ATTEMPTS = 100
"""How often a commit starts again when its folders are pruned under it; each time somebody else got on."""


class Opened:
    """An open object: descriptor, status and record of one and the same inode."""

    __slots__ = ("file", "record", "status")

    def __init__(self, file: int, status: os.stat_result, record: Record) -> None:
        self.file = file
        self.status = status
        self.record = record


Current = tuple[os.stat_result, Record]


class Folder:
    """The files of a bucket under `path`. The control folder is made when something is written first: a folder that is
    only read stays as it is."""

    def __init__(
        self, path: Path, bucket: str, *, clock: Clock, ids: Ids, sync: bool, may_be_link: bool = False
    ) -> None:
        self.path = path
        self.bucket = bucket
        self.clock = clock
        self.ids = ids
        self.sync = sync
        self._flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (0 if may_be_link else os.O_NOFOLLOW)
        self.names = Names()
        self._gate = threading.Lock()
        self._control: Control | None = None
        self._traits = Traits(sync=sync)
        self._prepared = False
        self._ended = False

    @contextmanager
    def root(self) -> Iterator[int]:
        """A descriptor of the folder. Raises `BucketNotFoundError`."""
        try:
            root = os.open(self.path, self._flags)
        except OSError as error:
            if error.errno not in GONE:
                raise
            raise BucketNotFoundError(
                "The specified bucket does not exist", bucket=self.bucket, details={"BucketName": self.bucket}
            ) from None
        try:
            yield root
        finally:
            os.close(root)

    def control(self) -> Control:
        """The control folder, made or opened. Raises `BucketNotFoundError`, `ClosedError`."""
        with self._gate:
            if self._ended:
                raise ClosedError(f"the store at {self.path} has been closed: open it again")
            if self._control is None or not self._control.alive:
                with self.root() as root:
                    self._control = Control(root, self.ids, sync=self.sync)
                self._traits = self._control.traits
            return self._control

    def prepare(self) -> None:
        """Join a store that has been written before: what is left of dead writers goes, what the file system does with
        names is found out. A folder that may not be written can be read, and one that never was stays as it is."""
        if self._prepared:
            return
        self._prepared = True
        with self.opened_control() as control:
            if control is None:
                return
        try:
            self.control()
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise

    @contextmanager
    def opened_control(self) -> Iterator[int | None]:
        """A descriptor of the control folder for reading; None where nothing has been written yet."""
        with self.root() as root:
            try:
                control = os.open(CONTROL, FOLDER, dir_fd=root)
            except FileNotFoundError:
                control = None
        try:
            yield control
        finally:
            if control is not None:
                os.close(control)

    def segments(self, key: str) -> list[bytes]:
        """Raises `InvalidKeyError` for a key that cannot be held."""
        return segments_of(key, self._traits)

    def close(self) -> None:
        with self._gate:
            control, self._control = self._control, None
        if control is not None:
            control.close()

    def end(self) -> None:
        """Close for good: a write of another thread does not open it anew."""
        self._ended = True
        self.close()

    # reading

    def open(self, key: str) -> Opened:
        """Raises `NotFoundError`; the caller closes `file`."""
        segments = self.segments(key)
        with self.root() as root:
            found = self._open(root, segments)
        if found is None:
            raise NotFoundError("The specified key does not exist.", key=key, details={"Key": key})
        return found

    def _open(self, root: int, segments: Sequence[bytes]) -> Opened | None:
        try:
            with open_parent(root, segments, self._traits) as parent:
                return self.open_in(root, parent, segments[-1])
        except OSError as error:
            if error.errno in GONE or isinstance(error, FileNotFoundError):
                return None
            raise

    def open_in(self, root: int, parent: int, name: bytes) -> Opened | None:
        """The object of that name in an open folder; None where there is none."""
        while True:
            if not has_exactly(parent, name, self._traits):
                return None
            file = open_regular(parent, name)
            if file is None:
                return None
            try:
                status = os.fstat(file)
                record = load(file, status, root)
                if record is not None or self._is_still(parent, name, status):
                    return Opened(file, status, record or derived(status))
            except BaseException:
                os.close(file)
                raise
            os.close(file)  # replaced since it was opened, and its index entry with it: look again

    def _is_still(self, parent: int, name: bytes, status: os.stat_result) -> bool:
        try:
            now = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (now.st_dev, now.st_ino) == (status.st_dev, status.st_ino)

    def current(self, root: int, segments: Sequence[bytes]) -> Current | None:
        """Status and record of what is there now."""
        found = self._open(root, segments)
        if found is None:
            return None
        os.close(found.file)
        return found.status, found.record

    # writing

    def publish(self, key: str, staged: bytes, file: int, record: Record, conditions: Conditions) -> PutResult:
        """Make a staged file the object of `key`: checked, stamped, synced and renamed while commits of it wait.

        Raises `AlreadyExistsError`, `PreconditionFailedError`, `NotFoundError`, `KeyConflictError`; the staged file is
        then still there.
        """
        control, segments = self.control(), self.segments(key)
        with self.root() as root, control.lock(key.encode()):
            current = self.current(root, segments)
            check_write(conditions, None if current is None else current[1].etag, key)
            status = self._stamp(file, record, control, current)
            try:
                self._place(root, control, key, segments, staged, create=conditions.if_none_match is not None)
            except BaseException:
                forget(status, root)
                prune(root, segments, control.traits)
                raise
            if current is not None:
                forget(current[0], root)
        return PutResult(
            etag=record.etag,
            size=status.st_size,
            last_modified=modified_at(status),
            checksums=record.checksums,
            checksum_type="FULL_OBJECT" if record.checksums else None,
        )

    def _place(
        self, root: int, control: Control, key: str, segments: Sequence[bytes], staged: bytes, *, create: bool
    ) -> None:
        for _ in range(ATTEMPTS):
            try:
                with make_parent(root, key, segments, control.traits) as parent:
                    self._move(control, staged, parent, segments[-1], key, create=create)
                    if self.sync:
                        os.fsync(parent)
                return
            except FileNotFoundError:
                if control.given_up:
                    raise  # it is the staged file that is missing
                continue  # a folder was pruned between making it and using it
        raise ConflictError("the folders of this key are being removed as fast as they are made", key=key)

    def _stamp(self, file: int, record: Record, control: Control, current: Current | None) -> os.stat_result:
        """Set the time (never before that of the object replaced), keep the record, and sync."""
        now = nanoseconds(self.clock.now())
        if current is not None:
            now = max(now, current[0].st_mtime_ns)
        os.utime(file, ns=(now, now))
        status = os.fstat(file)
        save(record, file, status, control.fd, control.traits)
        if self.sync:
            os.fsync(file)
        return status

    def _move(self, control: Control, staged: bytes, parent: int, name: bytes, key: str, *, create: bool) -> None:
        self._clear_way(parent, name, key)
        try:
            if create:
                os.link(staged, name, src_dir_fd=control.staging, dst_dir_fd=parent, follow_symlinks=False)
                control.discard(staged)
            else:
                os.rename(staged, name, src_dir_fd=control.staging, dst_dir_fd=parent)
        except FileExistsError:
            raise AlreadyExistsError(
                "At least one of the pre-conditions you specified did not hold",
                key=key,
                details={"Condition": "If-None-Match"},
            ) from None
        except IsADirectoryError as error:
            raise conflict(key, "keys that begin with this one and a '/' are there") from error

    def _clear_way(self, parent: int, name: bytes, key: str) -> None:
        """Remove a folder without files; refuse to replace anything else that is not an object."""
        try:
            mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(mode):
            if not remove_empty(parent, name):
                raise conflict(key, "keys that begin with this one and a '/' are there")
        elif not stat.S_ISREG(mode):
            raise conflict(key, "a link or a device is in the way, which is not an object")

    def remove(self, request: DeleteRequest) -> None:
        """Delete the object if it is there, and the folders that it leaves empty. Raises as `check_delete` does."""
        key, segments = request.key, self.segments(request.key)
        with self.root() as root:
            if request.if_match is None and self.current(root, segments) is None:
                return
        control = self.control()
        with self.root() as root, control.lock(key.encode()):
            current = self.current(root, segments)
            check_delete(request.if_match, None if current is None else current[1].etag, key)
            if current is None:
                return
            try:
                with open_parent(root, segments, control.traits) as parent:
                    os.unlink(segments[-1], dir_fd=parent)
                    if self.sync:
                        os.fsync(parent)
            except OSError as error:
                if error.errno in GONE or isinstance(error, FileNotFoundError):
                    return  # by another program, between the two lines; a folder may be a file or a link now
                raise
            forget(current[0], root)
            prune(root, segments, control.traits)

    def new_record(self, attributes: Attributes, checksums: dict[str, str], parts: list[int] | None = None) -> Record:
        """A record with an ETag that no other write has."""
        return Record(etag=f'"{self.ids.token(16).hex()}"', attributes=attributes, checksums=checksums, parts=parts)

    def created(self) -> datetime:
        """When the control folder was made; for a folder that has none, its modification time."""
        with self.root() as root:
            try:
                return modified_at(os.stat(CREATED, dir_fd=root, follow_symlinks=False))
            except FileNotFoundError:
                return modified_at(os.fstat(root))
