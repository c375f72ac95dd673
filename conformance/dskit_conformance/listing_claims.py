"""Claims about listings: of objects, page by page or as a whole walk, and of uploads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .keytraits import coexist, traits
from .model import Model
from .outcomes import Claim, Op
from .state import grouped, utf8

__all__ = ["listing_claims", "page_claims", "upload_claims"]

FEW_KEYS = 100
MOST_KEYS = 1000
"""What a page holds at most, whatever is asked for (botocore:MaxKeys)."""


def listing_claims(model: Model, op: Op, times: Mapping[str, datetime], *, new: bool) -> list[Claim]:
    """About a whole walk: its rows, their order, the pages."""
    prefix, delimiter, after = op.get("prefix", ""), op.get("delimiter", ""), op.get("start_after", "")
    asked = op.get("max_keys", 1000)
    most = min(asked, MOST_KEYS)
    if most == 0:
        nothing = [Claim("LST-17", "rows", ([],)), Claim("LST-17", "pages", ([0],))]
        return nothing if op["op"] == "list" else []
    rows = model.rows(prefix, delimiter, after)
    keys, groups = [name for name, group in rows if not group], [name for name, group in rows if group]
    claims = [_lists(key, trait) for key in keys for trait in traits(key)]
    if len(model.objects) <= FEW_KEYS:
        claims += [_lists(key, "KEY-07") for key in keys if coexist(key, model.objects)]
    claims += [Claim(rule, "keys", test=_same(keys), text=f"{keys}") for rule in _rules(model, op, rows, new=new)]
    if delimiter:
        claims += [_lists(name, rule, "groups") for name in groups for rule in _group_rules(model, name)]
        rules = [rule for rule in ("LST-10", "LST-11", "LST-13") if rule in _rules(model, op, rows, new=new)]
        claims += [Claim(rule, "groups", test=_same(groups), text=f"{groups}") for rule in (*rules, "LST-08")]
        if groups:
            once = "LST-09" if len(rows) > most else "LST-08"
            claims.append(Claim(once, "groups", test=lambda seen: len(seen) == len(set(seen)), text="each group once"))
    claims.append(Claim("LST-01", "keys", test=lambda seen: len(seen) == len(set(seen)), text="each key once"))
    if len(rows) > 1 and model.semantics.list_order == "utf8":
        claims.append(Claim("LST-02", "in_order", (True,)))
    facts = {key: (len(model.objects[key].body), model.objects[key].etag) for key in keys if model.objects[key].etag}
    if facts:
        claims.append(Claim("LST-20", "facts", test=_holds(facts), text=f"{facts}"))
    known = {key: times[key].replace(microsecond=0) for key in keys if key in times}
    if known:
        claims.append(Claim("OBJ-13", "times", test=_holds(known), text=f"{known}"))
        claims.append(Claim("LST-20", "times", test=_holds(known), text=f"{known}"))
    if op["op"] == "list":
        claims += _paging(model, rows, most)
        if len(rows) > MOST_KEYS and asked >= MOST_KEYS:
            capped = [MOST_KEYS] * (len(rows) // MOST_KEYS)
            claims.append(Claim("LST-18", "pages", test=lambda seen: seen[: len(capped)] == capped, text=f"{capped} …"))
    return claims


def _paging(model: Model, rows: list[tuple[str, bool]], most: int) -> list[Claim]:
    claims = [Claim("LST-05", "ended", (True,))]
    if len(rows) >= most:
        claims.append(Claim("LST-04", "pages", test=lambda seen: max(seen) <= most, text=f"pages of at most {most}"))
    if len(rows) > most:
        if model.semantics.list_order == "utf8":
            claims.append(Claim("LST-03", "increasing", (True,)))
        claims.append(
            Claim("LST-05", "pages", test=lambda seen: seen[-1] > 0, text="no empty page after a truncated one")
        )
        claims.append(Claim("LST-06", "pages", test=lambda seen: min(seen[:-1]) == most, text=f"full pages of {most}"))
    elif rows:
        claims.append(Claim("LST-05", "pages", test=lambda seen: seen[-1] > 0 or len(seen) == 1, text="one page"))
    return claims


def _rules(model: Model, op: Op, rows: list[tuple[str, bool]], *, new: bool) -> list[str]:
    """Which properties the set of keys is about, the most specific first."""
    prefix, delimiter, after = op.get("prefix", ""), op.get("delimiter", ""), op.get("start_after", "")
    named = [key for key in model.objects if key.startswith(prefix)]
    cuts = [name for name, group in rows if group]
    waiting = {up.key for up in model.uploads.values() if up.state == "open"} - set(model.objects)
    found = [
        ("LST-21", any(key.startswith(prefix) for key in waiting)),
        ("LST-10", bool(delimiter) and delimiter != "/" and bool(cuts)),
        ("LST-11", bool(delimiter and prefix) and prefix in model.objects),
        ("LST-13", bool(delimiter and after) and len(model.rows(prefix, delimiter)) > len(rows)),
        ("LST-12", bool(after) and any(utf8(key) <= utf8(after) for key in named)),
        ("LST-08", bool(cuts)),
        ("LST-07", bool(prefix) and len(named) < len(model.objects) and not prefix.endswith("/")),
        ("LST-24", not named or not (prefix or delimiter)),
        ("LST-19", new and bool(model.touched)),
        ("KEY-01", len(named) > 1 and not (delimiter or after)),
    ]
    return [rule for rule, applies in found if applies] + ["LST-01"]


def _group_rules(model: Model, name: str) -> tuple[str, ...]:
    """What the keys of a group put to the test: a group may be missing because of what its keys are."""
    if len(model.objects) > FEW_KEYS:
        return ()
    inside = [key for key in model.objects if key.startswith(name)]
    rules = [rule for key in inside for rule in traits(key)]
    rules += ["KEY-07"] if all(coexist(key, model.objects) for key in inside) else []
    return tuple(dict.fromkeys(rules))


def _lists(key: str, rule: str, where: str = "keys") -> Claim:
    return Claim(rule, where, test=lambda seen: key in seen, text=f"{key!r} among them")


def _same(names: list[str]) -> Any:
    wanted = set(names)
    return lambda seen: set(seen) == wanted


def _holds(facts: Mapping[str, object]) -> Any:
    return lambda seen: all(seen.get(key) == fact for key, fact in facts.items() if key in seen)


def page_claims(model: Model, op: Op) -> list[Claim]:
    """About one page from a token: what follows its position in the present state."""
    position = model.positions.get(op["token"]) if "token" in op else None
    after = position.last if position else op.get("start_after", "")
    rows = model.rows(op.get("prefix", ""), op.get("delimiter", ""), after)
    most = op.get("max_keys", 1000)
    keys = [key for key in model.objects if key.startswith(op.get("prefix", ""))]
    rules = [rule for key in keys for rule in traits(key)] if len(keys) <= FEW_KEYS else []
    rules += ["KEY-07"] if any(coexist(key, keys) for key in keys[:FEW_KEYS]) else []
    if position:
        rules += ["LST-14"] if op.get("start_after") else []
        rules += ["LST-15"] if position.used or position.last not in model.objects else []
        rules += ["LST-16"] if position.writes != model.writes else []

    def fits(seen: list[tuple[str, bool]]) -> bool:
        return seen == rows[: len(seen)] and bool(seen) == bool(rows) and len(seen) <= most

    claims = [Claim(rule, "rows", test=fits, text=f"the first of {rows}") for rule in dict.fromkeys((*rules, "LST-01"))]
    if len(rows) > most:
        claims.append(Claim("LST-05", "truncated", (True,)))
    return claims


def upload_claims(model: Model, op: Op) -> list[Claim]:
    """Uploads by key; those of one key in any order, as their times may be equal."""
    prefix, delimiter, most = op.get("prefix", ""), op.get("delimiter", ""), op.get("max_uploads", 1000)
    rows = grouped({key: None for key, _ in model.open_uploads(prefix)}, prefix, delimiter, "")
    single = {name for name, group in rows if not group}
    uploads = [row for row in model.open_uploads(prefix) if row[0] in single]
    groups = [name for name, group in rows if group]
    claims = [
        Claim("MPU-14", "uploads", test=lambda seen: sorted(seen) == sorted(uploads), text=f"{uploads}"),
        Claim(
            "MPU-14",
            "uploads",
            test=lambda seen: [key for key, _ in seen] == [key for key, _ in uploads],
            text="by key",
        ),
        Claim("MPU-14", "groups", (groups,)),
    ]
    if len(uploads) + len(groups) > most:
        claims.append(Claim("MPU-14", "pages", test=lambda seen: max(seen) <= most, text=f"pages of {most}"))
    return claims
