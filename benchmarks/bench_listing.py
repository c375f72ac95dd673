"""How long does boto3 take to list a large bucket, all pages? dskit beside moto_server, the same keys in both."""

from __future__ import annotations

import time

from .loadgen import Load, Signer, cpu_seconds, one_request
from .servers import Target, emulator, moto
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


def run(quick: bool = False) -> None:
    count = 10_000 if quick else 100_000
    with emulator() as target:
        signer = Signer(target.port)
        one_request(target.port, signer.request("PUT", "/many"))
        load = Load(target.port, target.pid, 16)
        for start in range(0, count, 5000):
            numbers = range(start, start + 5000)
            load.run([signer.request("PUT", f"/many/folder-{n % 100:02}/key-{n:06}", body=b"x") for n in numbers])
        ours, our_cpu, found = listing(target)
    if found != count:
        raise RuntimeError(f"dskit listed {found} of {count} keys")
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
            f"dskit {ours:.1f} s, moto {theirs:.1f} s; boto3's own parsing included",
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
