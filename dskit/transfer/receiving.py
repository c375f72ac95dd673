"""An object read into a staged file: ranges of one state of it side by side, verified before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..checksums import combine, composite, crc, encode, hasher
from ..errors import ChecksumMismatchError
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import ObjectMeta, ObjectPart
from .crew import Job, Step, run
from .journals import Journal
from .pinned import read_pinned
from .sending import COMBINABLE, check_tuning
from .staging import StagedFile

if TYPE_CHECKING:
    from ..results import GetResult
    from ..store import Store

__all__ = ["Receiving"]

READ_BACK = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Receiving:
    """One object to read, as `meta` (with its checksums) describes it. `opened` is a read of all of it that is under
    way already, for who has no use for ranges."""

    store: Store
    key: str
    meta: ObjectMeta
    staged: StagedFile
    part_bytes: int = PART_BYTES
    concurrency: int = CONCURRENCY
    journal: Journal | None = None
    opened: GetResult | None = None
    _digests: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_tuning(self.part_bytes, self.concurrency)
        if self.opened is not None or not self.store.capabilities.supports.get_range:
            self.part_bytes = max(self.meta.size, 1)

    def run(self, step: Step) -> None:
        """Raises `ConflictError` where the object was replaced meanwhile, `ChecksumMismatchError`."""
        known = self._resumed()
        self.staged.truncate(self.meta.size)
        run(self._jobs(known), step, concurrency=max(1, min(self.concurrency, self._count)))
        self._verify()

    @property
    def _count(self) -> int:
        return -(-self.meta.size // self.part_bytes)

    @property
    def _algorithm(self) -> str:
        """A CRC that the store has of the whole, so that those of the ranges prove it; else any, for the journal."""
        if self.meta.checksum_type == "FULL_OBJECT":
            for name in COMBINABLE:
                if name in self.meta.checksums:
                    return name
        return COMBINABLE[0]

    def _span(self, index: int) -> tuple[int, int]:
        start = index * self.part_bytes
        return start, min(start + self.part_bytes, self.meta.size)

    def _jobs(self, known: dict[int, str]) -> Iterator[Job]:
        for index in range(self._count):

            def job(step: Step, index: int = index) -> None:
                self._receive(index, known.get(index), step)

            yield job

    def _receive(self, index: int, known: str | None, step: Step) -> None:
        start, stop = self._span(index)
        if known is not None and encode(staged := self._staged_digest(start, stop)) == known:
            self._digests[index] = staged
            step(stop - start)
            return
        digest = hasher(self._algorithm)
        position = start
        for chunk in self.opened or read_pinned(self.store, self.key, self.meta, start, stop):
            self.staged.write_at(position, chunk)
            digest.update(chunk)
            position += len(chunk)
            step(len(chunk), key=self.key)
        self._digests[index] = digest.digest()
        if self.journal is not None:
            self.journal.note({"part": index, "digest": encode(self._digests[index])})

    def _staged_digest(self, start: int, stop: int) -> bytes:
        return self._read_back(self._algorithm, start, stop)

    def _read_back(self, algorithm: str, start: int, stop: int) -> bytes:
        digest = hasher(algorithm)
        while start < stop:
            data = self.staged.read_at(start, min(READ_BACK, stop - start))
            if not data:
                break
            digest.update(data)
            start += len(data)
        return digest.digest()

    # resuming

    def _resumed(self) -> dict[int, str]:
        """The digests of the ranges that an earlier attempt has staged of this very state of the object."""
        if self.journal is None:
            return {}
        identity = {
            "transfer": "download 1",
            "etag": self.meta.etag,
            "size": self.meta.size,
            "version_id": self.meta.version_id,
            "part_bytes": self.part_bytes,
            "algorithm": self._algorithm,
        }
        entries = self.journal.entries()
        if not entries or entries[0] != identity:
            self.staged.truncate(0)
            self.journal.begin(identity)
            return {}
        known: dict[int, str] = {}
        self.journal.begin(identity)
        for entry in entries[1:]:
            part, digest = entry.get("part"), entry.get("digest")
            if isinstance(part, int) and isinstance(digest, str):
                known[part] = digest
        for part, digest in known.items():
            self.journal.note({"part": part, "digest": digest})
        return known

    # verifying

    def _verify(self) -> None:
        """Compare with whatever the store knows of the whole. A store without checksums leaves nothing to compare."""
        if self.meta.checksum_type == "COMPOSITE":
            self._verify_composite()
            return
        for name, value in self.meta.checksums.items():
            if name == self._algorithm:
                lengths = [stop - start for start, stop in map(self._span, range(self._count))]
                found = combine(name, [(self._digests[index], lengths[index]) for index in range(self._count)])
            else:
                found = self._read_back(name, 0, self.meta.size)
            if encode(found) != value:
                raise self._mismatch(name)

    def _verify_composite(self) -> None:
        """A checksum of checksums needs the parts of the object: they are asked for, and the file is read again."""
        if not self.store.capabilities.supports.object_parts:
            return
        parts = self._object_parts()
        if sum(part.size for part in parts) != self.meta.size:
            return
        for name, value in self.meta.checksums.items():
            digests, start = [], 0
            for part in parts:
                digests.append(self._read_back(name, start, start + part.size))
                start += part.size
            if composite(name, digests) != value and encode(crc(name, b"".join(digests))) != value:
                raise self._mismatch(name)

    def _object_parts(self) -> list[ObjectPart]:
        parts: list[ObjectPart] = []
        after: int | None = 0
        while after is not None:
            page = self.store.object_parts(self.key, version_id=self.meta.version_id, after=after)
            if page is None:
                return parts
            parts += page.parts
            after = page.next_marker
        return parts

    def _mismatch(self, algorithm: str) -> ChecksumMismatchError:
        return ChecksumMismatchError(
            f"the bytes received do not have the {algorithm} that the store has of the object: download it again, and "
            "if that does not help, the stored object is damaged"
        )
