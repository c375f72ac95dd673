"""A store that is closed: refused by name, whatever was under way, and nothing half done."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dskit import errors
from dskit.clock import ManualClock
from dskit.reference import ReferenceService, disk_service
from dskit.reference.records import BucketRow
from dskit.types import PutOptions, ReadOptions
from tests.dskit.reference.helpers import BUCKET, blobs_in_catalog, blobs_on_disk, complete, part, put, start
from tests.dskit.reference.histories import LARGE, LIMITS, answer, build, in_order, state, stepped_process
from tests.dskit.reference.seams import Steps, cutting_in
from tests.dskit.reference.verbs import VERBS


def test_every_call_of_a_closed_store_is_refused(service: ReferenceService) -> None:
    scene = build(service, "scene", LARGE)
    service.close()
    service.close()
    for verb in VERBS.values():
        with pytest.raises(errors.ClosedError) as caught:
            verb(scene)
        assert not caught.value.retryable
        assert "closed" in caught.value.message


def test_a_write_that_was_begun_before_is_refused_at_its_end(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(LARGE * 4)
    service.close()
    with pytest.raises(errors.ClosedError):
        staging.commit()
    staging.abort()


def test_a_write_goes_no_further(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    staging = service.begin_put(BUCKET, "k", PutOptions())
    service.close()
    with pytest.raises(errors.ClosedError):
        staging.write(LARGE * 4)


def test_an_open_read_goes_on(service: ReferenceService) -> None:
    put(service, "k", LARGE)
    reading = service.get(BUCKET, "k", ReadOptions())
    service.close()
    assert b"".join(reading) == LARGE
    reading.close()


def test_a_read_of_many_blobs_is_cut_off_by_name(tmp_path: Path) -> None:
    """More than may be held open: they are links in the folder that goes."""
    service = disk_service(tmp_path / "store", durability="process", limits=LIMITS)
    service.create_bucket(BUCKET)
    upload = start(service, "k")
    complete(service, "k", upload, [part(service, "k", upload, number, LARGE) for number in range(1, 70)])
    reading = service.get(BUCKET, "k", ReadOptions())
    chunks = iter(reading)
    assert next(chunks) == LARGE
    service.close()
    with pytest.raises(errors.ClosedError):
        list(chunks)
    reading.close()


def test_closing_waits_for_a_call_of_another_thread(service: ReferenceService) -> None:
    """SQLite's connection must not go while a statement of it runs: that ended the whole process."""
    inside, go_on = threading.Event(), threading.Event()
    outcomes: list[object] = []

    def work() -> None:
        try:
            with service.catalog.transaction() as change:
                inside.set()
                go_on.wait(60)
                outcomes.append(change.bucket(BUCKET))
        except BaseException as error:  # the test looks at it
            outcomes.append(error)

    worker, closer = threading.Thread(target=work), threading.Thread(target=service.close)
    worker.start()
    inside.wait(60)
    closer.start()
    closer.join(0.1)  # it is still waiting; had it closed the connection, the next statement would say so
    go_on.set()
    worker.join(60)
    closer.join(60)
    assert [type(outcome) for outcome in outcomes] == [BucketRow]


CLOSED_INTO = ["put small", "put in pieces", "get segments", "copy with a checksum", "copy a part", "complete", "list"]


@pytest.mark.parametrize("name", CLOSED_INTO)
def test_closing_in_the_middle_of_a_call(tmp_path: Path, name: str) -> None:
    """At every seam of it: the call ends as if it had come before, or is refused and has done nothing."""
    steps = Steps(2)
    verb, at, refused = VERBS[name], 0, 0
    while True:
        folder = tmp_path / str(at)
        service, plain = stepped_process(str(folder), steps, {"clock": ManualClock(), "limits": LIMITS})
        scene = build(plain, "scene", LARGE)
        call = partial(answer, replace(scene, service=service), verb)
        spans = steps.run([call, service.close], cutting_in(at))
        told = str(steps.actors[0].result)
        again = disk_service(folder, durability="process", clock=ManualClock(), limits=LIMITS)
        after = answer(replace(scene, service=again), state)
        if told.startswith("ClosedError"):
            refused += 1
            assert after == in_order((), LARGE)[1]
        else:
            assert ((told,), after) == in_order((verb,), LARGE)
        assert blobs_on_disk(folder) == blobs_in_catalog(again)
        again.close()
        if spans[0][1] <= spans[1][0]:
            break
        at += 1
    assert refused
    steps.close()
