"""Answers byte by byte: roots, order of elements, forced elements, statuses, headers. Goldens, because the parser of
botocore looks at none of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.wire.listing import url_encode, url_encode_all
from tests.emulator.wire.shapes import codec

SEEN = datetime(2009, 10, 12, 17, 50, 30, 123456, tzinfo=UTC)
ISO = "2009-10-12T17:50:30.000Z"
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
OWNER = {"DisplayName": "d", "ID": "i"}
OBJECT = {
    "StorageClass": "STANDARD",
    "Owner": OWNER,
    "Size": 3,
    "ChecksumType": "FULL_OBJECT",
    "ChecksumAlgorithm": ["CRC32"],
    "ETag": '"e"',
    "LastModified": SEEN,
    "Key": "k",
}
OBJECT_XML = (
    f"<Key>k</Key><LastModified>{ISO}</LastModified><ETag>&quot;e&quot;</ETag><ChecksumAlgorithm>CRC32"
    "</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>3</Size><Owner><ID>i</ID><DisplayName>d"
    "</DisplayName></Owner><StorageClass>STANDARD</StorageClass>"
)

GOLDEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "buckets": (
        "ListBuckets",
        {
            "Buckets": [{"Name": "b", "CreationDate": SEEN, "BucketRegion": "eu-west-1"}],
            "Owner": {"ID": "i"},
            "ContinuationToken": "t",
            "Prefix": "",
        },
        (
            f"<ListAllMyBucketsResult {XMLNS}><Owner><ID>i</ID></Owner><Buckets><Bucket><Name>b</Name>"
            f"<CreationDate>{ISO}"
            "</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets><Prefix></Prefix>"
            "<ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>"
        ),
    ),
    "no buckets": (
        "ListBuckets",
        {"Buckets": [], "Owner": {"ID": "i"}},
        f"<ListAllMyBucketsResult {XMLNS}><Owner><ID>i</ID></Owner><Buckets/></ListAllMyBucketsResult>",
    ),
    "location": (
        "GetBucketLocation",
        {"LocationConstraint": "eu-west-1"},
        f"<LocationConstraint {XMLNS}>eu-west-1</LocationConstraint>",
    ),
    "location of us-east-1": ("GetBucketLocation", {}, f"<LocationConstraint {XMLNS}/>"),
    "versioning never set": ("GetBucketVersioning", {}, f"<VersioningConfiguration {XMLNS}/>"),
    "objects": (
        "ListObjects",
        {
            "IsTruncated": True,
            "Contents": [OBJECT],
            "CommonPrefixes": [{"Prefix": "p/"}],
            "NextMarker": "p/",
            "Delimiter": "/",
            "EncodingType": "url",
            "MaxKeys": 2,
            "Name": "b",
        },
        (
            f"<ListBucketResult {XMLNS}><Name>b</Name><Prefix></Prefix><Marker></Marker><NextMarker>p/</NextMarker>"
            "<MaxKeys>2</MaxKeys><Delimiter>/</Delimiter><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
            f"<Contents>{OBJECT_XML}</Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>"
        ),
    ),
    "objects, second version": (
        "ListObjectsV2",
        {
            "IsTruncated": False,
            "Contents": [OBJECT, {"Key": "l", "Size": 0}],
            "KeyCount": 2,
            "MaxKeys": 1000,
            "Name": "b",
            "Prefix": "k",
            "StartAfter": "a",
            "ContinuationToken": "t",
        },
        (
            f"<ListBucketResult {XMLNS}><Name>b</Name><Prefix>k</Prefix><StartAfter>a</StartAfter><ContinuationToken>t"
            "</ContinuationToken><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
            f"<Contents>{OBJECT_XML}</Contents><Contents><Key>l</Key><Size>0</Size></Contents></ListBucketResult>"
        ),
    ),
    "versions": (
        "ListObjectVersions",
        {"Name": "b", "IsTruncated": False, "MaxKeys": 1000, "Versions": [{"Key": "k", "VersionId": "null"}]},
        (
            f"<ListVersionsResult {XMLNS}><Name>b</Name><Prefix></Prefix><KeyMarker></KeyMarker><VersionIdMarker>"
            "</VersionIdMarker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Version><Key>k</Key>"
            "<VersionId>null</VersionId></Version></ListVersionsResult>"
        ),
    ),
    "initiated": (
        "CreateMultipartUpload",
        {"UploadId": "u", "Key": "k", "Bucket": "b"},
        (
            f"<InitiateMultipartUploadResult {XMLNS}><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId>"
            "</InitiateMultipartUploadResult>"
        ),
    ),
    "completed": (
        "CompleteMultipartUpload",
        {"ETag": '"e-1"', "Key": "k", "Bucket": "b", "Location": "http://b/k", "ChecksumCRC64NVME": "c"},
        (
            f"<CompleteMultipartUploadResult {XMLNS}><Location>http://b/k</Location><Bucket>b</Bucket><Key>k</Key>"
            "<ETag>&quot;e-1&quot;</ETag><ChecksumCRC64NVME>c</ChecksumCRC64NVME></CompleteMultipartUploadResult>"
        ),
    ),
    "parts": (
        "ListParts",
        {
            "Parts": [{"Size": 3, "ETag": '"e"', "LastModified": SEEN, "PartNumber": 1, "ChecksumCRC32": "c"}],
            "Owner": OWNER,
            "Initiator": OWNER,
            "IsTruncated": False,
            "MaxParts": 1000,
            "NextPartNumberMarker": 1,
            "PartNumberMarker": 0,
            "StorageClass": "STANDARD",
            "UploadId": "u",
            "Key": "k",
            "Bucket": "b",
        },
        (
            f"<ListPartsResult {XMLNS}><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId><Initiator><ID>i</ID>"
            "<DisplayName>d</DisplayName></Initiator><Owner><ID>i</ID><DisplayName>d</DisplayName></Owner><StorageClass>"
            "STANDARD</StorageClass><PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1</NextPartNumberMarker>"
            "<MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><LastModified>"
            f"{ISO}</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size><ChecksumCRC32>c</ChecksumCRC32></Part>"
            "</ListPartsResult>"
        ),
    ),
    "uploads": (
        "ListMultipartUploads",
        {
            "Uploads": [{"Initiated": SEEN, "StorageClass": "STANDARD", "Owner": OWNER, "UploadId": "u", "Key": "k"}],
            "IsTruncated": False,
            "MaxUploads": 1000,
            "Bucket": "b",
        },
        (
            f"<ListMultipartUploadsResult {XMLNS}><Bucket>b</Bucket><KeyMarker></KeyMarker><UploadIdMarker>"
            "</UploadIdMarker><NextKeyMarker></NextKeyMarker><NextUploadIdMarker></NextUploadIdMarker><MaxUploads>1000"
            "</MaxUploads><IsTruncated>false</IsTruncated><Upload><Key>k</Key><UploadId>u</UploadId><Owner><ID>i</ID>"
            f"<DisplayName>d</DisplayName></Owner><StorageClass>STANDARD</StorageClass><Initiated>{ISO}</Initiated>"
            "</Upload></ListMultipartUploadsResult>"
        ),
    ),
    "copied": (
        "CopyObject",
        {
            "CopyObjectResult": {
                "ETag": '"e"',
                "LastModified": SEEN,
                "ChecksumCRC32": "c",
                "ChecksumType": "FULL_OBJECT",
            }
        },
        (
            f"<CopyObjectResult {XMLNS}><LastModified>{ISO}</LastModified><ETag>&quot;e&quot;</ETag><ChecksumType>"
            "FULL_OBJECT</ChecksumType><ChecksumCRC32>c</ChecksumCRC32></CopyObjectResult>"
        ),
    ),
    "part copied": (
        "UploadPartCopy",
        {"CopyPartResult": {"ETag": '"e"', "LastModified": SEEN}},
        f"<CopyPartResult {XMLNS}><LastModified>{ISO}</LastModified><ETag>&quot;e&quot;</ETag></CopyPartResult>",
    ),
    "deleted": (
        "DeleteObjects",
        {
            "Errors": [{"Message": "m", "Code": "AccessDenied", "Key": "l"}],
            "Deleted": [{"Key": "k\r", "DeleteMarker": True}],
        },
        (
            f"<DeleteResult {XMLNS}><Deleted><Key>k&#13;</Key><DeleteMarker>true</DeleteMarker></Deleted><Error>"
            "<Key>l</Key>"
            "<Code>AccessDenied</Code><Message>m</Message></Error></DeleteResult>"
        ),
    ),
    "nothing deleted": ("DeleteObjects", {}, f"<DeleteResult {XMLNS}/>"),
    "attributes": (
        "GetObjectAttributes",
        {
            "ObjectSize": 7,
            "StorageClass": "STANDARD",
            "ETag": "e",
            "Checksum": {"ChecksumCRC32": "c", "ChecksumType": "FULL_OBJECT"},
            "ObjectParts": {"TotalPartsCount": 1, "Parts": [{"PartNumber": 1, "Size": 7}]},
        },
        (
            f"<GetObjectAttributesResponse {XMLNS}><ETag>e</ETag><Checksum><ChecksumCRC32>c</ChecksumCRC32>"
            "<ChecksumType>"
            "FULL_OBJECT</ChecksumType></Checksum><ObjectParts><PartsCount>1</PartsCount><Part><PartNumber>1</PartNumber>"
            "<Size>7</Size></Part></ObjectParts><StorageClass>STANDARD</StorageClass><ObjectSize>7</ObjectSize>"
            "</GetObjectAttributesResponse>"
        ),
    ),
    "access control": (
        "GetBucketAcl",
        {
            "Owner": {"ID": "i"},
            "Grants": [{"Permission": "FULL_CONTROL", "Grantee": {"Type": "CanonicalUser", "ID": "i"}}],
        },
        (
            f"<AccessControlPolicy {XMLNS}><Owner><ID>i</ID></Owner><AccessControlList><Grant><Grantee "
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>i</ID></Grantee>'
            "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"
        ),
    ),
    "no tags": ("GetObjectTagging", {"TagSet": []}, f"<Tagging {XMLNS}><TagSet/></Tagging>"),
}


@pytest.mark.parametrize(("name", "output", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_documents_byte_by_byte(name: str, output: dict[str, Any], expected: str) -> None:
    status, headers, body = codec().encode(codec().operations[name], output)
    assert status == 200
    assert headers == [("Content-Type", "application/xml")]
    assert body.decode() == '<?xml version="1.0" encoding="UTF-8"?>\n' + expected


@pytest.mark.parametrize("name", ["PutObject", "UploadPart", "DeleteObject", "CreateBucket", "HeadObject"])
def test_operations_without_a_document_send_no_bytes_and_no_type(name: str) -> None:
    _, headers, body = codec().encode(codec().operations[name], {})
    assert (headers, body) == ([], b"")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("PutObject", 200),
        ("DeleteObject", 204),
        ("DeleteBucket", 204),
        ("AbortMultipartUpload", 204),
        ("PutBucketPolicy", 204),
        ("PutBucketTagging", 204),
        ("PutBucketCors", 200),
        ("RestoreObject", 202),
    ],
)
def test_statuses_of_success(name: str, status: int) -> None:
    assert codec().encode(codec().operations[name], {})[0] == status


def test_an_object_s_headers_and_body() -> None:
    body = object()
    output = {
        "Body": body,
        "ContentLength": 3,
        "ETag": '"e"',
        "LastModified": SEEN,
        "ContentRange": "bytes 0-2/9",
        "DeleteMarker": False,
        "PartsCount": 2,
        "Expires": "0",
        "VersionId": None,
        "Metadata": {"a": "b", "c": "é"},
    }
    status, headers, sent = codec().encode(codec().operations["GetObject"], output, status=206)
    assert (status, sent) == (206, body)
    assert headers == [
        ("ETag", '"e"'),
        ("Last-Modified", "Mon, 12 Oct 2009 17:50:30 GMT"),
        ("Content-Range", "bytes 0-2/9"),
        ("x-amz-delete-marker", "false"),
        ("x-amz-mp-parts-count", "2"),
        ("Expires", "0"),
        ("x-amz-meta-a", "b"),
        ("x-amz-meta-c", "=?UTF-8?B?w6k=?="),
    ]


def test_a_retention_date_is_iso_even_in_a_header() -> None:
    """The model's timestampFormat wins over the place."""
    _, headers, _ = codec().encode(codec().operations["HeadObject"], {"ObjectLockRetainUntilDate": SEEN})
    assert headers == [("x-amz-object-lock-retain-until-date", ISO)]


