"""Named departures from what AWS does today. Everything is strict; each leniency is one rule with one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dskit.errors import ConfigurationError

__all__ = ["RULES", "Rule", "Rules"]


class Rule(NamedTuple):
    """`text` says what the emulator does when the rule is on, `aws` what AWS does (and the emulator without it)."""

    name: str
    text: str
    aws: str


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule(
                "any-region",
                "Any region is accepted in signatures and in location constraints.",
                "A signature for another region is refused with AuthorizationHeaderMalformed and the expected region.",
            ),
            Rule(
                "default-location",
                "The location constraint us-east-1 is accepted when a bucket is created.",
                "us-east-1 is the absence of a constraint; naming it is refused with InvalidLocationConstraint.",
            ),
            Rule(
                "small-parts",
                "Parts of a multipart upload may have any size; only the last may be empty.",
                "Every part but the last has at least 5 MiB, else completion is refused with EntityTooSmall.",
            ),
            Rule(
                "anonymous",
                "Requests without a signature are accepted as the default account.",
                "They are refused with AccessDenied unless a policy or an ACL allows them.",
            ),
            Rule(
                "classic-acl",
                "Buckets whose ownership and public access were never set are as before April 2023: their objects "
                "belong to who writes them, ACLs are in force, public access is not blocked.",
                "A new bucket owns its objects (BucketOwnerEnforced), takes no ACLs and blocks public access.",
            ),
        )
    }
)


class Rules:
    """The rules that are on. Immutable.

    Made from names (``["any-region"]``) or from a mapping (``{"any-region": True}``). Raises `ConfigurationError` for a
    name that is not in `RULES`.
    """

    __slots__ = ("_names", "classic_acl")

    def __init__(self, rules: Iterable[str] | Mapping[str, bool] | None = None) -> None:
        if isinstance(rules, str):
            rules = [rules]
        if isinstance(rules, Mapping):
            names = frozenset(name for name, on in rules.items() if on)
            asked = frozenset(rules)
        else:
            names = asked = frozenset(rules or ())
        for name in sorted(asked, key=str):
            if name not in RULES:
                import difflib

                close = difflib.get_close_matches(str(name), RULES, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise ConfigurationError(f"there is no rule {name!r}{hint}. The rules are: {', '.join(RULES)}")
        self._names = names
        self.classic_acl = "classic-acl" in names  # asked for every read

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return (name for name in RULES if name in self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and self._names == other._names

    def __hash__(self) -> int:
        return hash(self._names)

    def __repr__(self) -> str:
        return f"Rules({list(self)})"

    @property
    def any_region(self) -> bool:
        return "any-region" in self._names

    @property
    def default_location(self) -> bool:
        return "default-location" in self._names

    @property
    def small_parts(self) -> bool:
        return "small-parts" in self._names

    @property
    def anonymous(self) -> bool:
        return "anonymous" in self._names
