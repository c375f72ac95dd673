"""Recordings about listings of objects and uploads, and batch deletes."""

from __future__ import annotations

from typing import Any

from tests.emulator.recorded.harness import Case, document, scenario

BODY = b"content 123"


def fill(case: Case, keys: list[str], body: bytes = BODY) -> str:
    bucket = case.bucket()
    for key in keys:
        case.put(bucket, key, body)
    return bucket


@scenario("test_delete_bucket_with_content")
def bucket_with_content(case: Case) -> None:
    case.new_name()
    bucket = case.bucket()
    for number in range(10):
        case.put(bucket, f"test-key-{number}", f"test-{number}")
    case.do("list-objects", "list_objects", Bucket=bucket, MaxKeys=100)
    keys = [{"Key": f"test-key-{number}"} for number in range(10)]
    case.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    case.s3.delete_bucket(Bucket=bucket)
    case.bucket()
    case.do("list-buckets", "list_buckets")


DIRECTORY = ["test/foo/bar/123"]


@scenario("test_list_objects_with_prefix[]", "test_list_objects_with_prefix[/]", "test_list_objects_with_prefix[%2F]")
def with_prefix(case: Case, delimiter: str) -> None:
    bucket = fill(case, ["test/foo/bar/123"])
    case.do(
        "list-objects",
        "list_objects",
        Bucket=bucket,
        Prefix="test/",
        Delimiter=delimiter,
        MaxKeys=1,
        EncodingType="url",
    )
    if delimiter == "%2F":
        answered = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/?prefix=test&delimiter=%2F")
        case.say("list-objects-no-encoding", document(answered.body, namespace=False))


@scenario("test_list_objects_next_marker")
def next_marker(case: Case) -> None:
    bucket = fill(case, ["a", "b", "c"])
    case.do("list-objects-all", "list_objects", Bucket=bucket)
    marker = case.do("list-objects-max-1", "list_objects", Bucket=bucket, Delimiter="/", MaxKeys=1)["NextMarker"]
    case.do("list-objects-rest", "list_objects", Bucket=bucket, Marker=marker, MaxKeys=1)
    case.do("list-objects-marker-empty", "list_objects", Bucket=bucket, Marker="", MaxKeys=1)


@scenario("test_s3_list_objects_empty_marker")
def empty_marker(case: Case) -> None:
    case.do("list-objects", "list_objects", Bucket=case.bucket(), Marker="")


FOLDERS = ["test/foo/bar/123", "test/foo/bar/456", "test/bar/foo/123"]


@scenario("test_list_objects_v2_with_prefix")
def v2_with_prefix(case: Case) -> None:
    bucket = fill(case, FOLDERS)
    for number, prefix in enumerate(("test/", "test/foo", "test/foo/bar"), 1):
        case.do(f"list-objects-v2-{number}", "list_objects_v2", Bucket=bucket, Prefix=prefix, EncodingType="url")
    answered = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/?prefix=test%2Ffoo&list-type=2")
    case.say("list-objects-v2-no-encoding", document(answered.body, namespace=False))


@scenario("test_list_objects_v2_with_prefix_and_delimiter")
def v2_with_delimiter(case: Case) -> None:
    bucket = fill(case, FOLDERS)

    def page(label: str, prefix: str, **params: Any) -> None:
        named = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/", "EncodingType": "url", **params}
        case.do(label, "list_objects_v2", **named)

    page("list-objects-v2-1", "test/")
    page("list-objects-v2-1-with-max-keys", "test/", MaxKeys=1)
    page("list-objects-v2-2", "test/foo")
    page("list-objects-v2-3", "test/foo/bar")


@scenario("test_list_objects_v2_continuation_start_after")
def v2_continuation(case: Case) -> None:
    bucket = fill(case, [f"test_{number}" for number in range(12)])
    token = case.do("list-objects-v2-max-5", "list_objects_v2", Bucket=bucket, MaxKeys=5)["NextContinuationToken"]
    case.do("list-objects-v2-rest", "list_objects_v2", Bucket=bucket, ContinuationToken=token)
    case.do("list-objects-start-after", "list_objects_v2", Bucket=bucket, StartAfter="test_7", MaxKeys=2)
    case.do(
        "list-objects-start-after-token", "list_objects_v2", Bucket=bucket, StartAfter="test_7", ContinuationToken=token
    )
    case.do("exc-continuation-token", "list_objects_v2", Bucket=bucket, ContinuationToken="")


TREE = ["folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"]


