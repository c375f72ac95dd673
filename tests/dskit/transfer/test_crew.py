"""Threads of one transfer: bounded, and all ended when it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dskit.transfer.crew import Job, Progress, Step, Tally, run


def living() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("dskit-transfer")]


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_every_job_is_done_once_and_counted(concurrency: int) -> None:
    done: list[int] = []

    def jobs() -> Iterator[Job]:
        for number in range(20):

            def job(step: Step, number: int = number) -> None:
                done.append(number)
                step(number, files=1, key=str(number))

            yield job

    tally = Tally()
    run(jobs(), tally, concurrency=concurrency)
    assert sorted(done) == list(range(20))
    assert (tally.bytes, tally.files) == (sum(range(20)), 20)
    assert living() == []


def test_no_more_jobs_are_drawn_than_threads_are_free() -> None:
    drawn: list[int] = []
    most: list[int] = []
    finished: list[int] = []

    def jobs() -> Iterator[Job]:
        for number in range(12):
            drawn.append(number)
            most.append(len(drawn) - len(finished))

            def job(step: Step, number: int = number) -> None:
                finished.append(number)

            yield job

    run(jobs(), Tally(), concurrency=3)
    assert len(finished) == 12
    assert max(most) <= 3


def test_the_first_failure_ends_the_others_at_their_next_step() -> None:
    together = threading.Barrier(2, timeout=30)
    steps: list[int] = []

    def fails(step: Step) -> None:
        together.wait()
        raise ValueError("the first")

    def goes_on(step: Step) -> None:
        together.wait()
        while True:  # until a step raises
            step(1)
            steps.append(1)

    never: list[int] = []
    jobs: list[Job] = [fails, goes_on, lambda step: never.append(1)]
    with pytest.raises(ValueError, match="the first"):
        run(jobs, Tally(), concurrency=2)
    assert living() == []
    assert never == []


def test_what_the_callback_raises_ends_it_and_it_is_called_in_this_thread() -> None:
    threads: set[int] = set()

    def callback(progress: Progress) -> None:
        threads.add(threading.get_ident())
        if progress.bytes >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([lambda step: step(1)] * 50, Tally(callback), concurrency=4)
    assert threads == {threading.get_ident()}
    assert living() == []
