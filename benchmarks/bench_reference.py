"""What does the reference store cost without the client API and without HTTP, in memory and on disk?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator

from dskit.backend import ObjectService
from dskit.types import PutOptions, ReadOptions

from .table import Row, print_table

__all__ = ["run"]

BUCKET = "bench"


class Body:
    """A source of 1 KiB."""

    rewindable = True
    length = 1024

    def rewind(self) -> None:
        """Nothing was consumed."""

    def chunks(self) -> Iterator[bytes]:
        yield b"k" * 1024


def pairs(service: ObjectService, count: int) -> tuple[float, float]:
    """put+get pairs of 1 KiB, over 1,000 keys: a second of this thread's CPU, and a second of the wall clock."""
    body, write, read = Body(), PutOptions(), ReadOptions()
    begin, spent = time.perf_counter(), time.process_time()
    for number in range(count):
        key = f"key-{number % 1000:05}"
        service.put(BUCKET, key, body, write)
        with_bytes = service.get(BUCKET, key, read)
        b"".join(with_bytes)
        with_bytes.close()
    return count / (time.process_time() - spent), count / (time.perf_counter() - begin)


def fill(service: ObjectService, keys: int) -> None:
    """`keys` objects of 1 KiB in folders of 1,000."""
    body, write = Body(), PutOptions()
    for number in range(keys):
        service.put(BUCKET, f"folder-{number // 1000:03}/{number % 1000:03}", body, write)


def milliseconds(call: Callable[[], object], repeats: int = 20) -> float:
    """Median CPU of single calls."""
    samples = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        samples.append(time.process_time() - begin)
    return sorted(samples)[repeats // 2] * 1000


def rows(
    name: str, service: ObjectService, count: int, keys: int, *, rate_target: float, page_target: float
) -> list[Row]:
    service.create_bucket(BUCKET)
    rate, wall = max(pairs(service, count) for _ in range(3))
    told = [
        Row(
            f"{name}: put + get of 1 KiB",
            f"{rate:,.0f} pairs/CPU s",
            f"{rate_target:,.0f} pairs/CPU s" if rate_target else "",
            rate >= rate_target if rate_target else None,
            f"{wall:,.0f} pairs/s by the wall clock",
        )
    ]
    if keys:
        fill(service, keys)
        page = milliseconds(lambda: service.list_page(BUCKET, prefix="folder-", start_after="folder-0"))
        groups = milliseconds(lambda: service.list_page(BUCKET, delimiter="/"))
        told += [
            Row(f"{name}: page of 1,000 of {keys:,} keys", f"{page:.2f} ms", f"{page_target} ms", page <= page_target),
            Row(f"{name}: groups of {keys:,} keys", f"{groups:.2f} ms", "", None),
        ]
    service.close()
    return told


def run(quick: bool = False) -> None:
    from dskit.reference import disk_service, memory_service

    count, keys = (5_000, 10_000) if quick else (30_000, 100_000)
    told = rows("memory", memory_service(), count, keys, rate_target=60_000, page_target=1.5)
    with tempfile.TemporaryDirectory() as folder:
        service = disk_service(f"{folder}/process", durability="process")
        told += rows("disk, process", service, count // 10, keys // 10, rate_target=0, page_target=4)
        service = disk_service(f"{folder}/power")
        told += rows("disk, power", service, count // 100, 0, rate_target=0, page_target=0)
    print_table("reference store", told)


if __name__ == "__main__":
    run()
