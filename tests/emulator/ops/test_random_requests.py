"""Requests of random parts: nothing fails inside."""

from __future__ import annotations

import random

import pytest

from dskit_emulator.service import S3Service
from tests.emulator.ops.kept import keep, send
from tests.emulator.server.wrong_values import PARAMETERS


@pytest.fixture
def service(service: S3Service) -> S3Service:
    """With an object that nothing here may touch."""
    return keep(service)


def test_random_requests_never_fail_inside(service: S3Service, caplog: pytest.LogCaptureFixture) -> None:
    """5xx are the modelled 501 only, and nothing is logged as a defect."""
    dice = random.Random(20260221)
    methods = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]
    paths = [
        "/",
        "/test-bucket",
        "/test-bucket/",
        "/test-bucket/new",
        "/none",
        "//",
        "/UP/x",
        "/test-bucket/%00",
        "/t%",
    ]
    values = ["", "1", "2", "-1", "abc", "null", "%00", "%ff", "a" * 300, "url", "*", "9" * 30, "%E2%98%83"]
    header_names = [
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "x-amz-copy-source",
        "x-amz-copy-source-range",
        "x-amz-metadata-directive",
        "x-amz-storage-class",
        "x-amz-acl",
        "x-amz-tagging",
        "content-md5",
        "x-amz-checksum-crc32",
        "x-amz-meta-a",
        "x-amz-object-attributes",
        "x-amz-max-parts",
        "expires",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-type",
        "x-amz-mp-object-size",
        "content-encoding",
    ]
    header_values = ["", "*", "bytes=0-1", "test-bucket/kept", "abc", "-1", "COPY", "é", "ETag", "x" * 3000, "GLACIER"]
    bodies = [b"", b"x", b"<a/>", b"<Delete><Object><Key>z</Key></Object></Delete>", b"\x00" * 50]
    for _ in range(1500):
        query = "&".join(f"{dice.choice(PARAMETERS)}={dice.choice(values)}" for _ in range(dice.randrange(3)))
        target = dice.choice(paths) + (f"?{query}" if query else "")
        headers = {dice.choice(header_names): dice.choice(header_values) for _ in range(dice.randrange(3))}
        body = dice.choice(bodies)
        try:
            answered = send(service, dice.choice(methods), target, headers, body)
        except (UnicodeError, ValueError):  # the signer's, not the server's
            continue
        assert answered.status < 500 or answered.status == 501, (target, headers, body, answered.body)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
