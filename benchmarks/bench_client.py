"""What does the client API cost on top of boto3, and what do coroutines gain?

Small calls are measured in CPU time of this process (the server is another one): the wall clock says as much about the
server and the machine. Both clients take turns, round by round, on one server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import boto3.session

import dskit

from .servers import Target, emulator
from .table import Row, print_table

__all__ = ["run"]

KEYS = {"access_key": "dskit", "secret_key": "dskit-secret", "region": "us-east-1"}
BODY = b"x" * 1024
OBJECTS = 1000
IN_FLIGHT = 64


def boto(target: Target) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{target.port}",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
        region_name=KEYS["region"],
    )


def cpu(call: Callable[[int], object], count: int) -> float:
    """Seconds of CPU of one call."""
    begin = time.process_time()
    for number in range(count):
        call(number)
    return (time.process_time() - begin) / count


def small_rows(target: Target, rounds: int, count: int) -> list[Row]:
    client = boto(target)
    client.create_bucket(Bucket="data")
    with dskit.S3Store("data", endpoint=f"http://127.0.0.1:{target.port}", **KEYS) as store:  # type: ignore[arg-type]
        calls: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
            "PUT": (
                lambda number: client.put_object(Bucket="data", Key=f"k{number}", Body=BODY),
                lambda number: store.put(f"k{number}", BODY),
            ),
            "GET": (
                lambda number: client.get_object(Bucket="data", Key=f"k{number}")["Body"].read(),
                lambda number: store.get(f"k{number}").read(),
            ),
        }
        rows = []
        for name, (raw, ours) in calls.items():
            cpu(raw, count)
            cpu(ours, count)
            pairs = [(cpu(raw, count), cpu(ours, count)) for _ in range(rounds)]
            ratio = statistics.median(mine / theirs for theirs, mine in pairs)
            theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
            note = f"CPU of the client: boto3 {theirs * 1e6:,.0f} µs, S3Store {mine * 1e6:,.0f} µs"
            rows.append(Row(f"1 KiB {name}, S3Store against boto3", f"{ratio:.2f}×", "1.10×", ratio <= 1.10, note))
        return rows


async def at_once(store: dskit.Store, count: int, in_flight: int) -> None:
    gate = anyio.CapacityLimiter(in_flight)

    async def one(number: int) -> None:
        async with gate:
            await store.aio.put(f"a{number}", BODY)

    async with anyio.create_task_group() as group:
        for number in range(count):
            group.start_soon(one, number)


def async_rows(target: Target, count: int) -> list[Row]:
    client = boto(target)
    with dskit.S3Store("data", endpoint=f"http://127.0.0.1:{target.port}", max_connections=IN_FLIGHT, **KEYS) as store:  # type: ignore[arg-type]
        client.put_object(Bucket="data", Key="warm", Body=BODY)
        begin = time.perf_counter()
        for number in range(count):
            client.put_object(Bucket="data", Key=f"s{number}", Body=BODY)
        sequential = time.perf_counter() - begin
        anyio.run(partial(at_once, store, IN_FLIGHT, IN_FLIGHT))
        begin = time.perf_counter()
        anyio.run(partial(at_once, store, count, IN_FLIGHT))
        together = time.perf_counter() - begin
    ratio = sequential / together
    note = f"boto3 in a loop {sequential:.2f} s, {IN_FLIGHT} in flight {together:.2f} s"
    return [Row(f"{count:,} puts of 1 KiB, async against a boto3 loop", f"{ratio:.1f}×", "4×", ratio >= 4, note)]


def run(quick: bool = False) -> None:
    with emulator() as target:
        rows = small_rows(target, 5 if quick else 15, 200 if quick else 400)
        rows += async_rows(target, 300 if quick else OBJECTS)
    print_table("client API", rows)


if __name__ == "__main__":
    run()
