"""Query and headers to input members: conversions, what is absent, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.wire.errors import S3Error
from tests.emulator.wire.shapes import codec

OPERATIONS = codec().operations


def decode(name: str, query: dict[str, str | None] | None = None, headers: dict[str, str] | None = None) -> Any:
    return codec().decode_head(OPERATIONS[name], list((query or {}).items()), headers or {})


def refusal(name: str, query: dict[str, str | None] | None = None, headers: dict[str, str] | None = None) -> S3Error:
    with pytest.raises(S3Error) as caught:
        decode(name, query, headers)
    return caught.value


def test_headers_and_query_become_members() -> None:
    headers = {
        "content-type": "text/plain",
        "content-length": "3",
        "x-amz-meta-colour": "red",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        "if-none-match": "*",
        "host": "s3.localhost",
        "user-agent": "a client",
    }
    assert decode("PutObject", {"x-id": "PutObject"}, headers) == {
        "ContentType": "text/plain",
        "ContentLength": 3,
        "Metadata": {"colour": "red"},
        "StorageClass": "STANDARD_IA",
        "BucketKeyEnabled": True,
        "IfNoneMatch": "*",
    }


def test_metadata_is_always_there_for_operations_that_have_it() -> None:
    assert decode("PutObject") == {"Metadata": {}}
    assert decode("ListObjects") == {}


def test_a_member_of_another_operation_is_no_member() -> None:
    assert decode("GetObject", {"max-keys": "3"}, {"x-amz-copy-source": "b/k"}) == {}


@pytest.mark.parametrize("name", ["part-number-marker", "max-parts"])
def test_an_empty_number_is_as_if_not_sent(name: str) -> None:
    """aws-recorded:test_list_parts_empty_part_number_marker."""
    assert decode("ListParts", {"uploadId": "u", name: ""}) == {"UploadId": "u"}
    assert decode("ListParts", {"uploadId": "u", name: None}) == {"UploadId": "u"}


def test_an_empty_text_is_sent() -> None:
    assert decode("ListObjectsV2", {"prefix": "", "start-after": None}) == {"Prefix": "", "StartAfter": ""}


@pytest.mark.parametrize("text", ["abc", "1.5", "0x10", "1_000", "2147483648", "9" * 30, "٣", "--1", " "])
def test_a_count_that_is_no_number(text: str) -> None:
    error = refusal("ListObjects", {"max-keys": text})
    assert (error.code, error.message) == (
        "InvalidArgument",
        "Provided max-keys not an integer or within integer range",
    )
    assert error.fields == {"ArgumentName": "max-keys", "ArgumentValue": text}


def test_a_count_below_zero() -> None:
    error = refusal("ListObjects", {"max-keys": "-1"})
    assert error.message == "Argument maxKeys must be an integer between 0 and 2147483647"
    assert error.fields == {"ArgumentName": "maxKeys", "ArgumentValue": "-1"}


@pytest.mark.parametrize("text", ["0", "10001", "-1", "one"])
def test_a_part_number_out_of_range(text: str) -> None:
    """aws-recorded:test_complete_multipart_parts_order."""
    error = refusal("UploadPart", {"partNumber": text, "uploadId": "u"})
    assert error.message == "Part number must be an integer between 1 and 10000, inclusive"
    assert error.fields == {"ArgumentName": "partNumber", "ArgumentValue": text}


def test_dates_of_conditions() -> None:
    sent = {"if-modified-since": "Mon, 12 Oct 2009 17:50:30 GMT", "if-unmodified-since": "2009-10-12T17:50:30Z"}
    seen = datetime(2009, 10, 12, 17, 50, 30, tzinfo=UTC)
    assert decode("GetObject", headers=sent) == {"IfModifiedSince": seen, "IfUnmodifiedSince": seen}


def test_a_condition_that_is_no_date_is_ignored() -> None:
    """RFC 9110 section 13.1.3: a recipient MUST ignore an If-Modified-Since that is not a valid date."""
    assert decode("GetObject", headers={"if-modified-since": "soon", "if-unmodified-since": "never"}) == {}


def test_another_date_that_is_none_is_refused() -> None:
    error = refusal("PutObject", headers={"x-amz-object-lock-retain-until-date": "soon"})
    assert error.fields == {"ArgumentName": "x-amz-object-lock-retain-until-date", "ArgumentValue": "soon"}


def test_a_boolean_that_is_none_is_refused() -> None:
    error = refusal("DeleteObject", headers={"x-amz-bypass-governance-retention": "maybe"})
    assert (error.code, error.fields["ArgumentValue"]) == ("InvalidArgument", "maybe")


def test_lists_in_headers_with_and_without_blanks() -> None:
    """aws-recorded:test_get_object_attributes_with_space."""
    for text in ("ETag,Checksum", "ETag, Checksum", " ETag ,Checksum,"):
        found = decode("GetObjectAttributes", {"attributes": ""}, {"x-amz-object-attributes": text})
        assert found["ObjectAttributes"] == ["ETag", "Checksum"]


def test_texts_that_look_like_dates_stay_texts() -> None:
    """aws-recorded:test_s3_get_object_header_overrides; Expires of a put may be anything."""
    assert decode("GetObject", {"response-expires": "soon"}) == {"ResponseExpires": "soon"}
    assert decode("PutObject", headers={"expires": "0"}) == {"Expires": "0", "Metadata": {}}


def test_the_first_of_repeated_parameters_counts() -> None:
    pairs = [("prefix", "a"), ("prefix", "b")]
    assert codec().decode_head(OPERATIONS["ListObjects"], pairs, {}) == {"Prefix": "a"}


def test_headers_in_the_query_of_a_presigned_url() -> None:
    """aws-recorded:test_presigned_url_v4_x_amz_in_qs."""
    query: dict[str, str | None] = {
        "x-amz-meta-foo": "bar",
        "X-Amz-Acl": "private",
        "x-amz-storage-class": "STANDARD",
        "X-Amz-Signature": "s",
        "x-amz-meta-name": "é",
    }
    assert decode("PutObject", query, {"x-amz-storage-class": "GLACIER"}) == {
        "Metadata": {"foo": "bar", "name": "é"},
        "ACL": "private",
        "StorageClass": "GLACIER",
    }


def test_a_required_header_that_is_missing() -> None:
    error = refusal("GetObjectAttributes", {"attributes": ""})
    assert (error.code, error.fields) == ("MissingSecurityHeader", {"MissingHeaderName": "x-amz-object-attributes"})


def test_a_required_parameter_that_is_missing() -> None:
    assert refusal("PutBucketAnalyticsConfiguration", {"analytics": ""}).fields == {"ArgumentName": "id"}


@pytest.mark.parametrize(("name", "member"), [("PutBucketVersioning", None), ("DeleteObjects", None)])
def test_a_required_document_that_is_missing(name: str, member: None) -> None:
    with pytest.raises(S3Error) as caught:
        codec().decode_body(OPERATIONS[name], b"")
    assert caught.value.code == "MissingRequestBodyError"


def test_an_optional_document_that_is_missing() -> None:
    assert codec().decode_body(OPERATIONS["CreateBucket"], b"") == {}
    assert codec().decode_body(OPERATIONS["CompleteMultipartUpload"], b"") == {}


def test_an_operation_without_a_document_ignores_bytes() -> None:
    assert codec().decode_body(OPERATIONS["GetObject"], b"<x") == {}
    assert codec().decode_body(OPERATIONS["PutObject"], b"<x") == {}
    assert OPERATIONS["PutObject"].streams_in
    assert not OPERATIONS["DeleteObjects"].streams_in


def test_a_policy_is_taken_as_text() -> None:
    assert codec().decode_body(OPERATIONS["PutBucketPolicy"], b'{"a": "\xc3\xa9"}') == {"Policy": '{"a": "é"}'}
    with pytest.raises(S3Error) as caught:
        codec().decode_body(OPERATIONS["PutBucketPolicy"], b"\xff")
    assert caught.value.code == "MalformedPolicy"


def test_etags_of_a_part_list_keep_their_quotes() -> None:
    body = b"<CompleteMultipartUpload><Part><ETag>&quot;e&quot;</ETag><PartNumber>-1</PartNumber></Part>"
    found = codec().decode_body(OPERATIONS["CompleteMultipartUpload"], body + b"</CompleteMultipartUpload>")
    assert found == {"MultipartUpload": {"Parts": [{"ETag": '"e"', "PartNumber": -1}]}}


@given(
    st.sampled_from(sorted(OPERATIONS)),
    st.dictionaries(st.sampled_from(["max-keys", "partNumber", "prefix", "uploadId", "X-Amz-Date", "q"]), st.text()),
    st.dictionaries(
        st.sampled_from(["range", "x-amz-meta-a", "if-modified-since", "content-length", "x-amz-mp-object-size"]),
        st.text(st.characters(max_codepoint=255)),
    ),
)
def test_any_head_decodes_or_is_refused(name: str, query: dict[str, Any], headers: dict[str, str]) -> None:
    status, found = 400, {}
    try:
        found = decode(name, query, headers)
    except S3Error as error:
        status = error.status
    shape = OPERATIONS[name].input
    assert status == 400
    assert set(found) <= set(shape.members if shape is not None else ())
