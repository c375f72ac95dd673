"""Addresses: a target is split first, decoded once, and never normalised."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.address import Addressing, CopySource, parse_copy_source
from dskit_emulator.wire.errors import S3Error

LOCAL = "127.0.0.1:9000"
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def parse(target: str, host: str = LOCAL, domains: tuple[str, ...] = ()) -> tuple[str | None, str | None]:
    address = Addressing(domains).parse(RequestHead("GET", target, [("host", host)]))
    return address.bucket, address.key


def code_of(target: str) -> str:
    with pytest.raises(S3Error) as refused:
        parse(target)
    assert refused.value.code
    return refused.value.code


@pytest.mark.parametrize(
    ("target", "bucket", "key"),
    [
        ("/", None, None),
        ("/?x-id=ListBuckets", None, None),
        ("/bucket", "bucket", None),
        ("/bucket?list-type=2", "bucket", None),
        ("/bucket/", "bucket", None),
        ("/bucket//", "bucket", "/"),
        ("/bucket/a", "bucket", "a"),
        ("/bucket/a/", "bucket", "a/"),
        ("/bucket//a", "bucket", "/a"),
        ("/bucket/a//b", "bucket", "a//b"),
        ("/bucket/../x", "bucket", "../x"),
        ("/bucket/./x/..", "bucket", "./x/.."),
        ("/bucket/a%2Fb", "bucket", "a/b"),
        ("/bucket/a%252Fb", "bucket", "a%2Fb"),
        ("/bucket/a+b", "bucket", "a+b"),
        ("/bucket/a%20b", "bucket", "a b"),
        ("/bucket/a%0Ab", "bucket", "a\nb"),
        ("/bucket/a%00b", "bucket", "a\0b"),
        ("/bucket/a%3Fb?c", "bucket", "a?b"),
        ("/bucket/a&b=c", "bucket", "a&b=c"),
        ("/bucket/%C3%A9", "bucket", "é"),
        ("/bucket/\xc3\xa9", "bucket", "é"),
        ("/bucket/%e2%82%ac", "bucket", "€"),
        ("/b%75cket/k", "bucket", "k"),
        ("/a%2Fb/k", "a/b", "k"),
        ("http://host:1/bucket/a//b", "bucket", "a//b"),
        ("HTTPS://host/bucket/k?x", "bucket", "k"),
        ("http://host", None, None),
        ("http://host?x", None, None),
        ("http://user@host/bucket", "bucket", None),
        ("*", None, None),
    ],
)
def test_path_style(target: str, bucket: str | None, key: str | None) -> None:
    assert parse(target) == (bucket, key)


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("bucket.s3.localhost", "bucket"),
        ("bucket.s3.localhost:9000", "bucket"),
        ("BUCKET.S3.LocalHost:9000", "bucket"),
        ("bucket.s3.localhost.", "bucket"),
        ("my.dotted.bucket.s3.localhost", "my.dotted.bucket"),
        ("bucket.localhost:9000", "bucket"),
        ("bucket.s3.amazonaws.com", "bucket"),
        ("my.bucket.s3.amazonaws.com:443", "my.bucket"),
        ("bucket.s3.eu-west-1.amazonaws.com", "bucket"),
        ("bucket.s3-eu-west-1.amazonaws.com", "bucket"),
        ("bucket.s3.dualstack.us-gov-west-1.amazonaws.com", "bucket"),
        ("bucket.s3-fips.us-east-1.amazonaws.com", "bucket"),
        ("bucket.s3-accelerate.amazonaws.com", "bucket"),
        ("bucket.s3-accelerate.dualstack.amazonaws.com", "bucket"),
        ("bucket.s3.cn-north-1.amazonaws.com.cn", "bucket"),
        ("bucket.storage.example.org", "bucket"),
        ("bucket.s3.example.org", "bucket"),
    ],
)
def test_virtual_host_style(host: str, bucket: str) -> None:
    domains = ("storage.example.org", "S3.example.org.")
    assert parse("/", host, domains) == (bucket, None)
    assert parse("/a//b%2F", host, domains) == (bucket, "a//b/")
    assert parse("//", host, domains) == (bucket, "/")
    assert parse("/bucket/key", host, domains) == (bucket, "bucket/key")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1:9000",
        "[::1]:9000",
        "localhost:9000",
        "s3.localhost",
        "s3.amazonaws.com",
        "s3.eu-west-1.amazonaws.com",
        "s3-us-west-2.amazonaws.com",
        "s3.dualstack.eu-west-1.amazonaws.com",
        "storage.example.org",
        "other.example.org",
        "bucket.s3-website-us-east-1.amazonaws.com",
        "notamazonaws.com",
    ],
)
def test_other_hosts_are_path_style(host: str) -> None:
    assert parse("/bucket/key", host, ("storage.example.org",)) == ("bucket", "key")


def test_the_longest_domain_wins() -> None:
    assert parse("/k", "b.s3.example.org", ("example.org", "s3.example.org")) == ("b", "k")
    assert parse("/k", "b.example.org", ("example.org", "s3.example.org")) == ("b", "k")


def test_absolute_form_stands_for_the_host_header() -> None:
    assert parse("http://bucket.s3.localhost/k", LOCAL) == ("bucket", "k")


@pytest.mark.parametrize(
    "target",
    ["/bucket/%", "/bucket/%2", "/bucket/%zz", "/bucket/a%C3", "/bucket/%FF", "/bucket?prefix=%FF", "/b?%G0", "k", ""],
)
def test_targets_that_are_not_utf8_once_decoded_are_refused(target: str) -> None:
    assert code_of(target) == "InvalidURI"


def test_an_empty_bucket_is_no_bucket_name() -> None:
    assert code_of("//key") == "InvalidBucketName"


def test_query_keeps_order_repetition_and_absence() -> None:
    head = RequestHead("GET", "/b?uploads&prefix=a+b%2Bc&&x=&x=2&a%3Db=%26", [("host", LOCAL)])
    address = Addressing().parse(head)
    assert address.query == [("uploads", None), ("prefix", "a b+c"), ("x", ""), ("x", "2"), ("a=b", "&")]
    assert address.params == {"uploads": "", "prefix": "a b+c", "x": "", "a=b": "&"}
    assert address.raw_path == "/b"
    assert address.raw_query == "uploads&prefix=a+b%2Bc&&x=&x=2&a%3Db=%26"


@given(KEYS)
def test_every_key_survives_whatever_its_encoding(key: str) -> None:
    assert parse("/bucket/" + quote(key, safe="/~")) == ("bucket", key)
    assert parse("/bucket/" + quote(key, safe="")) == ("bucket", key)
    assert parse("/bucket/" + "".join(f"%{byte:02x}" for byte in key.encode())) == ("bucket", key)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("bucket/key", CopySource("bucket", "key")),
        ("/bucket/key", CopySource("bucket", "key")),
        ("/bucket/a//b/", CopySource("bucket", "a//b/")),
        ("bucket//lead", CopySource("bucket", "/lead")),
        ("%2Fbucket%2Fa%2Fb", CopySource("bucket", "a/b")),
        ("bucket%2Fa%252Fb", CopySource("bucket", "a%2Fb")),
        ("bucket/a%2Bb", CopySource("bucket", "a+b")),
        ("bucket/a+b", CopySource("bucket", "a b")),
        ("bucket/a%20b", CopySource("bucket", "a b")),
        ("bucket/a?b", CopySource("bucket", "a?b")),
        ("bucket/a%3Fb", CopySource("bucket", "a?b")),
        ("bucket/a%3FversionId=1", CopySource("bucket", "a?versionId=1")),
        ("bucket/k?versionId=null", CopySource("bucket", "k", "null")),
        ("bucket/a?b?versionId=3%2F4", CopySource("bucket", "a?b", "3/4")),
        ("bucket/k?versionid=1", CopySource("bucket", "k?versionid=1")),
        ("bucket/%C3%A9", CopySource("bucket", "é")),
        ("bucket/\xc3\xa9", CopySource("bucket", "é")),
    ],
)
def test_copy_source(value: str, source: CopySource) -> None:
    assert parse_copy_source(value) == source


@pytest.mark.parametrize(
    "value", ["", "/", "key", "/bucket", "bucket/", "//key", "bucket/%", "bucket/%FF", "b/k?versionId="]
)
def test_bad_copy_sources_are_invalid_arguments(value: str) -> None:
    with pytest.raises(S3Error) as refused:
        parse_copy_source(value)
    assert refused.value.code == "InvalidArgument"
    assert refused.value.fields["ArgumentName"] == "x-amz-copy-source"


def test_a_copy_source_without_a_key_has_the_recorded_answer() -> None:
    """aws-recorded:test_s3_copy_object_wrong_format."""
    with pytest.raises(S3Error) as refused:
        parse_copy_source("wrongformat")
    assert refused.value.message == "Invalid copy source object key"
    assert refused.value.fields["ArgumentValue"] == "x-amz-copy-source"


@pytest.mark.parametrize("encode", [False, True])
def test_access_point_sources_are_not_built(encode: bool) -> None:
    value = "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/key"
    with pytest.raises(S3Error) as refused:
        parse_copy_source(quote(value, safe="") if encode else value)
    assert refused.value.code == "NotImplemented"


@given(KEYS)
def test_every_key_is_a_copy_source(key: str) -> None:
    assert parse_copy_source("bucket/" + quote(key, safe="/~")) == CopySource("bucket", key)
