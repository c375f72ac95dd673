"""OBJ: metadata limits, response overrides, digests on the wire, buckets that are missing or full."""

from __future__ import annotations

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_LIMIT = 2048
_BAD_MD5 = ("__invalid__", "000", "not base64 encoded checksum", "MTIz", "dGVzdC1zdHJpbmc=")
_VERBS = ("put", "get", "head", "delete", "list_page")
_MORE = {
    "copy": "copy",
    "copy_from": "copy_from_bucket",
    "delete_many": "delete_many",
    "create_multipart_upload": "multipart",
    "list_uploads": "list_uploads",
}


def metadata_limit(probe: Probe) -> None:
    """Names and values together: 2,048 bytes are kept, one more is refused and changes nothing."""
    kept = claim("OBJ-15", "status", "ok")
    refused = claim("OBJ-15", "status", "MetadataTooLarge")
    many = {f"name{number:02d}": "v" * 26 for number in range(_LIMIT // 32)}
    for size, answer in ((_LIMIT, kept), (_LIMIT + 1, refused), (_LIMIT + 500, refused)):
        metadata = {"k": "v" * (size - 1)}
        probe.put("one", 3, answer, metadata=metadata)
        probe.run("head" if probe.draw.chance(50) else "get", key="one")
    probe.put("many", 3, kept, metadata=many)
    probe.run("head", key="many")
    probe.put("many", 4, refused, metadata={**many, "x": ""})
    probe.run("get", key="many")
    probe.put("new", 4, refused, metadata={**many, "xy": "z"})
    probe.run("get", key="new")


def metadata_limit_on_the_wire(probe: Probe) -> None:
    """The same, past any check of a client."""
    probe.raw(
        "PutObject",
        claim("OBJ-15", "status", "MetadataTooLarge"),
        Key={"$key": "a"},
        Body={"$bytes": [3, 1]},
        Metadata={"k": "v" * _LIMIT},
    )
    probe.run("get", key="a")


def response_overrides(probe: Probe) -> None:
    probe.put("a", 7, content_type="text/plain", cache_control="no-cache")
    asked = {
        "ResponseContentType": ("ContentType", "application/x-other"),
        "ResponseCacheControl": ("CacheControl", "max-age=1"),
        "ResponseContentDisposition": ("ContentDisposition", "inline"),
        "ResponseContentLanguage": ("ContentLanguage", "de"),
        "ResponseContentEncoding": ("ContentEncoding", "x-test"),
    }
    for name, (where, value) in asked.items():
        probe.raw(
            "GetObject",
            claim("OBJ-17", "status", "ok"),
            claim("OBJ-17", where, value),
            Key={"$key": "a"},
            **{name: value},
        )
    probe.raw(
        "GetObject",
        claim("OBJ-17", "ContentType", "text/plain"),
        claim("OBJ-17", "CacheControl", "no-cache"),
        Key={"$key": "a"},
    )
    probe.run("get", key="a")


def digests_on_the_wire(probe: Probe) -> None:
    """What a client would refuse to send, or repair."""
    probe.put("a", 9)
    for value in _BAD_MD5:
        probe.raw(
            "PutObject",
            claim("OBJ-18", "status", "InvalidDigest"),
            Key={"$key": "a"},
            Body={"$bytes": [4, 2]},
            ContentMD5=value,
        )
    probe.raw(
        "PutObject",
        claim("OBJ-18", "status", "BadDigest"),
        Key={"$key": "a"},
        Body={"$bytes": [4, 2]},
        ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==",
    )
    probe.run("get", key="a")


def checksums_on_the_wire(probe: Probe) -> None:
    probe.put("a", 9)
    wrong = {"ChecksumCRC32": "AAAAAA==", "ChecksumSHA256": "A" * 43 + "=", "ChecksumSHA1": "A" * 27 + "="}
    for name, value in wrong.items():
        probe.raw(
            "PutObject",
            claim("OBJ-19", "status", "BadDigest"),
            Key={"$key": "a"},
            Body={"$bytes": [4, 2]},
            **{name: value},
        )
    for value in ("x", "AAAA"):
        probe.raw(
            "PutObject",
            claim("OBJ-19", "status", "InvalidRequest"),
            Key={"$key": "a"},
            Body={"$bytes": [4, 2]},
            ChecksumCRC32=value,
        )
    probe.run("get", key="a")


def missing_bucket(probe: Probe) -> None:
    verbs = [*_VERBS, "delete_bucket", *(verb for verb, need in _MORE.items() if getattr(probe.supports, need))]
    for verb in verbs:
        # the answer to HEAD has no document that could name the bucket
        named = ("NoSuchBucket", "NoSuchKey") if verb == "head" else ("NoSuchBucket",)
        probe.run("without_bucket", claim("OBJ-21", "status", *named), verb=verb)
    for key in ("a", "b/c"):
        probe.put(key)
        probe.run("delete_bucket", claim("OBJ-21", "status", "BucketNotEmpty"))
        probe.run("get", claim("OBJ-21", "status", "ok"), key=key)
    probe.run("list")


CHECKS = (
    Directed("metadata limit", ("OBJ-15",), metadata_limit, ("put_metadata",)),
    Directed("metadata limit on the wire", ("OBJ-15",), metadata_limit_on_the_wire, ("raw",), most=1),
    Directed("response overrides", ("OBJ-17",), response_overrides, ("raw",)),
    Directed("digests on the wire", ("OBJ-18",), digests_on_the_wire, ("raw",), most=2),
    Directed("checksums on the wire", ("OBJ-19",), checksums_on_the_wire, ("raw",), most=2),
    Directed("missing bucket", ("OBJ-21",), missing_bucket, ("buckets",), own_bucket=True),
)
