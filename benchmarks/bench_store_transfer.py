"""Does `Store.upload` and `Store.download` move a large file as fast as boto3's TransferManager, in bounded memory?

Every transfer is a process of its own that moves one file once, so that its peak of resident memory is that of this
transfer; libraries are imported, and one small object is moved, before the clock starts. The clients take turns on one
server. What arrived is compared with what was sent, outside the clock. The CPU of client and server says what a busy
machine hides: where the two cores are full, their sum is what decides.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .loadgen import cpu_seconds
from .servers import emulator
from .table import Row, print_table

__all__ = ["run"]

KEYS = {"access_key": "dskit", "secret_key": "dskit-secret", "region": "us-east-1"}
CLIENTS = ("dskit", "boto3", "obstore")
Moves = tuple[Callable[[str, str], Any], Callable[[str, str], Any]]


def dskit_moves(url: str) -> Moves:
    import dskit

    store = dskit.S3Store("data", endpoint=url, **KEYS)  # type: ignore[arg-type]
    return store.upload, store.download


def boto3_moves(url: str) -> Moves:
    import boto3.session

    client: Any = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
        region_name=KEYS["region"],
    )
    return (
        lambda path, key: client.upload_file(path, "data", key),
        lambda key, path: client.download_file("data", key, path),
    )


def obstore_moves(url: str) -> Moves:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        "data",
        endpoint=url,
        access_key_id=KEYS["access_key"],
        secret_access_key=KEYS["secret_key"],
        region=KEYS["region"],
        client_options={"allow_http": True, "timeout": "600s"},
    )

    def download(key: str, path: str) -> None:
        with open(path, "wb") as file:
            for chunk in obstore.get(store, key).stream(min_chunk_size=8 << 20):
                file.write(chunk)

    return (lambda path, key: obstore.put(store, key, Path(path))), download


MOVES: dict[str, Callable[[str], Moves]] = {"dskit": dskit_moves, "boto3": boto3_moves, "obstore": obstore_moves}


def resident(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return 0


def one(client: str, direction: str, url: str, key: str, path: str) -> None:
    """In the process of its own: move the file, print seconds, CPU seconds and the growth of resident memory."""
    upload, download = MOVES[client](url)
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(folder, "small")
        Path(small).write_bytes(b"x" * 1024)
        upload(small, f"small-{client}")
        download(f"small-{client}", small)
    before = resident("VmRSS")
    begin, cpu = time.perf_counter(), time.process_time()
    if direction == "up":
        upload(path, key)
    else:
        download(key, path)
    took = {"seconds": time.perf_counter() - begin, "cpu": time.process_time() - cpu}
    print(json.dumps({**took, "memory": resident("VmHWM") - before}))


def measured(client: str, direction: str, url: str, key: str, path: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bench_store_transfer", "--one", client, direction, url, key, path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def rows(size: int, rounds: int, folder: str) -> list[Row]:
    import dskit

    source = os.path.join(folder, "source")
    with open(source, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    runs: dict[tuple[str, str], list[dict[str, float]]] = {}
    with emulator("--data", os.path.join(folder, "data"), "--bucket", "data") as target:
        url = f"http://127.0.0.1:{target.port}"
        store = dskit.S3Store("data", endpoint=url, **KEYS)  # type: ignore[arg-type]
        for _ in range(rounds):
            for client in CLIENTS:
                back = os.path.join(folder, "back")
                for direction, path in (("up", source), ("down", back)):
                    before = cpu_seconds(target.pid)
                    told = measured(client, direction, url, client, path)
                    told["server"] = cpu_seconds(target.pid) - before
                    runs.setdefault((client, direction), []).append(told)
                if not filecmp.cmp(source, back, shallow=False):
                    raise RuntimeError(f"{client} did not bring back what it sent")
                os.unlink(back)
                store.delete(client)
        store.close()
    return [row for direction in ("up", "down") for row in table_of(size, direction, runs)]


def table_of(size: int, direction: str, runs: dict[tuple[str, str], list[dict[str, float]]]) -> list[Row]:
    def column(client: str, field: str) -> list[float]:
        return [told[field] for told in runs[client, direction]]

    what = f"{size >> 20:,} MiB {direction}load"
    table = []
    for peer, least in (("boto3", 1.0), ("obstore", 0.6)):
        pairs = zip(column(peer, "seconds"), column("dskit", "seconds"), strict=True)
        ratio = statistics.median(theirs / mine for theirs, mine in pairs)
        notes = [
            f"{client} {size / statistics.median(column(client, 'seconds')) / 1e6:,.0f} MB/s, "
            f"CPU {statistics.median(column(client, 'cpu')):.2f} s, of the server "
            f"{statistics.median(column(client, 'server')):.2f} s"
            for client in ("dskit", peer)
        ]
        table.append(Row(f"{what}, against {peer}", f"{ratio:.2f}×", f"{least}×", ratio >= least, "; ".join(notes)))
    grew = max(column("dskit", "memory"))
    table.append(Row(f"{what}, growth of resident memory", f"{grew / 2**20:.0f} MiB", "128 MiB", grew <= 128 << 20))
    return table


def run(quick: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print_table("files up and down", rows((128 << 20) if quick else (1 << 30), 3, folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", nargs=5, metavar=("CLIENT", "DIRECTION", "URL", "KEY", "PATH"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.one:
        one(*options.one)
    else:
        run(options.quick)
