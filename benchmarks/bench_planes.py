"""What do the planes do alone? URLs that Domino's plane signs, per second of server CPU."""

from __future__ import annotations

import json

from .loadgen import Load
from .servers import emulator
from .table import Row, print_table

__all__ = ["run"]


def key_request(port: int, key: str) -> bytes:
    """What `dominodatalab-data` sends for each get and put."""
    body = json.dumps(
        {
            "datasourceId": "ds-load",
            "isReadWrite": False,
            "objectKey": key,
            "configOverwrites": {},
            "credentialOverwrites": {},
        }
    ).encode()
    return (
        f"POST /objectstore/key HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Domino-Api-Key: dskit-secret\r\n"
        f"X-Domino-Client-Source: Python\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def run(quick: bool = False) -> None:
    count = 3000 if quick else 15_000
    rows = []
    with emulator("--plane", "domino", "--bucket", "load") as target:
        requests = [key_request(target.port, f"folder/key-{number:05}") for number in range(count)]
        Load(target.port, target.pid, 8).run(requests[:500])
        for connections in (1, 32):
            outcome = Load(target.port, target.pid, connections).run(requests)
            rate = 1 / outcome.cpu_each
            rows.append(
                Row(
                    f"domino: signed URLs, {connections} connections",
                    f"{rate:,.0f} per CPU second",
                    "3,000",
                    rate >= 3000,
                    f"{outcome.rate:,.0f}/s by the clock",
                )
            )
    print_table("planes", rows)


if __name__ == "__main__":
    run()
