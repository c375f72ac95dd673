"""Comparing a whole answer with a recorded one, in which volatile values are placeholders."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

__all__ = ["Binding", "differences"]

_PLACEHOLDER = re.compile(r"<[^<>]+>")
_NUMBERED = re.compile(r"<.*[:-][0-9]+>").fullmatch  # others are one word for several values

# Values that the recordings replaced by a word instead of a placeholder: the word says what it was.
_WORDS = {
    "datetime",
    "date",
    "last-modified",
    "owner-id",
    "i-d",
    "display-name",
    "bucket",
    "request-id",
    "host-id",
    "id-2",
    "server",
    "x-amz-id-2",
    "x-amz-request-id",
    "continuation-token",
    "next-continuation-token",
}


class Binding:
    """What each placeholder stood for so far: the same one must stand for the same thing throughout a recording."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def matches(self, recorded: str, actual: str) -> bool:
        names: list[str] = []
        pattern = ""
        at = 0
        for found in _PLACEHOLDER.finditer(recorded):
            pattern += re.escape(recorded[at : found.start()])
            known = self.values.get(found[0]) if _NUMBERED(found[0]) else None
            if known is None:
                pattern += "(.+?)"
                names.append(found[0])
            else:
                pattern += re.escape(known)
            at = found.end()
        matched = re.fullmatch(pattern + re.escape(recorded[at:]), actual, re.DOTALL)
        if matched is None:
            return False
        for name, value in zip(names, matched.groups(), strict=True):
            if _NUMBERED(name) and self.values.setdefault(name, value) != value:
                return False
        return True


def differences(recorded: Any, actual: Any, binding: Binding, path: str = "") -> list[str]:
    """One line for each place where `actual` is not what was recorded."""
    if isinstance(recorded, dict):
        if not isinstance(actual, dict):
            return [f"{path}: {actual!r} is no mapping"]
        found = [f"{path}.{name}: missing, recorded {recorded[name]!r}" for name in recorded if name not in actual]
        found += [f"{path}.{name}: {actual[name]!r} was not recorded" for name in actual if name not in recorded]
        for name in recorded:
            if name in actual:
                found += differences(recorded[name], actual[name], binding, f"{path}.{name}")
        return found
    if isinstance(recorded, list):
        if not isinstance(actual, list) or len(actual) != len(recorded):
            return [f"{path}: {actual!r}, recorded {recorded!r}"]
        pairs = enumerate(zip(recorded, actual, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, binding, f"{path}[{index}]")]
    if isinstance(actual, datetime):
        return [] if recorded in _WORDS else [f"{path}: {actual!r}, recorded {recorded!r}"]
    if recorded == "" and path.endswith(".Body"):
        return []  # it had been read before the answer was recorded
    if path.endswith((".HostId", ".RequestId")) and isinstance(actual, str) and actual:
        return []  # of no consequence, and numbered by another rule than the rest
    if isinstance(recorded, str) and isinstance(actual, str):
        if recorded in _WORDS or recorded == actual or ("<" in recorded and binding.matches(recorded, actual)):
            return []
    elif recorded == actual and type(recorded) is type(actual):
        return []
    return [f"{path}: {actual!r}, recorded {recorded!r}"]
