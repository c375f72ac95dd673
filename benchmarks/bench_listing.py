"""How long does boto3 take to list a large bucket, all pages? dskit beside moto_server, the same keys in both.

"boto3 alone" is the same listing from a server that only repeats dskit's recorded answers: what is left is the client's
own time, which bounds what any server can reach.
"""

from __future__ import annotations

import re
import socket
import time
from statistics import median
from urllib.parse import quote

from .client import Signer, one_request, receive
from .loadgen import Load, cpu_seconds
from .servers import Target, emulator, moto, replay
from .table import Row, print_table

__all__ = ["run"]

# Filling moto over HTTP would take minutes, and it is the listing that is asked about.
MOTO_FILL = """
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
backend.create_bucket("many", "us-east-1")
for number in range({count}):
    backend.put_object("many", f"folder-{{number % 100:02}}/key-{{number:06}}", b"x")
"""


def listing(target: Target) -> tuple[float, float, int]:
    """Seconds on the wall, seconds of the server's CPU, and how many keys there were."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{target.port}",
        region_name="us-east-1",
        aws_access_key_id="dskit",
        aws_secret_access_key="dskit-secret",
    )
    cpu = cpu_seconds(target.pid)
    begin = time.perf_counter()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="many")
    count = sum(len(page.get("Contents", [])) for page in pages)
    return time.perf_counter() - begin, cpu_seconds(target.pid) - cpu, count


def recorded(port: int) -> list[bytes]:
    """dskit's answers to the requests of such a listing, as they are on the wire."""
    signer = Signer(port)
    answers: list[bytes] = []
    query = "encoding-type=url&list-type=2"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while query:
            connection.sendall(signer.request("GET", "/many", query))
            answers.append(b"".join(receive(connection, head=True)))
            token = re.search(rb"<NextContinuationToken>([^<]+)<", answers[-1])
            query = f"continuation-token={quote(token[1], safe='')}&encoding-type=url&list-type=2" if token else ""
    return answers


def run(quick: bool = False) -> None:
    count = 10_000 if quick else 100_000
    rounds = 1 if quick else 3
    with emulator() as target:
        signer = Signer(target.port)
        one_request(target.port, signer.request("PUT", "/many"))
        load = Load(target.port, target.pid, 16)
        for start in range(0, count, 5000):
            numbers = range(start, start + 5000)
            load.run([signer.request("PUT", f"/many/folder-{n % 100:02}/key-{n:06}", body=b"x") for n in numbers])
        with replay(recorded(target.port)) as bare:
            pairs = [(listing(target), listing(bare)) for _ in range(rounds)]
    if {found for pair in pairs for _, _, found in pair} != {count}:
        raise RuntimeError(f"dskit did not list {count} keys")
    ours, our_cpu = median(wall for (wall, _, _), _ in pairs), median(cpu for (_, cpu, _), _ in pairs)
    alone = median(wall for _, (wall, _, _) in pairs)
    with moto(MOTO_FILL.format(count=count)) as target:
        theirs, their_cpu, found = listing(target)
    if found != count:
        raise RuntimeError(f"moto listed {found} of {count} keys")
    ratio = theirs / ours
    rows = [
        Row(
            f"{count:,} keys, full listing through boto3, against moto",
            f"{ratio:.0f}x",
            "" if quick else "10x",
            None if quick else ratio >= 10,
            f"dskit {ours:.2f} s, moto {theirs:.1f} s, boto3 alone {alone:.2f} s",
        ),
        Row(
            "boto3 alone: its share of that time with dskit",
            f"{alone / ours:.0%}",
            note=f"the bound of the ratio is {theirs / alone:.1f}x, with a server that takes no time",
        ),
        Row(
            "the same, server CPU",
            f"{their_cpu / our_cpu:.0f}x",
            note=f"dskit {our_cpu:.2f} s, moto {their_cpu:.1f} s",
        ),
    ]
    print_table("listing", rows)


if __name__ == "__main__":
    run()