def test_a_policy_is_json() -> None:
    _, headers, body = codec().encode(codec().operations["GetBucketPolicy"], {"Policy": '{"é": 1}'})
    assert headers == [("Content-Type", "application/json")]
    assert body == '{"é": 1}'.encode()


_VALUES = {
    "Key": st.text("a&%\r", max_size=3) | st.none(),
    "Size": st.integers(0, 9) | st.none(),
    "LastModified": st.sampled_from([SEEN, None]),
    "ETag": st.sampled_from(['"e"', "e", '"e-1"', '"<"', '"', "", None]),
    "ChecksumAlgorithm": st.sampled_from([["CRC32"], ["CRC32", "SHA1"], [], ("CRC32",), None]),
    "Owner": st.sampled_from([OWNER, {"ID": "%"}, {}, None]),
    "StorageClass": st.sampled_from(["STANDARD", "NEW&ONE", None]),
}


def _written(contents: list[dict[str, Any]]) -> bytes:
    body: bytes = codec().encode(codec().operations["ListObjectsV2"], {"Contents": contents})[2]
    start = body.find(b"<Prefix></Prefix>") + len(b"<Prefix></Prefix>")
    return body[start:].removesuffix(b"</ListBucketResult>").replace(b"<Contents/>", b"<Contents></Contents>")


