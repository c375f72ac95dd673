"""What a sync would do: two ordered listings, merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ..errors import InvalidRequestError
from ..keys import utf8_key
from ..places import place_of, refuse_nested
from ..types import ObjectSummary

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["Action", "Compare", "Plan", "difference", "plan_sync"]

Compare: TypeAlias = Literal["etag", "size", "mtime"]
Reason: TypeAlias = Literal["new", "size", "etag", "older", "extra"]

_MD5 = re.compile(r'"?[0-9a-f]{32}"?')


@dataclass(frozen=True, slots=True)
class Action:
    """One object to create, replace or delete, and why.

    `reason`: it is not there (``new``), has another size or ETag, is older than the source, or is not in the source
    (``extra``). `source` and `target` are the rows of the listings, None where there is none.
    """

    kind: Literal["create", "replace", "delete"]
    key: str
    reason: Reason
    source: ObjectSummary | None = None
    target: ObjectSummary | None = None

    @property
    def size(self) -> int:
        """Bytes to move; 0 for a deletion."""
        return self.source.size if self.source is not None else 0

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.reason})"


@dataclass(slots=True)
class Plan:
    """The actions, by key; and how many objects need none."""

    actions: list[Action] = field(default_factory=list)
    unchanged: int = 0

    @property
    def copies(self) -> list[Action]:
        return [action for action in self.actions if action.kind != "delete"]

    @property
    def deletions(self) -> list[Action]:
        return [action for action in self.actions if action.kind == "delete"]

    @property
    def bytes(self) -> int:
        """How many bytes are to be moved."""
        return sum(action.size for action in self.actions)


def plan_sync(source: Store, target: Store, *, delete: bool = False, compare: Compare = "etag") -> Plan:
    """Compare two stores by their listings alone: no HEAD, no GET. Keys are those inside the stores' prefixes.

    * ``size``: objects of the same size are the same.
    * ``mtime``: the same size, and the target is no older than the source.
    * ``etag``: the same size, and the same ETag where both are the MD5 of the content. An ETag that is not (of an
      object uploaded in parts, of plain files) says nothing about another store's, so then the target must be no
      older than the source; S3 tells whole seconds, so what was changed in the second of its copy is copied once more,
      rather than never. ETags of objects encrypted with KMS look like MD5 and are not: use ``mtime`` for them.

    Raises `InvalidRequestError` for another word and for stores one of which contains the other.
    """
    if compare not in get_args(Compare):
        raise InvalidRequestError(f"compare is {', '.join(get_args(Compare))}; not {compare!r}")
    _refuse_overlap(source, target)
    differs = difference(source, target, compare)
    plan = Plan()
    for ours, theirs in _merged(_ordered(source), _ordered(target)):
        if theirs is None:
            assert ours is not None
            plan.actions.append(Action("create", ours.key, "new", ours))
        elif ours is None:
            if delete:
                plan.actions.append(Action("delete", theirs.key, "extra", None, theirs))
        elif reason := differs(ours, theirs):
            plan.actions.append(Action("replace", ours.key, reason, ours, theirs))
        else:
            plan.unchanged += 1
    return plan


def _refuse_overlap(source: Store, target: Store) -> None:
    from .copying import one_service

    if not one_service(source, target):
        refuse_nested(place_of(source), place_of(target), (source.name, target.name))
        return
    if source.bucket != target.bucket or source.prefix == target.prefix:
        return
    if source.prefix.startswith(target.prefix) or target.prefix.startswith(source.prefix):
        raise InvalidRequestError(
            f"the prefixes {source.prefix!r} and {target.prefix!r} of one bucket contain each other: a sync would "
            "copy its own copies, or delete its source; choose prefixes that do not",
            bucket=target.bucket,
        )


def _ordered(store: Store) -> Iterator[ObjectSummary]:
    if store.capabilities.semantics.list_order == "utf8":
        return store.list()
    return iter(sorted(store.list(), key=lambda row: utf8_key(row.key)))


def _merged(
    ours: Iterator[ObjectSummary], theirs: Iterator[ObjectSummary]
) -> Iterator[tuple[ObjectSummary | None, ObjectSummary | None]]:
    """Rows of two ordered listings side by side, None where one lacks the key."""
    left, right = next(ours, None), next(theirs, None)
    while left is not None or right is not None:
        if right is None or (left is not None and utf8_key(left.key) < utf8_key(right.key)):
            yield left, None
            left = next(ours, None)
        elif left is None or left.key != right.key:
            yield None, right
            right = next(theirs, None)
        else:
            yield left, right
            left, right = next(ours, None), next(theirs, None)


def difference(
    source: Store, target: Store, compare: Compare
) -> Callable[[ObjectSummary, ObjectSummary], Reason | None]:
    """Why a source and a target of the same key are not the same; None if they are."""
    md5 = all(store.capabilities.semantics.etag == "content-md5" for store in (source, target))

    def differs(ours: ObjectSummary, theirs: ObjectSummary) -> Reason | None:
        if ours.size != theirs.size:
            return "size"
        if compare == "size":
            return None
        if compare == "etag" and md5:
            if ours.etag == theirs.etag:
                return None
            if _MD5.fullmatch(ours.etag) and _MD5.fullmatch(theirs.etag):
                return "etag"
        return "older" if theirs.last_modified < ours.last_modified else None

    return differs
