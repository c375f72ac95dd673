"""What a durable store owes: acknowledged writes survive, nothing half-written shows, nothing is left lying about."""

from __future__ import annotations

import hashlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dskit import errors
from dskit.reference import ReferenceService, disk_service
from dskit.types import CopyOptions, PutOptions, PutResult, ReadOptions
from tests.dskit.reference.helpers import BUCKET, put, read, walk

KILLS = 100

WRITER = """
import sys, hashlib
from tests.dskit.reference.helpers import BUCKET, put, part, start, complete
from dskit.reference import disk_service
from dskit.types import DeleteRequest

path, tag = sys.argv[1], sys.argv[2]
service = disk_service(path, durability="process")
number = 0
while True:
    key = f"{tag}/{number % 7}"
    body = hashlib.sha256(f"{tag}:{number}".encode()).digest() * (1 + number % 5000)
    if number % 5 == 4:
        upload = start(service, key)
        complete(service, key, upload, [part(service, key, upload, 1, body)])
    else:
        put(service, key, body)
    print(f"{key} {hashlib.sha256(body).hexdigest()}", flush=True)
    number += 1
"""


def spawn(path: Path, tag: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), tag], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )


def make(path: Path) -> None:
    service = disk_service(path)
    service.create_bucket(BUCKET)
    service.close()


def blobs_on_disk(path: Path) -> set[int]:
    return {int(entry.name, 16) for entry in (path / "blobs").rglob("*") if entry.is_file()}


def blobs_in_catalog(service: ReferenceService) -> set[int]:
    with service.catalog.view() as view:
        rows = view.execute("SELECT id FROM blobs").fetchall()  # type: ignore[attr-defined]
    return {row[0] for row in rows}