@given(st.lists(st.sampled_from(sorted(_VALUES)), unique=True), st.booleans(), st.data())
def test_many_rows_are_written_like_one(members: list[str], alike: bool, data: st.DataObject) -> None:
    """Pages are written column by column, whatever is missing or None in some rows."""
    row = st.fixed_dictionaries({name: _VALUES[name] for name in members})
    free = st.fixed_dictionaries({}, optional=_VALUES)
    rows = data.draw(st.lists(row if alike else free, min_size=4, max_size=8))
    assert _written(rows) == b"".join(_written([one]) for one in rows)


@pytest.mark.parametrize("member", sorted(OBJECT))
@pytest.mark.parametrize("absent", [{0}, {2}, {0, 1, 2, 3}, {1, 2, 3}])
def test_a_member_that_some_rows_lack(member: str, absent: set[int]) -> None:
    rows = [{**OBJECT, member: None if number in absent else OBJECT[member]} for number in range(4)]
    assert _written(rows) == b"".join(_written([one]) for one in rows)
    tag = f"<{member}>".encode()
    assert _written(rows).count(tag) == 4 - len(absent)


def test_a_value_of_a_wrong_type_is_an_error_not_a_text() -> None:
    rows = [{"Key": 3}] * 8
    with pytest.raises(TypeError):
        codec().encode(codec().operations["ListObjectsV2"], {"Contents": rows})


class TestEncodingType:
    """aws-recorded:test_list_objects_v2_continuation_token_safe_chars, test_list_objects_with_prefix[%2F]."""

    @pytest.mark.parametrize(
        ("name", "encoded"),
        [
            ("test/foo/bar/123", "test/foo/bar/123"),
            ("date=2026-02-01/", "date%3D2026-02-01/"),
            ("%2F", "%252F"),
            ("a/\U0001f600/", "a/%F0%9F%98%80/"),
            ("a b+c", "a+b%2Bc"),
            ("-_.*~", "-_.*%7E"),
            ("\x01\r\n", "%01%0D%0A"),
            ("", ""),
        ],
    )
    def test_names(self, name: str, encoded: str) -> None:
        assert url_encode(name) == encoded

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_clients_read_back_every_name(self, name: str) -> None:
        """botocore, minio-py and the others undo it with a form decoder."""
        assert unquote_plus(url_encode(name)) == name

    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab/.*-_", min_size=1)))
    def test_a_page_is_encoded_as_its_keys_are(self, names: list[str]) -> None:
        assert list(url_encode_all(names)) == [url_encode(name) for name in names]
