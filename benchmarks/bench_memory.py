"""What does `MemoryStore` cost without any HTTP?"""

from __future__ import annotations

import time

from .table import Row, print_table

__all__ = ["run"]


def pairs(count: int) -> float:
    """put+get pairs of 1 KiB a second."""
    from dskit import MemoryStore

    body = b"k" * 1024
    with MemoryStore() as store:
        keys = [f"key-{number % 1000:05}" for number in range(count)]
        begin = time.perf_counter()
        for key in keys:
            store.put(key, body)
            with store.get(key) as result:
                result.read()
        return count / (time.perf_counter() - begin)


def run(quick: bool = False) -> None:
    count = 10_000 if quick else 50_000
    rate = max(pairs(count) for _ in range(3))
    print_table(
        "in process", [Row("MemoryStore put + get of 1 KiB", f"{rate:,.0f} pairs/s", "30,000 pairs/s", rate >= 30_000)]
    )


if __name__ == "__main__":
    run()
