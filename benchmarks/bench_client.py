"""What does the client API cost on top of boto3, and what do coroutines gain?

Small calls are measured in CPU time of this process (the server is another one): the wall clock says as much about the
server and the machine. Both clients take turns, round by round, on one server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import boto3.session

import dskit

from .servers import Target, emulator
from .table import Row, print_table

__all__ = ["run"]

KEYS: dict[str, Any] = {"access_key": "dskit", "secret_key": "dskit-secret", "region": "us-east-1"}
BODY = b"x" * 1024
OBJECTS = 1000
IN_FLIGHT = 64
Verb = Callable[[dskit.AsyncStore, str], Awaitable[None]]


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
    with dskit.S3Store("data", endpoint=f"http://127.0.0.1:{target.port}", **KEYS) as store:
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


async def at_once(store: dskit.Store, verb: Verb, count: int, in_flight: int) -> None:
    gate = anyio.CapacityLimiter(in_flight)

    async def one(number: int) -> None:
        async with gate:
            await verb(store.aio, f"a{number}")

    async with anyio.create_task_group() as group:
        for number in range(count):
            group.start_soon(one, number)


async def put(store: dskit.AsyncStore, key: str) -> None:
    await store.put(key, BODY)


async def get(store: dskit.AsyncStore, key: str) -> None:
    assert await (await store.get(key)).aread() == BODY


VERBS: dict[str, Verb] = {"puts": put, "gets": get}


def async_rows(target: Target, rounds: int, count: int) -> list[Row]:
    """Both clients of S3 with many requests in flight, beside boto3 in a loop: in turns, on one server."""
    client = boto(target)
    url = f"http://127.0.0.1:{target.port}"
    loops: dict[str, Callable[[int], object]] = {
        "puts": lambda number: client.put_object(Bucket="data", Key=f"a{number}", Body=BODY),
        "gets": lambda number: client.get_object(Bucket="data", Key=f"a{number}")["Body"].read(),
    }
    with (
        dskit.S3Store("data", endpoint=url, max_connections=IN_FLIGHT, **KEYS) as ours,
        dskit.ObstoreS3Store("data", endpoint=url, **KEYS) as theirs,
    ):
        stores = {"ObstoreS3Store": theirs, "S3Store": ours}
        rows = []
        for verb, loop in loops.items():
            spent: dict[str, list[tuple[float, float]]] = {}
            for number in range(rounds + 1):
                calls: dict[str, Callable[[], object]] = {"boto3": lambda: [loop(key) for key in range(count)]}  # noqa: B023
                for name, store in stores.items():
                    calls[name] = partial(anyio.run, partial(at_once, store, VERBS[verb], count, IN_FLIGHT))
                for name, call in calls.items():
                    took = spent_by(call)
                    if number:  # the first round warms up
                        spent.setdefault(name, []).append(took)
            rows += [async_row(verb, count, name, spent) for name in stores]
    return rows


def spent_by(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of this process's CPU."""
    begin, cpu_begin = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begin, time.process_time() - cpu_begin


def async_row(verb: str, count: int, name: str, spent: dict[str, list[tuple[float, float]]]) -> Row:
    ratio = statistics.median(loop[0] / mine[0] for loop, mine in zip(spent["boto3"], spent[name], strict=True))
    loop, mine = (tuple(map(statistics.median, zip(*spent[client], strict=True))) for client in ("boto3", name))
    note = (
        f"boto3 in a loop {loop[0]:.2f} s, CPU {loop[1]:.2f} s; {IN_FLIGHT} in flight {mine[0]:.2f} s, "
        f"CPU {mine[1]:.2f} s"
    )
    return Row(f"{count:,} {verb} of 1 KiB, {name}.aio against a boto3 loop", f"{ratio:.1f}×", "4×", ratio >= 4, note)


def run(quick: bool = False) -> None:
    with emulator() as target:
        rows = small_rows(target, 5 if quick else 15, 200 if quick else 400)
        rows += async_rows(target, 1 if quick else 3, OBJECTS)
    print_table("client API", rows)


if __name__ == "__main__":
    run()
