"""Shorter traces with the same finding: delta debugging on operations, then simpler operations.

The oracle is the model: a candidate is replayed on fresh ground beside a fresh model. Hypothesis' shrinker works on
the choices of the generator and needs seconds; this works on what was done, and takes milliseconds in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .outcomes import Op, Trace, Violation

__all__ = ["Minimiser"]

Replay = Callable[[Trace], Violation | None]

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
        for change in (self._plain_keys, self._small_bodies, self._fewer_options):
            for candidate in change(best.trace):
                seen = self._try(candidate)
                if seen is not None and len(seen.trace) <= len(best.trace):
                    best = seen
        return best

    def _plain_keys(self, trace: Trace) -> Iterator[Trace]:
        names = dict.fromkeys(key for op in trace for key in _keys(op))
        plain = [name for name in ("a", "b", "c", "d", "e", "f", "g", "h") if name not in names]
        if len(names) <= len(plain):
            yield [_renamed(op, dict(zip(names, plain, strict=False))) for op in trace]
        current = trace
        for name, short in zip(names, plain, strict=False):
            if len(name) > 1 or not name.isalpha():
                current = [_renamed(op, {name: short}) for op in trace]
                yield current

    def _small_bodies(self, trace: Trace) -> Iterator[Trace]:
        for size in (0, 1, 3):
            yield [op | {"size": min(size, op["size"])} if "size" in op else op for op in trace]

    def _fewer_options(self, trace: Trace) -> Iterator[Trace]:
        present = dict.fromkeys(name for op in trace for name in op)
        used = [name for name in _OPTIONS if name in present]
        for name in used:
            yield [{key: value for key, value in op.items() if key != name} for op in trace]
        for index, op in enumerate(trace):
            for name in used:
                if name in op and sum(name in other for other in trace) > 1:
                    lean = {key: value for key, value in op.items() if key != name}
                    yield [*trace[:index], lean, *trace[index + 1 :]]


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