@scenario("test_list_objects_v2_continuation_common_prefixes")
def v2_groups(case: Case) -> None:
    bucket = fill(case, TREE)
    case.do("list-objects-v2-all-keys", "list_objects_v2", Bucket=bucket)
    named = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    token = case.do("list-objects-v2-start", "list_objects_v2", **named)["NextContinuationToken"]
    token = case.do("list-objects-v2-next-1", "list_objects_v2", **named, ContinuationToken=token)[
        "NextContinuationToken"
    ]
    case.do("list-objects-v2-end", "list_objects_v2", **named, ContinuationToken=token)


@scenario("test_list_objects_marker_common_prefixes")
def v1_groups(case: Case) -> None:
    bucket = fill(case, TREE)
    case.do("list-objects-all-keys", "list_objects", Bucket=bucket)
    named = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    marker = case.do("list-objects-start", "list_objects", **named)["NextMarker"]
    marker = case.do("list-objects-next-1", "list_objects", **named, Marker=marker)["NextMarker"]
    case.do("list-objects-end", "list_objects", **named, Marker=marker)
    case.do("list-objects-manual-first-file", "list_objects", **named, Marker="folder/aSubfolder/subFile1")


SAFE = [
    "file%2Fname",
    "test@key/",
    "test%123",
    "test%percent",
    "test key/",
    "test key//",
    "test%123/",
    "a/%F0%9F%98%80/",
    "date=2026-01-01/",
    "date=2026-02-01/",
    "date=2026-03-01/",
    "date=2026-05-01/",
]


@scenario("test_list_objects_v2_continuation_token_safe_chars")
def v2_safe_characters(case: Case) -> None:
    bucket = fill(case, SAFE, b"")
    named = {"Bucket": bucket}
    token = case.do("list-objects-v2-max-5", "list_objects_v2", **named, MaxKeys=5)["NextContinuationToken"]
    case.do("list-objects-v2-rest", "list_objects_v2", **named, ContinuationToken=token)
    after = {"StartAfter": "date=2026-02-01/", "MaxKeys": 2}
    without = list_without_encoding(case, bucket, "list-type=2&start-after=date%3D2026-02-01%2F&max-keys=2")
    case.say("list-objects-start-after", without)
    case.do("list-objects-start-after-url-type", "list_objects_v2", **named, **after, EncodingType="url")
    encoded = {"StartAfter": "date%3D2026-02-01/", "MaxKeys": 2}
    case.do("list-objects-start-after-encoded", "list_objects_v2", **named, **encoded)
    token = case.s3.list_objects_v2(**named, StartAfter="a/%F0%9F%98%80/", MaxKeys=2)["NextContinuationToken"]
    for label in ("list-objects-start-after-token", "list-objects-continuation-token-2"):
        case.do(label, "list_objects_v2", **named, ContinuationToken=token, MaxKeys=2)


def list_without_encoding(case: Case, bucket: str, query: str) -> Any:
    """boto3 always asks for encoded names; the answer without is parsed by hand into boto3's form."""
    answered = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/?{query}")
    answer = document(answered.body, namespace=False)["ListBucketResult"]
    for row in answer["Contents"]:
        row.update(ChecksumAlgorithm=[row["ChecksumAlgorithm"]], Size=int(row["Size"]), LastModified="datetime")
    answer.update(
        IsTruncated=answer["IsTruncated"] == "true",
        KeyCount=int(answer["KeyCount"]),
        MaxKeys=int(answer["MaxKeys"]),
        Prefix=answer["Prefix"] or "",
        ResponseMetadata={"HTTPHeaders": {}, "HTTPStatusCode": answered.status},
    )
    return answer


OPERATIONS = ("list_objects_v2", "list_objects", "list_object_versions", "list_multipart_uploads")


@scenario(*(f"test_list_ops_encoding_type_validation[{name}]" for name in OPERATIONS))
def encoding_validation(case: Case, operation: str) -> None:
    bucket = case.bucket()
    for label, value in (("error-wrong-value", "value"), ("error-empty-value", "")):
        case.do(f"{operation}-{label}", operation, Bucket=bucket, EncodingType=value)


@scenario("test_list_object_versions_order_unversioned")
def versions_of_an_unversioned_bucket(case: Case) -> None:
    bucket = case.bucket()
    case.do("list-empty", "list_object_versions", Bucket=bucket)
    for label, key in (("", "a-test-object-1"), ("-3", "c-test-object-3"), ("-2", "b-test-object-2")):
        case.do(f"put-object{label}", "put_object", Bucket=bucket, Key=key, Body=key[2:])
    case.do("list-object-versions", "list_object_versions", Bucket=bucket)


