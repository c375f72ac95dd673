"""Waiting that can be cancelled."""

from __future__ import annotations

from contextvars import copy_context

import pytest

from dskit.pauses import CHECK, pause


class Gone(BaseException):
    """What a check raises."""


def test_a_pause_ends_by_raising_once_and_what_undoes_the_call_can_pause() -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        raise Gone

    def worker() -> None:
        CHECK.set(check)
        with pytest.raises(Gone):
            pause(60)
        pause(0.001)

    copy_context().run(worker)
    assert looks == 1
    assert CHECK.get() is None


def test_a_pause_outside_a_worker_is_a_sleep_and_one_of_nothing_does_not_look() -> None:
    pause(0)

    def worker() -> None:
        CHECK.set(lambda: pytest.fail("there is nothing to wait for"))
        pause(0)

    copy_context().run(worker)
