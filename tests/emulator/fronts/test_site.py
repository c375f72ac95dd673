"""What the connections of an endpoint share."""

from __future__ import annotations

from datetime import UTC, datetime

from dskit.clock import ManualClock
from dskit.ids import RandomIds
from dskit_emulator.fronts.site import FrontSettings, Site


def test_the_date_is_that_of_the_second_in_which_it_is_asked() -> None:
    clock = ManualClock(datetime(2026, 2, 28, 23, 59, 58, 250_000, UTC))
    site = Site(None, None, clock=clock, ids=RandomIds(), settings=FrontSettings())  # type: ignore[arg-type]
    found = []
    for step in (0, 0.5, 0.249, 0.001, 0.999, 0.001):
        clock.advance(step)
        found.append(site.date().partition("\r\n")[0].removeprefix("Date: "))
    before, then, later = (
        "Sat, 28 Feb 2026 23:59:58 GMT",
        "Sat, 28 Feb 2026 23:59:59 GMT",
        "Sun, 01 Mar 2026 00:00:00 GMT",
    )
    assert found == [before, before, before, then, then, later]