@scenario("test_url_encoded_key[True]", "test_url_encoded_key[False]")
def encoded_keys(case: Case, virtual: str) -> None:
    bucket = case.bucket()
    style = "virtual" if virtual == "True" else "path"
    client = case.client(s3={"addressing_style": style})
    for key, body in (
        ("test@key/", b"test-non-encoded"),
        ("test%40key/", b"test-encoded"),
        ("test%40key", b"test-encoded-no-trailing"),
    ):
        client.put_object(Bucket=bucket, Key=key, Body=body)
    case.do("list-object-encoded-char", "list_objects_v2", by=client, Bucket=bucket)


@scenario("test_object_with_slashes_in_key[True]", "test_object_with_slashes_in_key[False]")
def slashes(case: Case, virtual: str) -> None:
    bucket = case.bucket()
    client = case.client(s3={"addressing_style": "virtual" if virtual == "True" else "path"})
    for key, body in (("/foo", b"foobar"), ("bar", b"barfoo"), ("/bar/foo/", b"test")):
        client.put_object(Bucket=bucket, Key=key, Body=body)
    case.do("list-objects-slashes", "list_objects_v2", by=client, Bucket=bucket)


@scenario("test_empty_bucket_fixture")
def emptied(case: Case) -> None:
    bucket = case.bucket()
    for number in range(3):
        case.put(bucket, f"key{number}", b"123")
    case.do("list-obj", "list_objects_v2", Bucket=bucket)
    case.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"key{number}"} for number in range(3)]})
    case.do("list-obj-after-empty", "list_objects_v2", Bucket=bucket)


# batch deletes


@scenario("test_delete_non_existing_keys")
def delete_missing(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "test-key-nonexistent", b"test")
    rows = [{"Key": key} for key in ("test-key-nonexistent", "dummy1", "dummy2")]
    case.do("deleted-resp", "delete_objects", Bucket=bucket, Delete={"Objects": rows})


@scenario("test_delete_non_existing_keys_quiet")
def delete_missing_quietly(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "test-key-nonexistent", b"test")
    rows = [{"Key": key} for key in ("test-key-nonexistent", "dummy1", "dummy2")]
    case.do("deleted-resp", "delete_objects", Bucket=bucket, Delete={"Objects": rows, "Quiet": True})


@scenario("test_delete_non_existing_keys_in_non_existing_bucket")
def delete_without_bucket(case: Case) -> None:
    rows = {"Objects": [{"Key": "dummy1"}, {"Key": "dummy2"}]}
    case.do("error-non-existent-bucket", "delete_objects", Bucket=case.new_name(), Delete=rows)


@scenario("test_delete_objects_encoding")
def delete_encoded(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "a%2Fb", b"percent encoding")
    case.put(bucket, "a/%F0%9F%98%80", b"percent encoded emoji")
    case.do("list-objects-before-delete", "list_objects_v2", Bucket=bucket)
    rows = {"Objects": [{"Key": "a%2Fb"}, {"Key": "a/%F0%9F%98%80"}]}
    case.do("deleted-resp", "delete_objects", Bucket=bucket, Delete=rows)
    case.do("list-objects", "list_objects_v2", Bucket=bucket)


@scenario("test_delete_objects")
def delete_rows(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="test-delete", Body=b"test-delete")
    row = {"Key": "test-delete", "VersionId": "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"}
    case.do("delete-object-wrong-version-id", "delete_objects", Bucket=bucket, Delete={"Objects": [row]})
    rows = [{"Key": key} for key in ("c-wrong-key", "test-delete", "a-wrong-key")]
    case.do("delete-objects", "delete_objects", Bucket=bucket, Delete={"Objects": rows})


