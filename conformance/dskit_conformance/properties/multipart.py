"""MPU: the least size of a part, numbers out of range and malformed ranges on the wire."""

from __future__ import annotations

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]


def least_part(probe: Probe) -> None:
    """One byte less than the least is refused, and the upload goes on; exactly the least is taken."""
    least = probe.executor.model.min_part
    label = probe.upload("a")
    for number in (2, 3, 4):
        probe.run("upload_part", upload=label, number=number, size=min(number, least), salt=number)
    probe.run("upload_part", upload=label, number=1, size=least - 1, salt=1)
    for others in ([2], [3], [4], [2, 3], [2, 3, 4]):
        probe.run("complete", upload=label, parts=[[number, "current"] for number in (1, *others)])
    probe.run("head", key="a")
    probe.run("upload_part", upload=label, number=1, size=least, salt=1)
    probe.run("complete", upload=label, parts=[[1, "current"], [4, "current"]])
    probe.run("head", key="a")
    alone = probe.upload("b")
    probe.run("upload_part", upload=alone, number=7, size=min(least - 1, 1000), salt=3)
    probe.run("complete", upload=alone, parts=[[7, "current"]])
    probe.run("head", key="b")


def part_order(probe: Probe) -> None:
    """Parts that are large enough, listed in the wrong order and twice; then rightly."""
    least = probe.executor.model.min_part
    label = probe.upload("a")
    probe.run("upload_part", upload=label, number=3, size=least, salt=2)
    probe.run("upload_part", upload=label, number=1, size=least, salt=1)
    for wrong in ([3, 1], [1, 1, 3], [3, 3], [1, 3, 1], [3, 1, 3], [1, 3, 3], [1, 1], [3, 1, 1]):
        probe.run("complete", upload=label, parts=[[number, "current"] for number in wrong])
    probe.run("head", key="a")
    probe.run("complete", upload=label, parts=[[1, "current"], [3, "current"]])
    probe.run("get", key="a")
    if probe.supports.get_part_number:
        for number in (1, 2, 3):
            probe.run("get", key="a", part_number=number)


def numbers(probe: Probe) -> None:
    label = probe.upload("a")
    for number in (0, -1, 10_001):
        probe.run("upload_part", upload=label, number=number, size=2, salt=1)
    for number in (1, 10_000):
        probe.run("upload_part", claim("MPU-10", "status", "ok"), upload=label, number=number, size=2, salt=1)
    if probe.supports.list_parts:
        probe.run("list_parts", upload=label)


def numbers_on_the_wire(probe: Probe) -> None:
    label = probe.upload("a")
    for number in (0, -1, 10_001):
        probe.raw(
            "UploadPart",
            claim("MPU-10", "status", "InvalidArgument"),
            Key={"$key": "a"},
            UploadId={"$upload": label},
            PartNumber=number,
            Body={"$bytes": [2, 1]},
        )
    probe.run("list_parts", upload=label)


def copy_ranges_on_the_wire(probe: Probe) -> None:
    probe.run("put", key="s", size=10, salt=4)
    label = probe.upload("a")
    for span in ("0-8", "bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=0-1,3-4", "bytes=-2", "bytes=2-", "bytes=0-10"):
        probe.raw(
            "UploadPartCopy",
            claim("MPU-18", "status", "InvalidArgument"),
            Key={"$key": "a"},
            UploadId={"$upload": label},
            PartNumber=1,
            CopySource={"$source": "s"},
            CopySourceRange=span,
        )
    for first, last in ((0, 9), (0, 0), (9, 9), (3, 5)):
        probe.run("upload_part_copy", upload=label, number=1, source="s", range=[first, last])
        if probe.supports.list_parts:
            probe.run("list_parts", upload=label)
    probe.run("complete", upload=label, parts=[[1, "current"]])
    probe.run("get", key="a")


def no_parts(probe: Probe) -> None:
    """Without a part, and with one that was never sent; afterwards the upload still works."""
    label = probe.upload("a")
    probe.run("complete", upload=label, parts=[])
    probe.run("upload_part", upload=label, number=1, size=3, salt=1)
    probe.run("complete", upload=label, parts=[])
    probe.run("complete", upload=label, parts=[[1, "current"], [2, "wrong"]])
    probe.run("complete", upload=label, parts=[[1, "current"]])
    probe.run("get", key="a")
    probe.run("complete", upload=label, parts=[[1, "current"]])
    probe.run("get", key="a")


def finished(probe: Probe) -> None:
    """Every verb on an upload that was aborted."""
    probe.put("a")
    label = probe.upload("a")
    probe.run("upload_part", upload=label, number=1, size=3, salt=1)
    probe.run("abort", upload=label)
    probe.run("upload_part", upload=label, number=1, size=3, salt=1)
    probe.run("complete", upload=label, parts=[[1, "current"]])
    probe.run("abort", upload=label)
    if probe.supports.list_parts:
        probe.run("list_parts", upload=label)
    if probe.supports.list_uploads:
        probe.run("list_uploads")
    probe.run("get", key="a")


def parts_listed(probe: Probe) -> None:
    """Numbers with gaps, sent in another order, on pages of every size."""
    label = probe.upload("a")
    for number in probe.draw.shuffled((1, 2, 5, 9, 10, 10_000)):
        probe.run("upload_part", upload=label, number=number, size=number % 7, salt=number)
    for size in (1, 2, 3, 1000):
        probe.run("list_parts", upload=label, max_parts=size)


def uploads_listed(probe: Probe) -> None:
    for key in ("c", "a/1", "b", "a/2", "a", "b"):
        probe.upload(key)
    for size in (1, 2, 3, 1000):
        probe.run("list_uploads", max_uploads=size)
    for prefix in ("a", "a/", "b", "z"):
        probe.run("list_uploads", prefix=prefix)
    if probe.supports.list_uploads_delimiter:
        probe.run("list_uploads", delimiter="/")
        probe.run("list_uploads", prefix="a", delimiter="/")


CHECKS = (
    Directed("least part", ("MPU-06",), least_part, ("multipart",), most=5),
    Directed("part order", ("MPU-01", "MPU-04"), part_order, ("multipart",), most=4),
    Directed("part numbers", ("MPU-10",), numbers, ("multipart",)),
    Directed("part numbers on the wire", ("MPU-10",), numbers_on_the_wire, ("multipart", "raw", "list_parts"), most=2),
    Directed("copied ranges on the wire", ("MPU-18",), copy_ranges_on_the_wire, ("multipart_copy", "raw"), most=2),
    Directed("completion without parts", ("MPU-16", "MPU-17", "MPU-19"), no_parts, ("multipart",)),
    Directed("aborted upload", ("MPU-08",), finished, ("multipart",), most=5),
    Directed("parts listed", ("MPU-13",), parts_listed, ("multipart", "list_parts"), most=3),
    Directed("uploads listed", ("MPU-14",), uploads_listed, ("multipart", "list_uploads"), most=5),
)
