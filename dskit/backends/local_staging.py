"""A write in progress: bytes go to a staged file, digests are computed on the way, and `commit` hands them on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from ..checksums import encode, hasher
from ..errors import ChecksumMismatchError, InvalidRequestError, StoreError
from ..sources import incomplete
from ..types import PutOptions, PutResult
from .local_control import Control
from .local_errors import translated

__all__ = ["LocalStaging"]

COPY_BYTES = 1024 * 1024


class LocalStaging:
    """`publish` gets the staging, verified, and makes something of its file; what it leaves is discarded."""

    def __init__(self, control: Control, options: PutOptions, publish: Callable[[LocalStaging], PutResult]) -> None:
        self._control = control
        self._options = options
        self._publish = publish
        self._md5 = hasher("MD5") if options.content_md5 else None
        algorithm = options.checksum_algorithm
        self._checksum = hasher(algorithm) if algorithm else None
        self.size = 0
        self.checksums: dict[str, str] = {}
        self.name, file = control.new_file()
        self._file: int | None = file

    @property
    def file(self) -> int:
        """The descriptor of the staged file. Raises ValueError after commit or abort."""
        if self._file is None:
            raise ValueError("this write has ended")
        return self._file

    @translated
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._control.check_usable()
        view = memoryview(data)
        self.size += len(view)
        for digest in (self._md5, self._checksum):
            if digest is not None:
                digest.update(view)
        while view:
            view = view[os.write(self.file, view) :]

    def take(self, source: int, start: int, stop: int) -> None:
        """Append bytes of an open file; where nothing has to be computed from them the kernel copies."""
        position = start
        while position < stop:
            wanted = stop - position
            moved = self._copied_by_kernel(source, position, wanted)
            if moved is None:
                chunk = os.pread(source, min(COPY_BYTES, wanted), position)
                self.write(chunk)
                moved = len(chunk)
            if not moved:
                raise InvalidRequestError("the source became shorter while it was copied", code="IncompleteBody")
            position += moved

    def _copied_by_kernel(self, source: int, position: int, wanted: int) -> int | None:
        if self._md5 is not None or self._checksum is not None or not hasattr(os, "copy_file_range"):
            return None
        try:
            moved = os.copy_file_range(source, self.file, min(wanted, 2**30), offset_src=position)
        except OSError:
            return None  # not between these file systems, or not at all: read and write then
        self.size += moved
        return moved or None

    @translated
    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        """Verify length, digests and those of a trailer; publish. Raises `ChecksumMismatchError`."""
        options = self._options
        if options.length is not None and options.length != self.size:
            raise incomplete(options.length, self.size)
        if self._md5 is not None and encode(self._md5.digest()) != options.content_md5:
            raise ChecksumMismatchError("The Content-MD5 you specified did not match what we received.")
        if self._checksum is not None:
            algorithm = options.checksum_algorithm or ""
            value = encode(self._checksum.digest())
            for wanted in (options.checksum, (checksums or {}).get(algorithm)):
                if wanted is not None and wanted != value:
                    raise ChecksumMismatchError(f"The {algorithm} you specified did not match the calculated checksum.")
            self.checksums = {algorithm: value}
        self._control.check_usable()
        try:
            result = self._publish(self)
        except OSError as error:
            if not isinstance(error, StoreError):
                self._control.check_usable()
            raise
        self.abort()
        return result

    def abort(self) -> None:
        """Drop the staged file, unless it has been published. May be called again."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
            self._control.discard(self.name)

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.abort()
