"""How long until a test can begin? From a cold interpreter to the first answer, and to the next endpoint."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import NamedTuple

from .table import Row, print_table

__all__ = ["run"]

COLD = """
import sys
from dskit_emulator import Server
from benchmarks.loadgen import Signer, one_request
with Server(planes=sys.argv[1:]) as s3:
    assert b"ListAllMyBucketsResult" in one_request(s3.port, Signer(s3.port).request("GET", "/"))
    print("200", flush=True)
"""


class Cold(NamedTuple):
    """Seconds from the start of an interpreter to a verified 200 of a signed ListBuckets; CPU of all its life."""

    wall: float
    cpu: float


def cold(*planes: str) -> Cold:
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", COLD, *planes], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        wall = time.perf_counter() - begin
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if line.strip() != b"200":
        raise RuntimeError("the server did not answer")
    return Cold(wall, usage.ru_utime + usage.ru_stime)


def run(quick: bool = False) -> None:
    from dskit_emulator import Server
    from dskit_emulator.planes import PLANES

    cold(*PLANES)
    pairs = [(cold(), cold(*PLANES)) for _ in range(3 if quick else 15)]  # taking turns
    first = median(bare.wall for bare, _ in pairs)
    more = median(full.cpu for _, full in pairs) - median(bare.cpu for bare, _ in pairs)
    empty = median(_spawn("pass") for _ in range(5))
    times = []
    with Server() as server:
        for _ in range(50 if quick else 300):
            begin = time.perf_counter()
            endpoint = server.endpoint()
            times.append(time.perf_counter() - begin)
            endpoint.close()
    rows = [
        Row(
            "cold `python -c` to the first 200",
            f"{first * 1000:.0f} ms",
            "250 ms",
            first <= 0.25,
            f"an empty interpreter {empty * 1000:.0f} ms",
        ),
        Row("CPU that all planes add to it", f"{more * 1000:.1f} ms", "10 ms", more <= 0.010, ", ".join(PLANES)),
        Row("the next endpoint", f"{median(times) * 1000:.2f} ms", "1 ms", median(times) <= 0.001),
    ]
    print_table("start", rows)


def _spawn(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    run()
