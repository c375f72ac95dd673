"""Shorter traces with the same finding: delta debugging on operations, then simpler operations.

The oracle is the model: a candidate is replayed on fresh ground beside a fresh model. Hypothesis' shrinker works on
the choices of the generator and needs seconds; this works on what was done, and takes milliseconds in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .outcomes import Op, Trace, Violation

__all__ = ["Minimiser"]

Replay = Callable[[Trace], Violation | None]
Change = Callable[[Op], Op]

_OPTIONS = (
    "metadata",
    "cache_control",
    "content_disposition",
    "content_encoding",
    "content_language",
    "expires",
    "content_type",
    "checksum",
    "checksum_mode",
    "content_md5",
    "start_after",
    "delimiter",
    "prefix",
    "max_keys",
    "max_uploads",
    "max_parts",
    "if_modified_since",
    "if_unmodified_since",
    "if_match",
    "if_none_match",
    "replace",
)


@dataclass
class Minimiser:
    """At most `most` operations are sent. `sent` counts them."""

    replay: Replay
    most: int = 2000
    sent: int = 0

    def minimise(self, found: Violation) -> Violation:
        """The shortest trace that was found; it may be of another, more fundamental property than `found`."""
        best = found
        for shorter in (self._without, self._simpler, self._without):
            best = shorter(best)
        return best

    def _try(self, trace: Trace) -> Violation | None:
        if self.sent + len(trace) > self.most:
            return None
        self.sent += len(trace)
        return self.replay(trace)

    def _without(self, best: Violation) -> Violation:
        """ddmin: leave out chunks, from halves down to single operations. The property stays."""
        size = max(1, len(best.trace) // 2)
        while True:
            start, shortened = 0, False
            while start < len(best.trace):
                candidate = best.trace[:start] + best.trace[start + size :]
                seen = self._try(candidate) if candidate else None
                if seen is not None and seen.property_id == best.property_id and _same_finding(seen, best):
                    best, shortened = seen, True
                else:
                    start += size
            if size == 1 and not shortened:
                return best
            size = max(1, size // 2) if not shortened or size > 1 else 1

    def _simpler(self, best: Violation) -> Violation:
        """Plainer keys, smaller bodies, fewer options. Any violation will do: a plain key that fails as well means
        that the finding was not about the key."""
        if _has_claims(best.trace):  # they name keys and bytes, which would have to change with the operations
            return best
        names = dict.fromkeys(key for op in best.trace for key in _keys(op))
        plain = [name for name in "abcdefgh" if name not in names]
        changes: list[Change] = [partial(_renamed, names=dict(zip(names, plain, strict=False)))]
        for name, short in zip(names, plain, strict=False):
            if len(name) > 1 or not name.isalpha():
                changes.append(partial(_renamed, names={name: short}))
        changes += [partial(_smaller, size=size) for size in (0, 1, 3)]
        changes += [partial(_without_option, name=name) for name in _OPTIONS]
        for change in changes:
            best = self._accept(best, [change(op) for op in best.trace])
        for index in range(len(best.trace)):
            for name in _OPTIONS:
                if index < len(best.trace) and name in best.trace[index]:
                    lean = _without_option(best.trace[index], name=name)
                    best = self._accept(best, [*best.trace[:index], lean, *best.trace[index + 1 :]])
        return best

    def _accept(self, best: Violation, candidate: Trace) -> Violation:
        seen = self._try(candidate) if candidate != best.trace else None
        return seen if seen is not None and len(seen.trace) <= len(best.trace) else best


def _smaller(op: Op, size: int) -> Op:
    return op | {"size": min(size, op["size"])} if "size" in op else op


def _without_option(op: Op, name: str) -> Op:
    return {key: value for key, value in op.items() if key != name}


def _has_claims(trace: Trace) -> bool:
    return any("claims" in op for op in trace)


def _same_finding(seen: Violation, found: Violation) -> bool:
    """Claims written into operations know nothing of the state, so that what was observed has to stay as well."""
    return not _has_claims(found.trace) or (seen.expected, seen.observed) == (found.expected, found.observed)


def _keys(op: Op) -> list[str]:
    return [op[name] for name in ("key", "source") if name in op] + list(op.get("keys", ()))


def _renamed(op: Op, names: dict[str, str]) -> Op:
    """The same operation on other keys; prefixes and markers that are cuts of a renamed key are not followed."""
    changed = dict(op)
    for name in ("key", "source"):
        if name in op:
            changed[name] = names.get(op[name], op[name])
    if "keys" in op:
        changed["keys"] = [names.get(key, key) for key in op["keys"]]
        if isinstance(op.get("if_match"), dict):
            changed["if_match"] = {names.get(key, key): value for key, value in op["if_match"].items()}
    return changed