@scenario("test_s3_batch_delete_objects")
def delete_batch(case: Case) -> None:
    keys = [f"key-batch-delete-{number}" for number in range(5)]
    bucket = fill(case, keys)
    case.do("batch-delete", "delete_objects", Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    case.do("list-remaining-objects", "list_objects", Bucket=bucket)


@scenario("test_s3_batch_delete_public_objects_using_requests")
def delete_anonymously(case: Case) -> None:
    import base64
    import hashlib

    keys = ["key-created-by-anonymous-1", "key-created-by-anonymous-2"]
    bucket = case.bucket()
    ownership = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    case.s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=ownership)
    case.s3.delete_public_access_block(Bucket=bucket)
    case.s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    for key in keys:
        case.fetch("PUT", f"https://{bucket}.s3.amazonaws.com/{key}", body=b"x", anonymous=False)
    rows = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    body = f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rows}</Delete>'.encode()
    headers = {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    answered = case.fetch("POST", f"https://{bucket}.s3.amazonaws.com/?delete", headers, body, anonymous=False)
    case.say("multi-delete-with-requests", document(answered.body))
    case.do("list-remaining-objects", "list_objects", Bucket=bucket)


@scenario("test_delete_object_with_no_locking")
def bypass_without_lock(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "test-delete-no-lock"}
    case.put(bucket, "test-delete-no-lock", b"test")
    for label, value in (("", True), ("-false", False)):
        case.do(f"delete-object-bypass-no-lock{label}", "delete_object", **named, BypassGovernanceRetention=value)
    case.do(
        "delete-objects-bypass-no-lock",
        "delete_objects",
        Bucket=bucket,
        Delete={"Objects": [{"Key": "test-delete-no-lock"}]},
        BypassGovernanceRetention=True,
    )


# uploads in progress


@scenario("test_list_multiparts_next_marker")
def upload_markers(case: Case) -> None:
    bucket = case.bucket()
    listing = {"Bucket": bucket}
    case.do("list-multiparts-empty", "list_multipart_uploads", **listing)
    ids: list[str] = []
    for key in ("c", "b", "a", "a", "a"):
        ids.append(case.s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])
        case.tick()
    case.say("upload-ids-order", {"UploadIds": [{"UploadId": upload} for upload in ids]})
    of_c, of_b, first, second, third = ids
    pages: tuple[tuple[str, dict[str, Any]], ...] = (
        ("all", {}),
        ("max-1", {"MaxUploads": 1}),
        ("next-key-only", {"MaxUploads": 1, "KeyMarker": "a"}),
        ("next-key-last", {"MaxUploads": 1, "KeyMarker": "c"}),
        ("next-upload-only", {"MaxUploads": 1, "UploadIdMarker": first}),
        ("both-markers", {"MaxUploads": 1, "KeyMarker": "a", "UploadIdMarker": first}),
        ("both-markers-2", {"MaxUploads": 1, "KeyMarker": "a", "UploadIdMarker": third}),
        ("get-last-upload-no-truncate", {"MaxUploads": 1, "KeyMarker": "b", "UploadIdMarker": of_b}),
        ("wrong-id-for-key", {"MaxUploads": 1, "KeyMarker": "a", "UploadIdMarker": of_b}),
        ("next-key-empty", {"MaxUploads": 1, "KeyMarker": ""}),
    )
    assert len({of_c, second}) == 2
    for label, params in pages:
        case.do(f"list-multiparts-{label}", "list_multipart_uploads", **listing, **params)


@scenario("test_list_multiparts_with_prefix_and_delimiter")
def upload_groups(case: Case) -> None:
    bucket = case.bucket()
    for key in FOLDERS:
        case.s3.create_multipart_upload(Bucket=bucket, Key=key)
    for number, prefix in enumerate(("test/", "test/foo/", "test/foo/bar"), 1):
        named = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/", "EncodingType": "url"}
        case.do(f"list-multiparts-{number}", "list_multipart_uploads", **named)
    answered = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/?uploads&prefix=test%2Ffoo")
    case.say("list-multiparts-no-encoding", document(answered.body, namespace=False))


@scenario("test_list_multipart_uploads_marker_common_prefixes")
def upload_group_pages(case: Case) -> None:
    bucket = case.bucket()
    for key in TREE:
        case.s3.create_multipart_upload(Bucket=bucket, Key=key)
    named = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxUploads": 1}
    case.do("list-multiparts-start", "list_multipart_uploads", **named)
    case.do("list-multiparts-manual-prefix", "list_multipart_uploads", **named, KeyMarker="folder/aSubfolder/")
    marker = "folder/aSubfolder/subFile1"
    case.do("list-multiparts-manual-first-file", "list_multipart_uploads", **named, KeyMarker=marker)


@scenario("test_s3_put_more_than_1000_items")
def more_than_a_page(case: Case) -> None:
    bucket = case.bucket()
    for number in range(1010):
        case.put(bucket, f"test-key-{number}", f"test-{number}")
    for number in (1009, 0):
        case.do(f"get_object-{number}", "get_object", Bucket=bucket, Key=f"test-key-{number}")
    first = case.do("list-objects", "list_objects", Bucket=bucket, Delimiter="/", MaxKeys=1000)
    assert len(first["Contents"]) == 1000
    case.answers["list-objects"]["Contents"] = "<content>"
    marker = first["NextMarker"]
    case.do("list-objects-next_marker", "list_objects", Bucket=bucket, Marker=marker, MaxKeys=1000)
