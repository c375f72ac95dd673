"""What does dskit's server do alone, by operation and by number of connections? In memory and on disk."""

from __future__ import annotations

import tempfile

from .client import Signer, one_request
from .loadgen import Load
from .servers import emulator
from .table import Row, print_table

__all__ = ["run"]


def run(quick: bool = False) -> None:
    count = 2000 if quick else 10000
    with tempfile.TemporaryDirectory() as folder:
        for where, options in (("memory", ()), ("disk", ("--data", folder))):
            rows = []
            with emulator(*options) as target:
                signer = Signer(target.port)
                one_request(target.port, signer.request("PUT", "/load"))
                for connections in (1, 32):
                    for method in ("PUT", "GET", "DELETE"):
                        body = b"k" * 1024 if method == "PUT" else b""
                        share = count if where == "memory" or method == "GET" else count // 8
                        requests = [
                            signer.request(method, f"/load/key-{n % (count // 8):05}", body=body) for n in range(share)
                        ]
                        outcome = Load(target.port, target.pid, connections).run(requests)
                        rows.append(
                            Row(
                                f"{method} 1 KiB, {connections} connections",
                                f"{outcome.rate:,.0f}/s",
                                note=f"{outcome.cpu_each * 1e6:.0f} µs CPU; p50 {outcome.middle * 1e3:.2f} ms, "
                                f"p99 {outcome.tail * 1e3:.2f} ms",
                            )
                        )
                        if method == "DELETE":
                            refill = [
                                signer.request("PUT", f"/load/key-{n:05}", body=b"k" * 1024) for n in range(count // 8)
                            ]
                            Load(target.port, target.pid, 8).run(refill)
            print_table(f"one server, {where}", rows)


if __name__ == "__main__":
    run()
