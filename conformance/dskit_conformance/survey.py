"""A run and its certificate in one call: what the command line and the pytest plugin share."""

from __future__ import annotations

from typing import Any

from .certificate import build
from .events import Listener
from .profile import Profile
from .runner import certify, stale_entries

__all__ = ["survey"]


def survey(
    target: Any,
    *,
    level: str | None = None,
    budget: str = "quick",
    seed: int = 0,
    name: str | None = None,
    profile: Profile | None = None,
    isolation: str | None = None,
    seconds: float | None = None,
    command: str = "",
    on_event: Listener | None = None,
) -> dict[str, Any]:
    """Run the suite and give the certificate as JSON values.

    `seconds` overrides the time limit of the budget. With a profile, every entry's trace is replayed as well: one
    that no longer diverges is stale and fails the run.
    Raises `ConfigurationError` for a target, level or budget that does not exist.
    """
    switches = profile.switches() if profile else None
    result = certify(
        target,
        level=level,
        budget=budget,
        seed=seed,
        name=name,
        profile=switches,
        isolation=isolation,
        seconds=seconds,
        on_event=on_event,
    )
    stale: dict[str, str] = {}
    if profile:
        traces = {entry.property_id: entry.trace for entry in profile.entries.values()}
        stale = stale_entries(target, traces, isolation=isolation)
        result.profile = {
            entry.property_id: {"note": entry.note, "switch": entry.switch, "trace": entry.trace}
            for entry in profile.entries.values()
        }
    return build(result, command=command, stale=stale)
