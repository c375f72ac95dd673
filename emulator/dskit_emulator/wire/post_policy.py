"""The policy of a form upload: read, and held against the fields of the form (S3 API reference, "POST Policy").

The texts of the refusals are recorded (aws-recorded:test_post_object_policy_conditions_validation_eq and its
neighbours) where no other source is named.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .errors import S3Error

__all__ = ["NOT_COVERED", "Policy", "SizeRange", "parse_policy"]

NOT_COVERED = frozenset(("x-amz-signature", "signature", "awsaccesskeyid", "policy", "file"))
"""Fields that need no condition, as do those that begin with ``x-ignore-``."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,18}", re.ASCII)


class Condition(NamedTuple):
    """`operator` is ``eq`` or ``starts-with``, `field` as it was written: ``$key``."""

    operator: str
    field: str
    value: str

    def holds(self, fields: Mapping[str, str]) -> bool:
        """`fields` have lower-case names. A field that is not there counts as empty."""
        if self.field[:1] != "$":
            return False
        name = self.field[1:].lower()
        value = fields.get(name, "")
        if self.operator == "eq":
            return value == self.value
        if name == "content-type" and "," in value:  # every value of the list must meet the condition
            return all(item.strip().startswith(self.value) for item in value.split(","))
        return value.startswith(self.value)


class SizeRange(NamedTuple):
    low: int
    high: int


class Policy(NamedTuple):
    expiration: datetime
    conditions: tuple[Condition, ...]
    sizes: tuple[tuple[Any, Any], ...]

    def check(self, fields: Mapping[str, str], now: datetime) -> SizeRange:
        """The sizes that the file may have. `fields` are all of the form and ``bucket``, names in lower case.

        Raises `S3Error` AccessDenied: expired, a condition that fails, a field that no condition is about.
        """
        if now > self.expiration:
            raise _denied("Policy expired.")
        for condition in self.conditions:
            if not condition.holds(fields):
                raise _failed(condition)
        low, high = 0, 2**63
        for bounds in self.sizes:
            least, most = (str(bound) for bound in bounds)
            if not _SIZE.fullmatch(least) or not _SIZE.fullmatch(most):
                raise _failed(("content-length-range", least, most))
            low, high = max(low, int(least)), min(high, int(most))
        covered = {condition.field[1:].lower() for condition in self.conditions}
        extra = [
            name
            for name in fields
            if name not in covered and name not in NOT_COVERED and not name.startswith("x-ignore-")
        ]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)}")
        return SizeRange(low, high)


def parse_policy(text: str) -> Policy:
    """Read a policy in base64. Raises `S3Error` InvalidPolicyDocument."""
    try:
        document = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    for name in document:
        if name not in ("expiration", "conditions"):
            raise _invalid(f"Unexpected: '{name}'.")
    if "expiration" not in document:
        raise _invalid("Policy missing expiration.")
    if not isinstance(document.get("conditions"), list):
        raise _invalid("Policy missing conditions.")
    conditions: list[Condition] = []
    sizes: list[tuple[Any, Any]] = []
    for row in document["conditions"]:
        if isinstance(row, dict):
            conditions.append(_simple(row))
        elif isinstance(row, list):
            _add(row, conditions, sizes)
        else:
            raise _invalid(f"Invalid Condition: '{row}'.")
    return Policy(_expiration(document["expiration"]), tuple(conditions), tuple(sizes))


def _simple(row: dict[str, Any]) -> Condition:
    if len(row) != 1:
        raise _invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
    [(name, value)] = row.items()
    if not isinstance(value, str):
        raise _invalid("Invalid Simple-Condition: value must be a string.")
    return Condition("eq", f"${name}", value)


def _add(row: list[Any], conditions: list[Condition], sizes: list[tuple[Any, Any]]) -> None:
    operator = row[0].lower() if row and isinstance(row[0], str) else ""
    if operator not in ("eq", "starts-with", "content-length-range"):
        raise _invalid(f"Invalid Condition: unknown operation '{row[0] if row else ''}'.")
    if len(row) != 3:
        raise _invalid(f"Invalid Condition: wrong number of arguments for '{operator}'.")
    if operator == "content-length-range":
        sizes.append((row[1], row[2]))
    elif isinstance(row[1], str) and isinstance(row[2], str):
        conditions.append(Condition(operator, row[1], row[2]))
    else:
        raise _invalid(f"Invalid Condition: the arguments of '{operator}' must be strings.")


def _expiration(value: object) -> datetime:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        try:
            when = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
            return when.replace(microsecond=int((found[2] or "0")[:6].ljust(6, "0")))
        except ValueError:
            pass
    raise _invalid(f"Invalid 'expiration' value: '{value}'.")


def _failed(condition: Sequence[str]) -> S3Error:
    written = ", ".join(f'"{text}"' for text in condition)
    return _denied(f"Policy Condition failed: [{written}]")


def _denied(text: str) -> S3Error:
    return S3Error("AccessDenied", f"Invalid according to Policy: {text}")


def _invalid(text: str) -> S3Error:
    return S3Error("InvalidPolicyDocument", f"Invalid Policy: {text}")
