"""Recordings about form uploads: policies, their conditions, the fields of a form and what is stored."""

from __future__ import annotations

from typing import Any

from urllib3.filepost import encode_multipart_formdata

from tests.emulator.recorded.harness import Case, document, scenario
from tests.emulator.transport import Answered

BOTH = ("s3", "s3v4")
ODD_TEXT = "test_—_file%E2%80%94_é_2"


def form(case: Case, bucket: str, key: str, fields: Any = None, conditions: Any = None, **options: Any) -> Any:
    signer = case.client(signature_version=options.pop("version", "s3v4"), s3={"addressing_style": "virtual"})
    return signer.generate_presigned_post(bucket, key, fields, conditions, **options)


def post(case: Case, made: Any, file: Any, fields: Any = None, content_type: str | None = None) -> Answered:
    rows = dict(made["fields"] if fields is None else fields)
    body, kind = encode_multipart_formdata({**rows, "file": file})
    return case.fetch("POST", made["url"], {"content-type": content_type or kind}, body, anonymous=False)


def said(answered: Answered) -> Any:
    return document(answered.body, namespace=False)


def refusal(answered: Answered) -> dict[str, Any]:
    return {**said(answered), "StatusCode": answered.status}


def store(case: Case, bucket: str, key: str, body: bytes, fields: Any = None) -> None:
    conditions = [{name: value} for name, value in (fields or {}).items()]
    answered = post(case, form(case, bucket, key, fields, conditions), body)
    assert answered.status == 204, answered.body


@scenario("test_post_request_expires")
def expired(case: Case) -> None:
    made = form(case, case.bucket(), "k", ExpiresIn=1)
    case.tick(5)
    case.say("exception", refusal(post(case, made, b"abc")))


@scenario(*(f"test_post_request_malformed_policy[{version}]" for version in BOTH))
def other_policy(case: Case, version: str) -> None:
    made = form(case, case.bucket(), "k", version=version)
    fields = {**made["fields"], "policy": "this is no policy"}
    case.say("exception-policy", refusal(post(case, made, b"abc", fields)))


@scenario(*(f"test_post_request_missing_signature[{version}]" for version in BOTH))
def no_signature(case: Case, version: str) -> None:
    made = form(case, case.bucket(), "k", version=version)
    name = "signature" if version == "s3" else "x-amz-signature"
    case.say("exception-missing-signature", refusal(post(case, made, b"abc", without(made, name))))


@scenario(*(f"test_post_request_missing_fields[{version}]" for version in BOTH))
def missing_fields(case: Case, version: str) -> None:
    made = form(case, case.bucket(), "k", version=version)
    name = "AWSAccessKeyId" if version == "s3" else "x-amz-algorithm"
    case.say("exception-missing-fields", refusal(post(case, made, b"abc", without(made, name))))
    case.say("exception-no-sig-related-fields", refusal(post(case, made, b"abc", {"key": "k"})))


def without(made: Any, name: str) -> dict[str, str]:
    return {known: value for known, value in made["fields"].items() if known != name}


METADATA = {
    "x-amz-meta-test-1": "test-meta-1",
    "x-amz-meta-TEST-2": "test-meta-2",
    "Content-Type": "text/plain",
    "Expires": "Wed, 21 Oct 2099 07:28:00 GMT",
}


@scenario("test_post_object_with_metadata")
def metadata(case: Case) -> None:
    bucket = case.bucket()
    store(case, bucket, "k", b"test-body-tagging", METADATA)
    case.do("head-object", "head_object", Bucket=bucket, Key="k")


@scenario("test_post_object_with_storage_class")
def storage_class(case: Case) -> None:
    bucket = case.bucket()
    store(case, bucket, "k", b"test-body-storage-class", {"x-amz-storage-class": "STANDARD_IA"})
    case.do("head-object", "head_object", Bucket=bucket, Key="k")
    fields = {"x-amz-storage-class": "FakeClass"}
    made = form(case, bucket, "k", fields, [fields])
    case.say("invalid-storage-error", said(post(case, made, b"test-body-storage-class")))


