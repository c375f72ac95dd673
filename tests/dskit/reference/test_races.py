"""Contests between threads and between processes: one winner, whole objects, no lost update."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from dskit import errors
from dskit.reference import ReferenceService, disk_service
from dskit.types import Conditions, CopyOptions, DeleteRequest, Part, PutOptions, ReadOptions
from tests.dskit.reference.helpers import BUCKET, complete, part, put, read, start

THREADS = 6
CREATE = Conditions(if_none_match="*")


def contest(count: int, job: Callable[[int], object]) -> list[object]:
    """Run `job(0..count-1)` at the same time; what each returned, or the error of the store that it raised."""
    gate = threading.Barrier(count)
    outcomes: list[object] = [None] * count

    def run(number: int) -> None:
        gate.wait()
        try:
            outcomes[number] = job(number)
        except Exception as error:  # whatever it is, the test looks at it
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_of_many_creations_one_wins(service: ReferenceService) -> None:
    for round_ in range(20):
        key = f"k{round_}"
        outcomes = contest(THREADS, lambda n, key=key: put(service, key, b"%d" % n, conditions=CREATE))  # type: ignore[misc]
        won = [number for number, outcome in enumerate(outcomes) if not isinstance(outcome, Exception)]
        assert len(won) == 1
        assert read(service, key) == b"%d" % won[0]
        assert all(isinstance(o, errors.AlreadyExistsError) for n, o in enumerate(outcomes) if n != won[0])


def test_compare_and_swap_loses_no_update(service: ReferenceService) -> None:
    put(service, "counter", b"0")

    def increment(_: int) -> int:
        done = 0
        while done < 10:
            reading = service.get(BUCKET, "counter", ReadOptions())
            value = int(b"".join(reading))
            reading.close()
            try:
                put(service, "counter", b"%d" % (value + 1), conditions=Conditions(if_match=reading.meta.etag))
            except errors.PreconditionFailedError:
                continue
            done += 1
        return done

    assert contest(THREADS, increment) == [10] * THREADS
    assert read(service, "counter") == b"%d" % (10 * THREADS)


def test_readers_and_copiers_see_whole_objects_while_writers_replace_them(service: ReferenceService) -> None:
    bodies = [bytes([65 + number]) * (70_000 + number) for number in range(3)]
    put(service, "k", bodies[0])

    def job(number: int) -> None:
        for _ in range(30):
            if number < 2:
                put(service, "k", bodies[number])
            elif number == 2:
                service.delete(BUCKET, DeleteRequest(key="k"))
                put(service, "k", bodies[2])
            else:
                try:
                    seen = read(service, "k")
                    if number == 3:
                        service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions())
                        seen = read(service, "copy")
                except errors.NotFoundError:
                    continue
                assert seen in bodies

    assert contest(5, job) == [None] * 5


def test_a_copy_to_another_algorithm_is_right_while_its_source_is_replaced(service: ReferenceService) -> None:
    """Its checksum is computed from bytes that are read outside of the transaction."""
    put(service, "k", b"0" * 1000)

    def job(number: int) -> None:
        for turn in range(30):
            if number:
                put(service, "k", b"%d" % (turn % 10) * 1000)
            else:
                result = service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="SHA256"))
                again = service.copy(BUCKET, "copy", BUCKET, "again", CopyOptions(checksum_algorithm="SHA256"))
                assert result.checksums == again.checksums
                assert result.etag == again.etag

    assert contest(2, job) == [None] * 2


def test_an_upload_is_completed_or_aborted_but_never_both(service: ReferenceService) -> None:
    for round_ in range(20):
        key = f"k{round_}"
        upload = start(service, key)
        sent = part(service, key, upload, 1, b"whole")

        def job(number: int, key: str = key, upload: str = upload, sent: Part = sent) -> object:
            if not number:
                return complete(service, key, upload, [sent])
            service.abort_upload(BUCKET, key, upload)
            return None

        completed, aborted = contest(2, job)
        assert isinstance(completed, errors.UploadNotFoundError) != isinstance(aborted, errors.UploadNotFoundError)
        there = [row.key for row in service.list_page(BUCKET, prefix=key).objects]
        assert (key in there) is not isinstance(completed, Exception)


def test_a_part_that_comes_after_the_abort_leaves_no_bytes(service: ReferenceService) -> None:
    upload = start(service, "k")
    staging = service.begin_part(BUCKET, "k", upload, 1, PutOptions())
    staging.write(b"late" * 30_000)
    service.abort_upload(BUCKET, "k", upload)
    try:
        staging.commit()
    except errors.UploadNotFoundError:
        pass
    else:
        raise AssertionError("the part was taken")
    assert service.list_uploads(BUCKET).uploads == []


def test_a_directory_may_be_opened_by_many_processes_at_once(tmp_path: Path) -> None:
    """Creation of the schema, of folders, and sweeps of one another's folders."""
    code = (
        "import sys\n"
        "from dskit.reference import disk_service\n"
        "from tests.dskit.reference.helpers import put, read, BUCKET\n"
        "from dskit import errors\n"
        "for turn in range(4):\n"
        "    service = disk_service(sys.argv[1], durability='process')\n"
        "    try:\n"
        "        service.create_bucket(BUCKET)\n"
        "    except errors.BucketExistsError:\n"
        "        pass\n"
        "    put(service, sys.argv[2], b'x' * 100_000)\n"
        "    assert read(service, sys.argv[2]) == b'x' * 100_000\n"
        "    service.close()\n"
    )
    path = tmp_path / "store"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(path), f"k{number}"], cwd=Path(__file__).parents[3])
        for number in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert list((path / "staging").iterdir()) == []
    service = disk_service(path)
    assert len(service.list_page(BUCKET).objects) == 4
    service.close()
