"""Whatever two requests do at the same time, some order of them explains both answers and what is left.

Operations are more than one call of the store: they look first, and act on what they saw. The threads stop at every
call of the catalog and of the blobs below (`tests/dskit/reference/seams.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dskit_emulator.service import S3Service
from tests.dskit.reference.histories import NO_OBJECTS, SMALL, Arena, Scene, arena, in_order
from tests.dskit.reference.seams import cutting_in
from tests.emulator.transport import call

_EVERY_TIME = re.compile(r"<(RequestId|HostId)>[^<]*</\1>")
_TOLD = ("etag", "content-length", "content-range", "last-modified", "x-amz-mp-parts-count")
NEW = b"new" * 10_000


@dataclass(frozen=True)
class Request:
    """Of a scene: ``{etag}``, ``{upload}``, ``{part}`` and ``{bucket}`` are filled in."""

    name: str
    line: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __call__(self, scene: Scene) -> object:
        def filled(text: str) -> str:
            names = {"etag": scene.etag, "upload": scene.upload, "part": scene.part_etags[0], "bucket": scene.bucket}
            for name, value in names.items():
                text = text.replace("{" + name + "}", value)
            return text

        method, target = filled(self.line).split(" ")
        headers = {name: filled(value) for name, value in self.headers}
        service = S3Service(scene.service, rules=["anonymous"])
        answer = call(service, method, target, {"host": "localhost", **headers}, filled(self.body.decode()).encode())
        told = [(name, answer.headers[name]) for name in _TOLD if name in answer.headers]
        body = _EVERY_TIME.sub("", answer.body.decode())
        return answer.status, told, body if len(body) < 2000 else (len(body), set(body))

    def __repr__(self) -> str:
        return self.name


def _complete(*numbers: int) -> bytes:
    rows = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{{part}}</ETag></Part>" for number in numbers)
    return f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()


OBJECT = "/{bucket}/k"
SOURCE = ("x-amz-copy-source", "{bucket}/k")
ATTRIBUTES = ("x-amz-object-attributes", "ETag,ObjectParts,ObjectSize,Checksum")
REQUESTS = [
    Request("PutObject", f"PUT {OBJECT}", body=NEW),
    Request("PutObject, other metadata", f"PUT {OBJECT}", (("x-amz-meta-a", "1"), ("content-type", "a/b")), SMALL),
    Request("PutObject, if none", f"PUT {OBJECT}", (("if-none-match", "*"),), NEW),
    Request("PutObject, if the old one", f"PUT {OBJECT}", (("if-match", "{etag}"),), NEW),
    Request("GetObject", f"GET {OBJECT}"),
    Request("GetObject, a part", f"GET {OBJECT}?partNumber=1"),
    Request("GetObject, a range", f"GET {OBJECT}", (("range", "bytes=3-20"), ("if-match", "{etag}"))),
    Request("HeadObject", f"HEAD {OBJECT}"),
    Request("GetObjectAttributes", f"GET {OBJECT}?attributes", (ATTRIBUTES,)),
    Request("DeleteObject", f"DELETE {OBJECT}"),
    Request("CopyObject", "PUT /{bucket}/j", (SOURCE,)),
    Request("CopyObject, in place", f"PUT {OBJECT}", (SOURCE, ("x-amz-metadata-directive", "REPLACE"))),
    Request("CopyObject, with SHA256", "PUT /{bucket}/j", (SOURCE, ("x-amz-checksum-algorithm", "SHA256"))),
    Request("UploadPart", f"PUT {OBJECT}?partNumber=1&uploadId={{upload}}", body=NEW),
    Request("UploadPartCopy", f"PUT {OBJECT}?partNumber=2&uploadId={{upload}}", (SOURCE,)),
    Request(
        "UploadPartCopy, a range",
        f"PUT {OBJECT}?partNumber=2&uploadId={{upload}}",
        (SOURCE, ("x-amz-copy-source-range", "bytes=1-25")),
    ),
    Request("CompleteMultipartUpload", f"POST {OBJECT}?uploadId={{upload}}", body=_complete(1)),
    Request("CompleteMultipartUpload, of nothing", f"POST {OBJECT}?uploadId={{upload}}", body=_complete()),
    Request("AbortMultipartUpload", f"DELETE {OBJECT}?uploadId={{upload}}"),
    Request("ListParts", f"GET {OBJECT}?uploadId={{upload}}"),
    Request("ListObjectsV2", "GET /{bucket}?list-type=2"),
    Request("ListMultipartUploads", "GET /{bucket}?uploads"),
    Request("DeleteBucket", "DELETE /{bucket}"),
    Request("CreateBucket", "PUT /{bucket}"),
]
CUT_IN = [
    "PutObject",
    "PutObject, other metadata",
    "DeleteObject",
    "CopyObject, in place",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "DeleteBucket",
    "CreateBucket",
]
WITHOUT_OBJECTS = ["UploadPartCopy, a range", "CompleteMultipartUpload", "CopyObject", "DeleteBucket", "CreateBucket"]
BY_NAME = {request.name: request for request in REQUESTS}


@pytest.fixture(scope="module")
def pairs() -> Iterator[Arena]:
    with arena("memory") as made:
        yield made


def check_within(pairs: Arena, first: str, body: bytes) -> None:
    for second in CUT_IN:
        at = 0
        while at <= pairs.check((BY_NAME[first], BY_NAME[second]), cutting_in(at), body):
            at += 1


@pytest.mark.parametrize("first", BY_NAME)
def test_a_request_within_another(pairs: Arena, first: str) -> None:
    check_within(pairs, first, SMALL)


@pytest.mark.parametrize("first", WITHOUT_OBJECTS)
def test_a_request_within_another_without_objects(pairs: Arena, first: str) -> None:
    check_within(pairs, first, NO_OBJECTS)


def test_the_requests_are_answered_when_they_come_alone() -> None:
    """Else the tests above would compare refusals."""
    refused = {request.name for request in REQUESTS if not in_order((request,), SMALL)[0][0].startswith("(20")}
    assert refused == {"PutObject, if none", "CompleteMultipartUpload, of nothing", "DeleteBucket"}