@scenario("test_post_object_with_wrong_content_type")
def wrong_type(case: Case) -> None:
    made = form(case, case.bucket(), "k")
    case.say("invalid-content-type-error", said(post(case, made, b"abc", content_type="text/html; charset=UTF-8")))


@scenario("test_post_object_default_checksum")
def default_checksum(case: Case) -> None:
    bucket = case.bucket()
    store(case, bucket, "k", b"test-body-tagging")
    case.do("head-object", "head_object", Bucket=bucket, Key="k", ChecksumMode="ENABLED")


@scenario("test_post_object_policy_validation_size")
def sizes(case: Case) -> None:
    bucket = case.bucket()
    made = form(case, bucket, "k", conditions=[["content-length-range", 5, 10]])
    case.say("invalid-content-length-too-big", said(post(case, made, b"a" * 12)))
    case.say("invalid-content-length-too-small", said(post(case, made, b"a")))
    assert post(case, made, b"a" * 10).status == 204
    case.do("final-object", "get_object", Bucket=bucket, Key="k")
    wrong = form(case, bucket, "k", conditions=[["content-length-range", "test", 10]])
    case.say("invalid-content-length-wrong-type", said(post(case, wrong, b"a" * 10)))


REDIRECT = "http://localhost.test/random"


@scenario("test_post_object_policy_conditions_validation_eq")
def equal(case: Case) -> None:
    bucket = case.bucket()

    def attempt(label: str, value: str, *conditions: Any) -> None:
        made = form(case, bucket, "k", {"success_action_redirect": value}, list(conditions))
        case.say(label, said(post(case, made, b"abcdef")))

    attempt("invalid-condition-eq", "http://other.test", ["eq", "$success_action_redirect", REDIRECT])
    attempt("invalid-condition-missing-prefix", REDIRECT, ["eq", "success_action_redirect", REDIRECT])
    attempt("invalid-condition-wrong-condition", REDIRECT, {"success_action_redirect": REDIRECT, "other": "x"})
    shouted = REDIRECT.replace("http", "HTTP")
    attempt("invalid-condition-wrong-value-casing", REDIRECT, ["eq", "$success_action_redirect", shouted])
    store(case, bucket, "metadata", b"abcdef", METADATA)
    case.do("head-object-metadata", "head_object", Bucket=bucket, Key="metadata")
    fields = {"success_action_redirect": REDIRECT}
    made = form(case, bucket, "k", fields, [["eq", "$success_action_redirect", REDIRECT]])
    assert post(case, made, b"abcdef").status == 303
    case.do("final-object", "get_object", Bucket=bucket, Key="k")


@scenario("test_post_object_policy_conditions_validation_starts_with")
def beginning(case: Case) -> None:
    bucket = case.bucket()

    def attempt(value: str, beginning: str = "http://localhost", body: bytes = b"abcdef") -> Answered:
        fields = {"success_action_redirect": value}
        made = form(case, bucket, "k", fields, [["starts-with", "$success_action_redirect", beginning]])
        return post(case, made, body)

    case.say("invalid-condition-starts-with", said(attempt("http://other.test")))
    case.say("invalid-condition-starts-with-casing", said(attempt("HTTP://localhost.test")))
    assert attempt(REDIRECT).status == 303
    case.do("get-object-1", "get_object", Bucket=bucket, Key="k")
    assert attempt(REDIRECT, "", b"manual value to change ETag").status == 303
    case.do("get-object-2", "get_object", Bucket=bucket, Key="k")


@scenario("test_presigned_post_with_different_user_credentials")
def plain(case: Case) -> None:
    bucket = case.bucket()
    assert post(case, form(case, bucket, "k"), b"abcdef").status == 204
    case.do("get-obj", "get_object", Bucket=bucket, Key="k")


@scenario("test_post_object_with_file_as_string")
def file_as_string(case: Case) -> None:
    bucket = case.bucket()
    store(case, bucket, "test-presigned-post-file-as-field", b"test-body-file-as-field")
    case.do("head-object", "head_object", Bucket=bucket, Key="test-presigned-post-file-as-field")
    store(case, bucket, "file-as-field-${filename}", b"test-body-file-as-field-filename-replacement")
    case.do("list-objects", "list_objects_v2", Bucket=bucket)
