"""What a durable store owes: acknowledged writes survive, nothing half-written shows, nothing is left lying about."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dskit.reference import ReferenceService, disk_service
from dskit.types import ReadOptions
from tests.dskit.reference.helpers import BUCKET, blobs_in_catalog, blobs_on_disk, read, walk

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


def system_calls(path: Path, size: int) -> list[str]:
    """The lines of strace of one durable put of `size` bytes."""
    log = path.parent / "strace.log"
    code = (
        "import sys, os\n"
        "from tests.dskit.reference.helpers import put\n"
        "from dskit.reference import disk_service\n"
        "service = disk_service(sys.argv[1])\n"
        "os.write(2, b'MARK')\n"
        "put(service, 'k', b'x' * int(sys.argv[2]))\n"
        "os.write(2, b'DONE')\n"
    )
    calls = "trace=openat,write,pwrite64,fsync,fdatasync,link,linkat,unlink,unlinkat"
    subprocess.run(
        ["strace", "-f", "-y", "-e", calls, "-o", log, sys.executable, "-c", code, str(path), str(size)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[3],
    )
    lines = log.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if "MARK" in line)
    end = next(number for number, line in enumerate(lines) if "DONE" in line)
    return lines[begin + 1 : end]


def places(lines: list[str], pattern: str) -> list[int]:
    return [number for number, line in enumerate(lines) if re.search(pattern, line)]


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (package strace)")
CATALOG_WRITTEN = r"pwrite64\(\d+<[^>]*catalog\.sqlite-wal>"
CATALOG_SYNCED = r"f(data)?sync\(\d+<[^>]*catalog\.sqlite-wal>"


@needs_strace
def test_a_write_syncs_file_then_folder_then_catalog(tmp_path: Path) -> None:
    """The order of system calls of one durable put: kill -9 says nothing about power loss, this does."""
    make(tmp_path / "store")
    lines = system_calls(tmp_path / "store", 100_000)
    order = [
        places(lines, r"write\(\d+<[^>]*/staging/")[-1],
        places(lines, r"f(data)?sync\(\d+<[^>]*/staging/")[0],
        places(lines, r"link(at)?\(.*staging.*blobs")[0],
        places(lines, r"fsync\(\d+<[^>]*/blobs>")[0],
        places(lines, CATALOG_WRITTEN)[0],
        places(lines, CATALOG_WRITTEN)[-1],
        places(lines, CATALOG_SYNCED)[-1],
        places(lines, r"unlink(at)?\(.*/staging/")[0],
    ]
    assert order == sorted(order), lines


@needs_strace
def test_a_small_write_syncs_the_catalog_and_no_file(tmp_path: Path) -> None:
    make(tmp_path / "store")
    lines = system_calls(tmp_path / "store", 100)
    assert places(lines, CATALOG_WRITTEN)[-1] < places(lines, CATALOG_SYNCED)[-1]
    assert not [line for line in lines if "/staging/" in line or "/blobs" in line]
