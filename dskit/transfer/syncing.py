"""Making one store like another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ConflictError, NotFoundError, PreconditionFailedError, StoreError, TransferIncompleteError
from ..transfer_verbs import PART_BYTES
from ..types import DeleteRequest, ObjectSummary
from .copying import COPY_BYTES, Copying
from .crew import Job, ProgressCallback, Step, Tally, run
from .plans import Action, Compare, Plan, difference, plan_sync
from .sending import check_tuning

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["SyncReport", "carry_out", "sync"]


@dataclass(slots=True)
class SyncReport:
    """The plan, and what became of it. `failures` are empty unless the error that carries the report says so.

    `settled` counts objects that somebody else had brought to the wanted state meanwhile.
    """

    plan: Plan
    dry_run: bool = False
    copied: int = 0
    deleted: int = 0
    settled: int = 0
    bytes: int = 0
    failures: list[StoreError] = field(default_factory=list)


def sync(
    source: Store,
    target: Store,
    *,
    delete: bool = False,
    dry_run: bool = False,
    compare: Compare = "etag",
    part_bytes: int = PART_BYTES,
    concurrency: int = 8,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> SyncReport:
    """Bring `target` to what `source` has: objects that are new or different, with their headers and metadata.

    `delete` also removes what the source does not have, at the end, and only if every copy succeeded. `dry_run` only
    plans. `compare` says what counts as different (`plan_sync`). Objects are copied inside the service where both
    stores are of one, and through this process else.

    Every write is conditional on what the listing showed, where the target has conditions: what somebody else writes
    meanwhile is not overwritten, so two syncs at once do no harm. A failed object does not stop the others; at the
    end `TransferIncompleteError` carries all failures and the report. Running it again does what is left.
    """
    check_tuning(part_bytes, concurrency)
    plan = plan_sync(source, target, delete=delete, compare=compare)
    if dry_run:
        return SyncReport(plan, dry_run=True)
    return carry_out(
        plan,
        source,
        target,
        compare=compare,
        part_bytes=part_bytes,
        concurrency=concurrency,
        multipart_copy_bytes=multipart_copy_bytes,
        progress=progress,
    )


def carry_out(
    plan: Plan,
    source: Store,
    target: Store,
    *,
    compare: Compare = "etag",
    part_bytes: int = PART_BYTES,
    concurrency: int = 8,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> SyncReport:
    """What `sync` does with a plan of `plan_sync` for the same two stores: this and nothing else, however long ago it
    was made. Raises as `sync` does."""
    check_tuning(part_bytes, concurrency)
    report = SyncReport(plan)
    tally = Tally(progress, total_bytes=plan.bytes, total_files=len(plan.actions))
    _Sync(source, target, compare, part_bytes, concurrency, multipart_copy_bytes, report).run(tally)
    report.bytes = tally.bytes
    if report.failures:
        raise TransferIncompleteError(
            f"{len(report.failures)} of {len(plan.actions)} actions failed, the first: {report.failures[0]}; "
            "run it again to do what is left",
            failures=report.failures,
            report=report,
        )
    return report


@dataclass(slots=True)
class _Sync:
    source: Store
    target: Store
    compare: Compare
    part_bytes: int
    concurrency: int
    multipart_copy_bytes: int
    report: SyncReport

    def run(self, step: Step) -> None:
        plan = self.report.plan
        room = _making_room(plan) if self.target.capabilities.semantics.keys == "path" else []
        self._delete(room, step)
        large: list[Action] = []
        outcomes: list[StoreError | str] = []
        run(self._small(plan.copies, large, outcomes), step, concurrency=self.concurrency)
        for action in large:
            self._copy(action, step, outcomes, concurrency=self.concurrency)
        self.report.failures += [outcome for outcome in outcomes if isinstance(outcome, StoreError)]
        self.report.copied = outcomes.count("copied")
        self.report.settled += outcomes.count("settled")
        if not self.report.failures:
            first = {action.key for action in room}
            self._delete([action for action in plan.deletions if action.key not in first], step)

    def _small(self, actions: list[Action], large: list[Action], outcomes: list[StoreError | str]) -> Iterator[Job]:
        """Jobs for objects that are one request each; the others are left in `large`, to be moved in parts."""
        for action in actions:
            copying = self._copying(action, 1)
            if action.size > (self.multipart_copy_bytes if copying.server_side else self.part_bytes):
                large.append(action)
                continue

            def job(step: Step, action: Action = action) -> None:
                self._copy(action, step, outcomes, concurrency=1)

            yield job

    def _copying(self, action: Action, concurrency: int) -> Copying:
        assert action.source is not None
        supports = self.target.capabilities.supports
        copying = Copying(
            source=self.source,
            source_key=action.key,
            size=action.source.size,
            etag=action.source.etag,
            target=self.target,
            key=action.key,
            part_bytes=self.part_bytes,
            concurrency=concurrency,
            multipart_copy_bytes=self.multipart_copy_bytes,
        )
        kind = "put"
        if copying.server_side:
            kind = "copy" if action.size <= self.multipart_copy_bytes else "multipart"
        elif action.size > self.part_bytes and self.target.capabilities.semantics.unknown_length == "multipart":
            kind = "multipart"
        if action.target is None and getattr(supports, f"{kind}_if_none_match"):
            copying.if_none_match = "*"
        elif action.target is not None and action.target.etag and getattr(supports, f"{kind}_if_match"):
            copying.if_match = action.target.etag
        return copying

    def _copy(self, action: Action, step: Step, outcomes: list[StoreError | str], *, concurrency: int) -> None:
        try:
            self._copying(action, concurrency).run(step)
        except (PreconditionFailedError, ConflictError, NotFoundError) as error:
            if not self._is_settled(action):
                outcomes.append(error)
                return
            outcomes.append("settled")
        except StoreError as error:
            outcomes.append(error)
            return
        else:
            outcomes.append("copied")
        step(0, files=1, key=action.key)

    def _is_settled(self, action: Action) -> bool:
        """Whether somebody else has made the target what it should be."""
        assert action.source is not None
        try:
            meta = self.target.head(action.key)
        except StoreError:
            return False
        row = ObjectSummary(action.key, meta.size, meta.etag, meta.last_modified)
        return difference(self.source, self.target, self.compare)(action.source, row) is None

    def _delete(self, actions: list[Action], step: Step) -> None:
        supports = self.target.capabilities.supports
        if not actions:
            return
        if not supports.delete_many:
            for action in actions:
                self._delete_one(action, step)
            return
        conditional = supports.delete_many_if_match
        result = self.target.delete_many(
            DeleteRequest(key=action.key, if_match=_etag(action) if conditional else None) for action in actions
        )
        for failed in result.errors:
            if failed.code == "NoSuchKey":
                self.report.settled += 1
                continue
            kind = PreconditionFailedError if failed.code == "PreconditionFailed" else StoreError
            self.report.failures.append(
                kind(failed.message, operation="delete_many", key=failed.key, store=self.target.name, code=failed.code)
            )
        self.report.deleted += len(result.deleted)
        step(0, files=len(result.deleted))

    def _delete_one(self, action: Action, step: Step) -> None:
        conditional = self.target.capabilities.supports.delete_if_match
        try:
            self.target.delete(action.key, if_match=_etag(action) if conditional else None)
        except NotFoundError:
            self.report.settled += 1
        except StoreError as error:
            self.report.failures.append(error)
        else:
            self.report.deleted += 1
            step(0, files=1, key=action.key)


def _etag(action: Action) -> str | None:
    return action.target.etag or None if action.target is not None else None


def _making_room(plan: Plan) -> list[Action]:
    """Deletions without which a copy cannot be: a target of paths holds no `a` beside ``a/b``."""
    created = {action.key for action in plan.copies}
    above = {parent for key in created for parent in _parents(key)}
    return [
        action
        for action in plan.deletions
        if action.key in above or any(parent in created for parent in _parents(action.key))
    ]


def _parents(key: str) -> Iterator[str]:
    position = key.find("/")
    while position >= 0:
        yield key[:position]
        position = key.find("/", position + 1)
