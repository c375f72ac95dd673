"""A run and its certificate in one call: what the command line and the pytest plugin share."""

from __future__ import annotations

from typing import Any

from .certificate import build
from .events import Listener
from .profile import Profile, ProfileEntry, load_profile
from .result import Verdict
from .runner import certify, stale_entries
from .target import open_target

__all__ = ["survey"]


def survey(
    target: Any,
    *,
    level: str | None = None,
    budget: str = "quick",
    seed: int = 0,
    name: str | None = None,
    profile: Profile | str | None = None,
    isolation: str | None = None,
    seconds: float | None = None,
    command: str = "",
    on_event: Listener | None = None,
) -> dict[str, Any]:
    """Run the suite and give the certificate as JSON values.

    `seconds` overrides the time limit of the budget. `profile` may be what `load_profile` takes. With one, every
    entry's trace is replayed as well: one that no longer diverges is stale and fails the run.
    Raises `ConfigurationError` for a target, level or budget that does not exist.
    """
    entries: dict[str, ProfileEntry] = {}
    if isinstance(profile, str):
        profile = load_profile(profile)
    if profile:
        subject = open_target(target, name=name, isolation=isolation)
        entries = profile.of_store(subject.facts.store)
        subject.close()
    result = certify(
        target,
        level=level,
        budget=budget,
        seed=seed,
        name=name,
        profile={key: True if entry.switch is None else entry.switch for key, entry in entries.items()},
        isolation=isolation,
        seconds=seconds,
        on_event=on_event,
    )
    result.profile = {key: {"note": entry.note, "trace": entry.trace} for key, entry in entries.items()}
    asked = {key for key, entry in result.properties.items() if entry.verdict is not Verdict.NOT_APPLICABLE}
    traces = {key: entry.trace for key, entry in entries.items() if key in asked}
    stale = stale_entries(target, traces, isolation=isolation) if traces else {}
    return build(result, command=command, stale=stale)
