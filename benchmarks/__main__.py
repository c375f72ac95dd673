"""All benchmarks: `python -m benchmarks [--quick] [NAME…]`. Always exits with 0: figures inform."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import traceback

NAMES = (
    "bench_memory",
    "bench_reference",
    "bench_wire",
    "bench_startup",
    "compare_moto",
    "bench_server",
    "bench_transfer",
    "bench_store_transfer",
    "bench_client",
    "bench_listing",
    "bench_facades",
    "bench_planes",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="fewer requests, smaller bodies, fewer keys")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load}")
    for name in options.names:
        try:
            importlib.import_module(f"benchmarks.{name}").run(quick=options.quick)
        except Exception:  # one question without an answer does not silence the others
            print(f"\n{name}: no figure", file=sys.stderr)
            traceback.print_exc()


if __name__ == "__main__":
    main()
