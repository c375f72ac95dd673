"""How long until a test can begin? From a cold interpreter to the first answer, and to the next endpoint."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from .table import Row, print_table

__all__ = ["run"]

COLD = """
from dskit_emulator import Server
from benchmarks.client import Signer, one_request
with Server() as s3:
    assert b"ListAllMyBucketsResult" in one_request(s3.port, Signer(s3.port).request("GET", "/"))
    print("200", flush=True)
"""

ADDED = """
import time
from dskit_emulator import Server
with Server() as s3:
    times = [time.process_time()]
    for planes in ((), None):
        if planes is None:
            from dskit_emulator.planes import PLANES as planes
        s3.endpoint(planes=planes)
        times.append(time.process_time())
begin, bare, full = times
print(full - bare - (bare - begin))
"""


def installed() -> dict[str, str]:
    """The environment of a package that was installed: its bytecode is compiled once, whatever this process is told."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), f"dskit-bench-{os.getuid()}")}


def added() -> float:
    """CPU seconds that all planes add to an endpoint, their imports included, in a fresh interpreter."""
    command = [sys.executable, "-c", ADDED]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=installed()).stdout)


def cold() -> float:
    """Seconds from the start of an interpreter to a verified 200 of a signed ListBuckets."""
    begin = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", COLD], stdout=subprocess.PIPE, env=installed()) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - begin
    if line.strip() != b"200":
        raise RuntimeError("the server did not answer")
    return seconds


def run(quick: bool = False) -> None:
    from dskit_emulator import Server

    cold()
    added()
    more = median(added() for _ in range(3 if quick else 9))
    first = median(cold() for _ in range(3 if quick else 9))
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
        Row("CPU that all planes add to it", f"{more * 1000:.1f} ms", "10 ms", more <= 0.010),
        Row("the next endpoint", f"{median(times) * 1000:.2f} ms", "1 ms", median(times) <= 0.001),
    ]
    print_table("start", rows)


def _spawn(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    run()
