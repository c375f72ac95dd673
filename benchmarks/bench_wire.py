"""What does the wire codec cost by itself? Routing, decoding and encoding, without sockets, store or signatures."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dskit_emulator.wire.codec import Codec

from .table import Row, print_table

__all__ = ["run"]

# What boto3 sends with a put.
HEADERS = {
    "host": "127.0.0.1:9000",
    "accept-encoding": "identity",
    "content-type": "text/plain",
    "user-agent": "Boto3/1.43 md/Botocore",
    "expect": "100-continue",
    "x-amz-sdk-checksum-algorithm": "CRC32",
    "x-amz-checksum-crc32": "sKy/QQ==",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    "x-amz-date": "20260101T000000Z",
    "x-amz-meta-colour": "red",
    "authorization": "AWS4-HMAC-SHA256 Credential=dskit/20260101/us-east-1/s3/aws4_request",
    "amz-sdk-invocation-id": "e7c1f6a0",
    "amz-sdk-request": "attempt=1",
    "content-length": "1024",
}
STORED = {
    "ETag": '"d41d8cd98f00b204e9800998ecf8427e"',
    "ChecksumCRC32": "sKy/QQ==",
    "ChecksumType": "FULL_OBJECT",
    "ServerSideEncryption": "AES256",
}


def seconds(call: Callable[[], object], times: int) -> float:
    """The best of some rounds: what the code costs when nobody disturbs it."""
    best = float("inf")
    for _ in range(20):
        begin = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, time.perf_counter() - begin)
    return best / times


def run(quick: bool = False) -> None:
    loaded = seconds(Codec, 1)
    codec = Codec()
    put, get, listing, delete = (
        codec.operations[name] for name in ("PutObject", "GetObject", "ListObjectsV2", "DeleteObjects")
    )
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    read = {**STORED, "LastModified": moment, "ContentType": "text/plain", "Metadata": {"colour": "red"}, "Body": b""}
    rows = [
        {
            "Key": f"folder/key-{number:06}",
            "LastModified": moment + timedelta(seconds=number),
            "ETag": f'"d41d8cd98f00b204e9800998ecf8{number:04x}"',
            "ChecksumAlgorithm": ("CRC64NVME",),
            "ChecksumType": "FULL_OBJECT",
            "Size": number,
            "StorageClass": "STANDARD",
        }
        for number in range(1000)
    ]
    page = {"Name": "many", "IsTruncated": False, "KeyCount": 1000, "MaxKeys": 1000, "Contents": rows}
    keys = b"".join(b"<Object><Key>folder/key-%06d</Key></Object>" % number for number in range(1000))
    document = b"<Delete>" + keys + b"</Delete>"
    short, long = (500, 2) if quick else (5000, 10)
    part = {"partNumber": "1", "uploadId": "u"}
    measured = [
        ("route a put", lambda: codec.route("PUT", "object", {}, HEADERS), short, 5e-6),
        ("route a part", lambda: codec.route("PUT", "object", part, HEADERS), short, 5e-6),
        ("decode a put", lambda: codec.decode_head(put, [], HEADERS), short, 5e-6),
        ("encode the answer to a put", lambda: codec.encode(put, STORED), short, 5e-6),
        ("encode the answer to a get", lambda: codec.encode(get, read), short, 5e-6),
        ("encode a page of 1,000 keys", lambda: codec.encode(listing, page), long, 2.5e-3),
        ("decode a batch delete of 1,000 keys", lambda: codec.decode_body(delete, document), long, None),
    ]
    table = [Row("load the model", f"{loaded * 1e3:.1f} ms", "5 ms", loaded <= 5e-3)]
    for what, call, times, target in measured:
        cost = seconds(call, times)
        table.append(Row(what, _shown(cost), _shown(target) if target else "", cost <= target if target else None))
    print_table("wire codec", table)


def _shown(cost: float) -> str:
    return f"{cost * 1e3:.2f} ms" if cost >= 1e-3 else f"{cost * 1e6:.1f} µs"


if __name__ == "__main__":
    run()
