"""Recordings about signatures: presigned URLs, signed and unsigned headers; and what headers may hold."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from tests.emulator.recorded.harness import Case, document, scenario
from tests.emulator.transport import Answered

BOTH = ("s3", "s3v4")


def signer(case: Case, version: str, virtual: bool = True) -> Any:
    style = {"addressing_style": "virtual" if virtual else "path"}
    return case.client(signature_version=version, s3=style)


def fetch(case: Case, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answered:
    return case.fetch(method, url, headers, body, anonymous=False)


def error(answered: Answered, *, status: bool = False) -> dict[str, Any]:
    """An error as the recordings of plain HTTP requests show it."""
    said: dict[str, Any] = document(answered.body, namespace=False)
    return {**said, "StatusCode": answered.status} if status else said


@scenario(*(f"test_s3_presigned_url_expired[{version}]" for version in BOTH))
def expired(case: Case, version: str) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    client = signer(case, version)
    url = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=2)
    assert fetch(case, "GET", url).status == 200
    case.tick(10)
    case.say("expired-exception", error(fetch(case, "GET", url)))


STYLES = [f"{version}-{virtual}" for version in BOTH for virtual in (False, True)]


@scenario(*(f"test_presigned_url_signature_authentication_expired[{which}]" for which in STYLES))
def expired_styles(case: Case, which: str) -> None:
    version, _, virtual = which.partition("-")
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    client = signer(case, version, virtual == "True")
    url = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=1)
    case.tick(10)
    case.say("expired", error(fetch(case, "GET", url)))


@scenario(*(f"test_presigned_url_signature_authentication[{which}]" for which in STYLES))
def invalid_signature(case: Case, which: str) -> None:
    version, _, virtual = which.partition("-")
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    client = signer(case, version, virtual == "True")
    for label, operation in (("invalid-get-1", "get_object"), ("invalid-put-1", "put_object")):
        url = client.generate_presigned_url(operation, {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
        broken = re.sub(r"(Signature=)[^&]+", r"\1invalid", url)
        case.say(label, error(fetch(case, operation[:3].upper(), broken)))


@scenario(*(f"test_s3_put_presigned_url_missing_sig_param[{version}]" for version in BOTH))
def missing_parameter(case: Case, version: str) -> None:
    bucket = case.bucket()
    url = signer(case, version).generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    cut = re.sub(r"&?(X-Amz-Credential|AWSAccessKeyId)=[^&]+", "", url) if version == "s3v4" else url
    if version == "s3":
        cut = re.sub(r"&?Expires=[^&]+", "", url)
    case.say("missing-param-exception", error(fetch(case, "PUT", cut), status=True))


@scenario(*(f"test_s3_put_presigned_url_with_different_headers[{version}]" for version in BOTH))
def other_headers(case: Case, version: str) -> None:
    bucket = case.bucket()
    client = signer(case, version)
    params = {"Bucket": bucket, "Key": "k", "ContentType": "text/plain"}
    url = client.generate_presigned_url("put_object", params, ExpiresIn=60)
    wrong = fetch(case, "PUT", url, {"content-type": "application/json"}, b"test")
    case.say("content-type-exception", error(wrong, status=True))
    assert fetch(case, "PUT", url, {"content-type": "text/plain"}, b"test").status == 200
    plain = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    other = fetch(case, "PUT", plain, {"content-type": "text/xml"}, b"test")
    case.say("content-type-response", status_of(other))
    encoded = {"Bucket": bucket, "Key": "k", "ContentEncoding": "identity"}
    url = client.generate_presigned_url("put_object", encoded, ExpiresIn=60)
    case.say(
        "wrong-content-encoding-response", status_of(fetch(case, "PUT", url, {"content-encoding": "gzip"}, b"test"))
    )


def status_of(answered: Answered) -> dict[str, Any]:
    return {"StatusCode": 200} if answered.status == 200 else error(answered, status=True)


@scenario("test_s3_put_presigned_url_same_header_and_qs_parameter")
def header_and_parameter(case: Case) -> None:
    bucket = case.bucket()
    client = signer(case, "s3v4")
    url = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    twice = f"{url}&X-Amz-Expires=100"
    case.say("double-header-query-string", error(fetch(case, "PUT", twice), status=True))
    case.say("override-signed-qs", error(fetch(case, "PUT", url, {"x-amz-expires": "100"}), status=True))


@scenario("test_presigned_double_encoded_credentials")
def double_encoding(case: Case) -> None:
    bucket = case.bucket()
    client = signer(case, "s3v4")
    url = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    case.say("error-malformed", error(fetch(case, "PUT", url.replace("%2F", "%252F"))))


@scenario("test_put_url_metadata_with_sig_s3v4[True]", "test_put_url_metadata_with_sig_s3v4[False]")
def metadata_v4(case: Case, virtual: str) -> None:
    bucket = case.bucket()
    client = signer(case, "s3v4", virtual == "True")
    params = {"Bucket": bucket, "Key": "k", "Metadata": {"foo": "bar"}}
    url = client.generate_presigned_url("put_object", params, ExpiresIn=60)
    case.say("no-meta-headers", error(fetch(case, "PUT", url, body=b"content 123")))
    assert fetch(case, "PUT", url, {"x-amz-meta-foo": "bar"}, b"content 123").status == 200
    case.do("head_object", "head_object", Bucket=bucket, Key="k")
    wrong = {"x-amz-meta-foo": "bar", "x-amz-meta-wrong": "wrong"}
    case.say("wrong-meta-headers", error(fetch(case, "PUT", url, wrong, b"content 123")))


@scenario("test_put_url_metadata_with_sig_s3[True]", "test_put_url_metadata_with_sig_s3[False]")
def metadata_v2(case: Case, virtual: str) -> None:
    """Version 2 puts what it signs into the URL."""
    bucket = case.bucket()
    client = signer(case, "s3", virtual == "True")
    params = {"Bucket": bucket, "Key": "k", "Metadata": {"foo": "bar"}}
    url = client.generate_presigned_url("put_object", params, ExpiresIn=60)
    assert fetch(case, "PUT", url, body=b"content 123").status == 200
    case.do("head_object", "head_object", Bucket=bucket, Key="k")
    case.say("wrong-meta-headers", error(fetch(case, "PUT", url, {"x-amz-meta-wrong": "wrong"}, b"content 123")))


@scenario("test_presigned_url_v4_x_amz_in_qs")
def headers_in_query(case: Case) -> None:
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    bucket = case.bucket()
    account = case.service.accounts.default
    url = f"https://{bucket}.s3.amazonaws.com/k"
    request = AWSRequest(
        "PUT", url, params={"x-amz-meta-foo": "bar-complicated-no-random", "x-amz-storage-class": "STANDARD"}
    )
    S3SigV4QueryAuth(Credentials(account.access_key, account.secret_key), "s3", "us-east-1", 60).add_auth(request)
    assert request.url is not None
    assert fetch(case, "PUT", request.url, body=b"123456").status == 200
    case.do("head-object", "head_object", Bucket=bucket, Key="k", ChecksumMode="ENABLED")


@scenario("test_put_object_with_md5_and_chunk_signature_bad_headers[s3v4-True]")
@scenario("test_put_object_with_md5_and_chunk_signature_bad_headers[s3-True]")
def unsigned_headers(case: Case, which: str) -> None:
    """A presigned URL used with the headers of a client that signs chunks."""
    bucket = case.bucket()
    client = signer(case, which.partition("-")[0])
    params = {"Bucket": bucket, "Key": "k", "ContentMD5": "lOvNFUtWpwTpzyHdEhyS7Q=="}
    url = client.generate_presigned_url("put_object", params, ExpiresIn=60)
    headers = {
        "content-type": "application/octet-stream",
        "content-md5": "lOvNFUtWpwTpzyHdEhyS7Q==",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-date": "20211122T191045Z",
    }
    decoded = {**headers, "x-amz-decoded-content-length": "5"}
    body = b"5;chunk-signature=" + b"0" * 64 + b"\r\nhello\r\n0;chunk-signature=" + b"0" * 64 + b"\r\n\r\n"
    case.say("with-decoded-content-length", error(fetch(case, "PUT", url, decoded, body)))
    case.say("without-decoded-content-length", error(fetch(case, "PUT", url, headers, body)))


TEXT = "non-ascii-%E2%80%94_—_é_"


@scenario("test_get_response_overrides_unicode_metadata_with_sig_s3")
def unicode_override(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"")
    params = {"Bucket": bucket, "Key": "k", "ResponseCacheControl": TEXT}
    url = signer(case, "s3").generate_presigned_url("get_object", params, ExpiresIn=60)
    case.say("unicode-error", error(fetch(case, "GET", url)))


@scenario("test_put_unicode_metadata_with_sig_s3")
def unicode_metadata(case: Case) -> None:
    bucket = case.bucket()
    url = signer(case, "s3").generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    signed = url if "x-amz-meta" in url else presign_with_metadata(case, bucket)
    assert fetch(case, "PUT", signed).status == 200
    case.do("head_object", "head_object", Bucket=bucket, Key="k")


def presign_with_metadata(case: Case, bucket: str) -> str:
    """boto3 takes ASCII metadata only: the text is signed as the string to sign has it, in the query as UTF-8."""
    from dskit_emulator.wire.signatures_v2 import sign_v2

    account = case.service.accounts.default
    expires = int(case.clock.now().timestamp()) + 60
    text = f"PUT\n\n\n{expires}\nx-amz-meta-foo:{TEXT}\n/{bucket}/k"
    signature = sign_v2(account.secret_key, text.encode().decode("latin-1"))
    query = f"AWSAccessKeyId={account.access_key}&Signature={quote(signature, safe='')}&Expires={expires}"
    return f"https://{bucket}.s3.amazonaws.com/k?{query}&x-amz-meta-foo={quote(TEXT, safe='')}"


def put_raw_metadata(case: Case, metadata: dict[str, str]) -> None:
    """Metadata as it is on the wire; the answer of the PUT is that of an empty object."""
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="other", Body=b"")
    headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    headers["x-amz-checksum-crc32"] = "AAAAAA=="
    assert case.fetch("PUT", f"https://{bucket}.s3.amazonaws.com/k", headers).status == 200
    case.do("get-object", "get_object", Bucket=bucket, Key="k")


@scenario("test_user_metadata_rfc2047_encoded")
def encoded_words(case: Case) -> None:
    safe = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    put_raw_metadata(
        case,
        {
            "asciib64-encoded": "=?UTF-8?B?YWJj?=",
            "fake-encoded": "=?UTF-8?Q?actually-ascii?=",
            "non-ascii": "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=3F.pdf?=",
            "non-ascii-2": "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=",
            "non-ascii-binary": "=?UTF-8?B?AAECAw==?=",
            "replacement-chars": "=?UTF-8?B?/////////w==?=",
            "safe-chars": safe,
        },
    )


@scenario("test_user_metadata_rfc2047_bad_b64_encoded")
def bad_encoded_words(case: Case) -> None:
    put_raw_metadata(case, {"bad-b64-encoded": "=?UTF-8?B?/2H/?="})