def check_whole(service: ReferenceService, acknowledged: dict[str, str], in_flight: bool) -> None:
    """Every acknowledged object is there whole; one write may have happened without its acknowledgement."""
    differing = 0
    for key, digest in acknowledged.items():
        body = read(service, key)
        meta = service.head(BUCKET, key, ReadOptions()).meta
        assert len(body) == meta.size
        differing += hashlib.sha256(body).hexdigest() != digest
    assert differing <= int(in_flight)
    for key in walk(service)[0]:
        body = read(service, key)
        assert body == body[:32] * (len(body) // 32), f"{key} is mixed"


@pytest.mark.slow
def test_acknowledged_writes_survive_a_hundred_kills(tmp_path: Path) -> None:
    """kill -9 at random moments of a writer; after each, the next open sees all that was acknowledged, and no more."""
    path = tmp_path / "store"
    make(path)
    draw = random.Random(20261121)
    total = 0
    for round_ in range(KILLS):
        writer = spawn(path, f"w{round_}")
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(draw.uniform(0, 0.04))  # the moment of the kill is the input of this test
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        whole = [line.split() for line in lines if line.endswith("\n")]
        acknowledged = dict(whole)
        total += len(whole)
        service = disk_service(path, durability="process")
        check_whole(service, acknowledged, in_flight=True)
        assert blobs_on_disk(path) == blobs_in_catalog(service)
        assert [entry for entry in (path / "staging").iterdir() if entry != service.blobs._mine] == []  # type: ignore[attr-defined]
        service.close()
    assert total > KILLS


@pytest.mark.slow
def test_several_processes_share_a_directory_and_one_of_them_dies(tmp_path: Path) -> None:
    """Four writers, two readers, one writer killed: every acknowledged write of each is there and whole."""
    path = tmp_path / "store"
    make(path)
    writers = [spawn(path, f"w{number}") for number in range(4)]
    reader_code = """
import sys
from tests.dskit.reference.helpers import read, walk
from dskit.reference import disk_service
from dskit.errors import NotFoundError
service = disk_service(sys.argv[1], durability="process")
seen = 0
while seen < 200:
    for key in walk(service)[0]:
        body = read(service, key)
        assert body == body[:32] * (len(body) // 32), key
        seen += 1
print("read", seen)
"""
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", reader_code, str(path)], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    acknowledged: dict[str, str] = {}
    heads = [[writer.stdout.readline() for _ in range(20)] for writer in writers if writer.stdout]
    os.kill(writers[0].pid, signal.SIGKILL)
    assert [reader.wait(60) for reader in readers] == [0, 0]
    for writer, head in zip(writers, heads, strict=True):
        assert writer.stdout is not None
        if writer is not writers[0]:
            head.append(writer.stdout.readline())
            os.kill(writer.pid, signal.SIGKILL)
        for line in [*head, *writer.stdout.readlines()]:
            if line.endswith("\n"):
                key, digest = line.split()
                acknowledged[key] = digest
        writer.wait()
    service = disk_service(path, durability="process")
    mismatched = 0
    for key, digest in acknowledged.items():
        mismatched += hashlib.sha256(read(service, key)).hexdigest() != digest
    assert mismatched <= len(writers)  # each writer may have had one write whose acknowledgement was not read
    assert blobs_on_disk(path) == blobs_in_catalog(service)
    service.close()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (package strace)")
def test_a_write_syncs_file_then_folder_then_catalog(tmp_path: Path) -> None:
    """The order of system calls of one durable put: kill -9 says nothing about power loss, this does."""
    path = tmp_path / "store"
    make(path)
    log = tmp_path / "strace.log"
    code = (
        "import sys, os\n"
        "from tests.dskit.reference.helpers import put\n"
        "from dskit.reference import disk_service\n"
        "service = disk_service(sys.argv[1])\n"
        "os.write(2, b'MARK')\n"
        "put(service, 'k', b'x' * 100_000)\n"
        "os.write(2, b'DONE')\n"
    )
    calls = "trace=openat,write,pwrite64,fsync,fdatasync,link,linkat,unlink,unlinkat"
    subprocess.run(
        ["strace", "-f", "-y", "-e", calls, "-o", log, sys.executable, "-c", code, str(path)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[3],
    )
    lines = log.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if "MARK" in line)
    end = next(number for number, line in enumerate(lines) if "DONE" in line)
    lines = lines[begin + 1 : end]

    def first(pattern: str) -> int:
        return next(number for number, line in enumerate(lines) if re.search(pattern, line))

    written = first(r"write\(\d+<[^>]*/staging/")
    file_synced = first(r"f(data)?sync\(\d+<[^>]*/staging/")
    linked = first(r"link(at)?\(.*staging.*blobs")
    folder_synced = first(r"fsync\(\d+<[^>]*/blobs>")
    committed = first(r"pwrite64\(\d+<[^>]*catalog\.sqlite-wal>")
    catalog_synced = first(r"f(data)?sync\(\d+<[^>]*catalog\.sqlite-wal>")
    staged_gone = first(r"unlink(at)?\(.*/staging/")
    order = [written, file_synced, linked, folder_synced, committed, catalog_synced, staged_gone]
    assert order == sorted(order), lines


def test_a_full_disk_is_an_error_and_the_old_object_stays(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the write call fails in the same place."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
        with pytest.raises(errors.UnavailableError, match="no space left"):
            put(service, "k", b"x" * 6_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert read(service, "k") == b"old"
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    assert [entry.name for entry in service.blobs._mine.iterdir()] == ["lock"]  # type: ignore[attr-defined]
    service.close()


def test_a_store_is_the_same_after_it_is_opened_again(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store")
    service.create_bucket(BUCKET, region="eu-west-1")
    etag = put(service, "a//b", b"hello").etag
    service.close()
    again = disk_service(tmp_path / "store")
    assert read(again, "a//b") == b"hello"
    assert again.list_page(BUCKET).objects[0].etag == etag
    assert again.head_bucket(BUCKET).region == "eu-west-1"
    again.close()
    with pytest.raises(errors.UnavailableError, match="closed"):
        again.head_bucket(BUCKET)


def test_replaced_and_deleted_blobs_are_unlinked(tmp_path: Path) -> None:
    from dskit.types import DeleteRequest

    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    for _ in range(3):
        put(service, "k", b"x" * 100)
    put(service, "other", b"y")
    service.delete(BUCKET, DeleteRequest(key="other"))
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    assert blobs_on_disk(tmp_path / "store") == blobs_in_catalog(service)
    service.close()


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"this is something else" * 100)
    with pytest.raises(errors.ConfigurationError, match="not a catalog"):
        disk_service(tmp_path)


@pytest.mark.parametrize("durability", ["", "never"])
def test_an_unknown_durability_is_refused(tmp_path: Path, durability: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="durability"):
        disk_service(tmp_path, durability=durability)  # type: ignore[arg-type]


def test_an_object_of_many_parts_is_read_without_holding_a_descriptor_each(tmp_path: Path) -> None:
    from dataclasses import replace

    from dskit.capabilities import Limits
    from tests.dskit.reference.helpers import complete, part, start

    service = disk_service(tmp_path / "store", durability="process", limits=replace(Limits(), min_part_bytes=1))
    service.create_bucket(BUCKET)
    upload = start(service, "k")
    parts = [part(service, "k", upload, number, b"%03d" % number) for number in range(1, 101)]
    complete(service, "k", upload, parts)
    reading = service.get(BUCKET, "k", ReadOptions())
    put(service, "k", b"replaced")
    before = len(os.listdir("/proc/self/fd"))
    assert b"".join(reading) == b"".join(b"%03d" % number for number in range(1, 101))
    assert len(os.listdir("/proc/self/fd")) <= before + 1
    reading.close()
    assert [entry.name for entry in service.blobs._mine.iterdir()] == ["lock"]  # type: ignore[attr-defined]
    service.close()


def test_a_missing_blob_is_an_error_and_not_an_endless_loop(tmp_path: Path) -> None:
    """Somebody else removed a file of ours: the catalog says the same again, so nothing was merely replaced."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"x" * 100)
    for blob in blobs_on_disk(tmp_path / "store"):
        service.blobs.remove(blob)
    with pytest.raises(errors.UnavailableError, match="missing"):
        read(service, "k")
    with pytest.raises(errors.UnavailableError, match="missing"):
        service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="SHA1"))
    service.close()


def test_a_commit_of_unknown_outcome_keeps_its_bytes_until_the_catalog_knows(tmp_path: Path) -> None:
    """Where the catalog cannot say whether it committed, nobody may remove the blob before the next opening."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(b"x" * 100)

    def unknown(_: object) -> PutResult:
        raise errors.OutcomeUnknownError("the sync of the catalog failed")

    staging._publish = unknown
    with pytest.raises(errors.OutcomeUnknownError):
        staging.commit()
    staging.abort()
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    service.close()
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    disk_service(tmp_path / "store").close()
    assert blobs_on_disk(tmp_path / "store") == set()
    assert list((tmp_path / "store" / "staging").iterdir()) == []


def test_connections_of_threads_that_ended_are_closed(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        worker = threading.Thread(target=put, args=(service, "k"))
        worker.start()
        worker.join()
    assert len(os.listdir("/proc/self/fd")) <= before + 6
    service.close()
