"""The scene of an example: drawn keys, a populated start, and helpers that prefer what is alive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dskit.capabilities import Supports

from ..executor import Executor
from ..families import ALPHABET, PLAIN
from ..outcomes import Op, Outcome
from ..strategies import Draw, range_bounds

__all__ = ["Machine", "Rule", "Scene", "play"]

TYPES = (None, None, "text/plain", "application/json", "image/png; x=1", "application/x-tar")
METADATA: tuple[dict[str, str], ...] = (
    {},
    {},
    {"a": "1"},
    {"a": "2", "b": "x"},
    {"Mixed-Case": "Value With Spaces"},
    {"k": "a,b;c=d"},
    {"empty": "", "z": "  padded "},
)
HEADER_VALUES: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"cache_control": "max-age=60, public"},
    {"content_disposition": 'attachment; filename="a b.txt"', "content_language": "en, de"},
    {"content_encoding": "gzip"},
    {"expires": "Thu, 01 Dec 2039 16:00:00 GMT", "cache_control": "no-cache"},
)


@dataclass(frozen=True)
class Rule:
    """`act` does one or more operations; `needs` are the capabilities without which it is left out."""

    act: Callable[[Scene], None]
    weight: int = 10
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machine:
    """`families` are those of the properties that it is for."""

    name: str
    families: tuple[str, ...]
    rules: tuple[Rule, ...]
    needs: tuple[str, ...] = ()
    start: tuple[int, int] = (0, 6)
    """Least and most objects at the start."""


@dataclass
class Scene:
    """`keys` is the pool of this example. `excluded` are properties whose operations are not generated."""

    draw: Draw
    executor: Executor
    supports: Supports
    families: Mapping[str, tuple[str, ...]]
    excluded: Collection[str] = ()
    small_parts: bool = True
    keys: list[str] = field(default_factory=list)
    counter: int = 0
    large_parts: int = 0

    # ---- what there is ----------------------------------------------------------------------------------------

    @property
    def live(self) -> list[str]:
        return sorted(self.executor.model.objects)

    def choose_keys(self) -> None:
        names = sorted(self.families)
        chosen = [self.draw.among(names) for _ in range(self.draw.integer(1, 2))]
        pool = [key for name in chosen for key in self.families[name]]
        if self.draw.chance(15):
            length = self.draw.integer(1, 6)
            pool += ["".join(self.draw.among(ALPHABET) for _ in range(length)) for _ in range(3)]
        if "KEY-02" in self.excluded or "KEY-03" in self.excluded or "KEY-05" in self.excluded:
            pool = [key for key in pool if key in PLAIN or any(key in keys for keys in self.families.values())]
        if self.executor.model.semantics.dot_segments == "refused":  # as declared
            pool = [key for key in pool if {".", ".."}.isdisjoint(key.split("/"))] or list(PLAIN)
        self.keys = list(dict.fromkeys(pool))

    def any_key(self) -> str:
        return self.draw.among(self.keys)

    def key(self, live: int = 75) -> str:
        """A key that exists with `live` percent, where one does."""
        alive = self.live
        return self.draw.among(alive) if alive and self.draw.chance(live) else self.any_key()

    def label(self, letter: str) -> str:
        self.counter += 1
        return f"{letter}{self.counter}"

    def open_uploads(self) -> list[str]:
        return [label for label, upload in self.executor.model.uploads.items() if upload.state == "open"]

    # ---- what to ask ------------------------------------------------------------------------------------------

    def run(self, op: Op) -> Outcome:
        return self.executor.run(op)

    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.supports.put_content_type and (kind := self.draw.among(TYPES)):
            found["content_type"] = kind
        if self.supports.put_metadata and (metadata := self.draw.among(METADATA)):
            found["metadata"] = dict(metadata)
        if self.supports.put_headers:
            found |= self.draw.among(HEADER_VALUES)
        return found

    def put_op(self, key: str, **more: Any) -> Op:
        return {
            "op": "put",
            "key": key,
            "size": self.draw.size(),
            "salt": self.draw.salt(),
            **self.attributes(),
            **more,
        }

    def put(self, key: str | None = None, **more: Any) -> Outcome:
        return self.run(self.put_op(self.key(40) if key is None else key, **more))

    def look(self, key: str) -> None:
        """One request that shows a key: body and all, or head alone."""
        self.run({"op": "get" if self.draw.chance(70) else "head", "key": key})

    def span(self, size: int) -> dict[str, int]:
        """A range whose ends are where arithmetic goes wrong."""
        bounds = range_bounds(size)
        kind = self.draw.integer(0, 9)
        if kind < 3 and self.supports.get_suffix_range:
            return {"suffix": self.draw.among([*bounds, 1, 2])}
        first = self.draw.among(bounds)
        if kind == 9 and first and "RNG-08" not in self.excluded:
            return {"first": first, "last": self.draw.integer(0, first - 1)}
        return (
            {"first": first}
            if kind < 5
            else {"first": first, "last": self.draw.among([b for b in bounds if b >= first])}
        )

    def prefix(self) -> str:
        """A cut of a key, mostly of one that is there."""
        key = self.key(80)
        return key[: self.draw.integer(0, len(key))] if self.draw.chance(70) else ""

    def delimiter(self) -> str:
        if not self.supports.list_delimiter or self.draw.chance(35):
            return ""
        key = self.key(90)
        if self.draw.chance(60) or not self.supports.list_delimiter_any or len(key) < 2:
            return "/"
        start = self.draw.integer(0, min(len(key) - 1, 8))
        return key[start : start + self.draw.integer(1, 2)]

    def part_size(self) -> int:
        """Size of a part that others may follow: the least that the store takes, as large parts cost time."""
        least = self.executor.model.min_part
        if self.small_parts:
            return max(least, self.draw.among((1, 2, 5, 64, 8192)))
        self.large_parts += 1
        return least + self.draw.among((0, 0, 1))


def populate(scene: Scene, least: int, most: int) -> None:
    for key in scene.draw.shuffled(scene.keys)[: scene.draw.integer(least, most)]:
        scene.put(key)


def play(machine: Machine, scene: Scene, steps: int = 30) -> None:
    """One example. Raises `Abandoned` at its first violation."""
    scene.choose_keys()
    rules = [rule for rule in machine.rules if all(getattr(scene.supports, need) for need in rule.needs)]
    kept = [rule for rule in rules if scene.draw.chance(75)] or rules
    weighted = [rule for rule in kept for _ in range(rule.weight)]
    populate(scene, *machine.start)
    audit_every = 12
    for step in range(1, scene.draw.integer(steps // 2, steps) + 1):
        scene.draw.among(weighted).act(scene)
        if step % audit_every == 0:
            scene.executor.audit()
    scene.executor.audit()
