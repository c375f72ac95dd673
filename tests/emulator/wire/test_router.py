"""Requests to operations: the model's rules, ties, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.wire import overlay
from dskit_emulator.wire.errors import S3Error
from tests.emulator.wire.shapes import codec


def route(method: str, level: str, query: str = "", **headers: str) -> str:
    params = dict(item.partition("=")[::2] for item in query.split("&") if item)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return codec().route(method, level, params, named).name


def refusal(method: str, level: str, query: str = "", **headers: str) -> S3Error:
    with pytest.raises(S3Error) as caught:
        route(method, level, query, **headers)
    return caught.value


@pytest.mark.parametrize(
    ("method", "level", "query", "expected"),
    [
        ("GET", "service", "", "ListBuckets"),
        ("PUT", "bucket", "", "CreateBucket"),
        ("HEAD", "bucket", "", "HeadBucket"),
        ("DELETE", "bucket", "", "DeleteBucket"),
        ("GET", "bucket", "", "ListObjects"),
        ("GET", "bucket", "prefix=a&delimiter=/", "ListObjects"),
        ("GET", "bucket", "list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "bucket", "list-type=1", "ListObjects"),
        ("GET", "bucket", "versions", "ListObjectVersions"),
        ("GET", "bucket", "location=", "GetBucketLocation"),
        ("GET", "bucket", "uploads&prefix=a", "ListMultipartUploads"),
        ("GET", "bucket", "lifecycle", "GetBucketLifecycleConfiguration"),
        ("PUT", "bucket", "lifecycle", "PutBucketLifecycleConfiguration"),
        ("GET", "bucket", "notification", "GetBucketNotificationConfiguration"),
        ("GET", "bucket", "analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "bucket", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("POST", "bucket", "delete", "DeleteObjects"),
        ("POST", "bucket", "", "PostObject"),
        ("OPTIONS", "bucket", "", "PreflightBucket"),
        ("OPTIONS", "object", "", "PreflightObject"),
        ("PUT", "object", "", "PutObject"),
        ("PUT", "object", "x-id=PutObject", "PutObject"),
        ("PUT", "object", "partNumber=1&uploadId=u", "UploadPart"),
        ("GET", "object", "", "GetObject"),
        ("GET", "object", "partNumber=1", "GetObject"),
        ("GET", "object", "versionId=v&response-expires=x", "GetObject"),
        ("GET", "object", "uploadId=u", "ListParts"),
        ("GET", "object", "attributes", "GetObjectAttributes"),
        ("HEAD", "object", "", "HeadObject"),
        ("DELETE", "object", "", "DeleteObject"),
        ("DELETE", "object", "uploadId=u", "AbortMultipartUpload"),
        ("POST", "object", "uploads", "CreateMultipartUpload"),
        ("POST", "object", "uploadId=u", "CompleteMultipartUpload"),
        ("POST", "object", "select&select-type=2", "SelectObjectContent"),
        ("PUT", "object", "tagging&versionId=v", "PutObjectTagging"),
    ],
)
def test_requests_of_clients(method: str, level: str, query: str, expected: str) -> None:
    assert route(method, level, query) == expected


def test_a_copy_source_tells_copies_from_writes() -> None:
    assert route("PUT", "object", x_amz_copy_source="b/k") == "CopyObject"
    assert route("PUT", "object", "partNumber=1&uploadId=u", x_amz_copy_source="b/k") == "UploadPartCopy"


def test_every_operation_can_be_reached() -> None:
    """With its markers, selectors and required parameters, and no others."""
    for name, operation in codec().operations.items():
        if name in overlay.UNROUTED:
            continue
        params = dict.fromkeys(operation.markers, "") | operation.selectors
        params |= {member.wire_name: "x" for member in operation.required("querystring")}
        headers = {member.wire_name.lower(): "x" for member in operation.required("header")}
        assert codec().route(operation.method, operation.level, params, headers) is operation


def test_ties_are_exactly_the_rows_of_the_overlay() -> None:
    """Two operations with the same rule and the same requirements would be told apart by luck."""
    seen: dict[object, str] = {}
    for name, operation in codec().operations.items():
        if operation.level == "literal":
            assert name in overlay.UNROUTED
            continue
        needs = frozenset(
            member.wire_name for place in ("querystring", "header") for member in operation.required(place)
        )
        rule = (operation.method, operation.level, operation.markers, tuple(operation.selectors.items()), needs)
        twin = seen.setdefault(rule, name)
        assert twin == name or {twin, name} & set(overlay.UNROUTED)


def test_an_unknown_method_is_refused_with_what_is_allowed() -> None:
    error = refusal("PATCH", "object")
    assert (error.code, error.status) == ("MethodNotAllowed", 405)
    assert error.fields == {"Method": "PATCH", "ResourceType": "OBJECT"}
    assert error.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"


def test_the_service_can_only_be_listed() -> None:
    assert refusal("PUT", "service").fields == {"Method": "PUT", "ResourceType": "SERVICE"}


@pytest.mark.parametrize(
    ("method", "level", "query"),
    [
        ("DELETE", "bucket", "acl"),  # must not delete the bucket
        ("DELETE", "object", "acl"),
        ("PUT", "object", "uploads"),  # must not store an object
        ("PUT", "object", "versioning"),
        ("DELETE", "object", "policy"),
        ("POST", "object", ""),
        ("HEAD", "object", "tagging"),
    ],
)
def test_a_sub_resource_without_that_method_is_no_plain_operation(method: str, level: str, query: str) -> None:
    assert refusal(method, level, query).code == "MethodNotAllowed"


def test_reading_an_object_with_a_name_that_means_something_to_buckets_only() -> None:
    assert route("GET", "object", "policy") == "GetObject"


@pytest.mark.parametrize("query", ["uploadId=u", "partNumber=1"])
def test_a_part_addressed_by_half_is_not_a_whole_object(query: str) -> None:
    error = refusal("PUT", "object", query)
    assert error.code == "InvalidArgument"
    assert error.fields["ArgumentName"] in ("uploadId", "partNumber")


def test_two_sub_resources_conflict() -> None:
    error = refusal("GET", "bucket", "tagging&acl")
    assert error.message == "Conflicting query string parameters: tagging, acl"
    assert error.fields == {"ArgumentName": "ResourceType", "ArgumentValue": "tagging"}


_METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"])
_NAMES = st.sampled_from(
    ["acl", "uploads", "uploadId", "partNumber", "list-type", "versions", "delete", "id", "x-id", "session", "torrent"]
)


@given(
    _METHODS,
    st.sampled_from(["service", "bucket", "object"]),
    st.dictionaries(_NAMES | st.text(max_size=5), st.text(max_size=3), max_size=4),
    st.dictionaries(st.sampled_from(["x-amz-copy-source", "range", "x-amz-acl"]), st.text(max_size=3)),
)
def test_any_request_has_an_operation_or_a_refusal(
    method: str, level: str, params: dict[str, str], headers: dict[str, str]
) -> None:
    operation, status = None, 0
    try:
        operation = codec().route(method, level, params, headers)
    except S3Error as error:
        status = error.status
    if operation is None:
        assert status in (400, 405)
    else:
        assert (operation.method, operation.level) == (method, level)
        assert operation.markers <= set(params)
