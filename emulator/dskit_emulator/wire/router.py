"""Which operation a request means: derived from the model, one dictionary look-up and a handful of comparisons.

A rule is (method, level, sub-resource). Operations that share a rule differ by what they require: a query parameter
(`uploadId`), a value (`list-type=2`) or a header (`x-amz-copy-source`); the one with the most requirements that are
met wins. Query parameters that the model does not know (`x-id`, a cache buster) decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from . import overlay
from .errors import S3Error
from .spec import Operation, Spec

__all__ = ["Router"]


class _Rule(NamedTuple):
    operation: Operation
    query: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]

    def met(self, params: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        for name in self.query:
            if name not in params:
                return False
        for name in self.headers:
            if name not in headers:
                return False
        return not self.values or all(params.get(name) == value for name, value in self.values)


class _Table:
    """All operations of one (method, level, sub-resource), the most demanding first."""

    __slots__ = ("bare", "names", "only", "rules")

    def __init__(self, operations: list[Operation], *, marked: bool) -> None:
        rules = []
        for operation in operations:
            query = tuple(member.wire_name for member in operation.required("querystring"))
            headers = tuple(member.wire_name.lower() for member in operation.required("header"))
            if len(operations) == 1:
                # Nothing to tell apart: the decoder says what is missing. Without a sub-resource a required
                # parameter is what makes the request this operation at all.
                headers = ()
                query = () if marked else query
            rules.append(_Rule(operation, query, tuple(operation.selectors.items()), headers))
        rules.sort(key=lambda rule: len(rule.query) + len(rule.values) + len(rule.headers), reverse=True)
        self.rules = tuple(rules)
        self.bare = tuple(rule for rule in rules if not rule.query and not rule.values)
        self.names = frozenset(name for rule in rules for name in rule.query)
        last = rules[-1]
        self.only = last.operation if len(rules) == 1 and not (last.query or last.values or last.headers) else None


class Router:
    """Routes requests to operations. Immutable but for its tables, made when first looked up; safe to share."""

    def __init__(self, spec: Spec) -> None:
        groups: dict[tuple[str, str, str], list[Operation]] = {}
        for operation in spec.operations.values():
            if operation.name not in overlay.UNROUTED and operation.level != "literal":
                marker = next(iter(operation.markers), "")
                groups.setdefault((operation.method, operation.level, marker), []).append(operation)
        self._groups = groups
        self._tables: dict[tuple[str, str, str], _Table] = {}
        # Most requests have no query: then nothing but a header can tell operations apart.
        self._bare: dict[tuple[str, str], list[tuple[tuple[str, ...], Operation]]] = {}
        self._markers = {
            level: frozenset(key[2] for key in groups if key[1] == level and key[2])
            for level in ("service", "bucket", "object")
        }
        self._all_markers = frozenset().union(*self._markers.values())

    def route(self, method: str, level: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Operation:
        """The operation of a request.

        `level` is ``service``, ``bucket`` or ``object``; `params` are query names to values; `headers` have
        lower-case names. Raises `S3Error`: MethodNotAllowed (405, with `Allow`), or InvalidArgument where two
        sub-resources are named or a part is addressed by half.
        """
        if not params:
            for names, operation in self._bare.get((method, level)) or self._make_bare(method, level):
                for name in names:
                    if name not in headers:
                        break
                else:
                    return operation
            raise self._not_allowed(method, level, "")
        marker = self._marker(method, level, params)
        table = self._table(method, level, marker)
        if table is None:
            raise self._not_allowed(method, level, marker)
        if table.only is not None:
            return table.only
        for rule in table.rules:
            if rule.met(params, headers):
                operation = rule.operation
                break
        else:
            raise self._not_allowed(method, level, marker)
        if not marker:
            self._refuse_half_addressed(table, operation, params)
        return operation

    def _table(self, method: str, level: str, marker: str) -> _Table | None:
        key = (method, level, marker)
        table = self._tables.get(key)
        if table is None and key in self._groups:
            table = self._tables[key] = _Table(self._groups[key], marked=bool(marker))
        return table

    def _make_bare(self, method: str, level: str) -> list[tuple[tuple[str, ...], Operation]]:
        table = self._table(method, level, "")
        if table is None:
            return []
        rules = self._bare[method, level] = [(rule.headers, rule.operation) for rule in table.bare]
        return rules

    def _marker(self, method: str, level: str, params: Mapping[str, str]) -> str:
        found = self._markers[level].intersection(params)
        if len(found) == 1:
            return next(iter(found))
        if found:
            # S3 names the parameters in the order of the request.
            named = [name for name in params if name in found]
            raise S3Error(
                "InvalidArgument",
                f"Conflicting query string parameters: {', '.join(named)}",
                fields={"ArgumentName": "ResourceType", "ArgumentValue": named[0]},
                reason="the query names more than one sub-resource",
            )
        if method not in ("GET", "HEAD") and self._all_markers.intersection(params):
            # `PUT /bucket/key?versioning` must not store an object: the sub-resource belongs to another level.
            return next(name for name in params if name in self._all_markers)
        return ""

    def _refuse_half_addressed(self, table: _Table, operation: Operation, params: Mapping[str, str]) -> None:
        """`PUT /bucket/key?uploadId=…` without `partNumber` must not overwrite the object (our reading)."""
        half = table.names.intersection(params)
        if half and operation.level == "object" and operation.input is not None:
            half -= {m.wire_name for m in operation.input.members.values() if m.location == "querystring"}
        if half:
            missing = sorted(
                name for rule in table.rules for name in rule.query if half & set(rule.query) and name not in params
            )
            if missing:
                raise S3Error(
                    "InvalidArgument",
                    f"Missing required query parameter: {missing[0]}",
                    fields={"ArgumentName": missing[0]},
                    reason=f"{' and '.join(sorted(half))} without {missing[0]} names no operation",
                )

    def _not_allowed(self, method: str, level: str, marker: str) -> S3Error:
        allowed = sorted({key[0] for key in self._groups if key[1:] == (level, marker)} - {method})
        where = f"the sub-resource {marker} at {level} level" if marker else f"{level} level"
        return S3Error(
            "MethodNotAllowed",
            fields={"Method": method, "ResourceType": level.upper()},
            headers={"Allow": ", ".join(allowed)},
            reason=f"{method} is no operation at {where}".replace("at the", "on the"),
        )
