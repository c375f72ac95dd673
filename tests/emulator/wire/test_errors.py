"""The error document, the table of codes, and store errors as S3 errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from xml.etree import ElementTree

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from dskit import errors as dskit_errors
from dskit.errors import (
    BucketNotEmptyError,
    BucketNotFoundError,
    InvalidRequestError,
    KeyConflictError,
    NotFoundError,
    NotModifiedError,
    OutcomeUnknownError,
    PreconditionFailedError,
    StoreError,
    UnsupportedError,
)
from dskit_emulator.wire import errors
from dskit_emulator.wire.errors import CODES, S3Error, encode_error, from_store_error
from tests.emulator.wire.shapes import service


def test_the_document_byte_by_byte() -> None:
    status, headers, body = encode_error(
        S3Error("NoSuchKey", fields={"Key": "a&b"}), resource="/b/a&b", request_id="R1", host_id="H1"
    )
    assert status == 404
    assert headers == [
        ("x-dskit-reason", "The specified key does not exist: Key a&b"),
        ("Content-Type", "application/xml"),
    ]
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key>"
        b"<RequestId>R1</RequestId><HostId>H1</HostId></Error>"
    )


def test_the_document_has_no_namespace() -> None:
    """Some SDKs look for `Code` by its bare name."""
    assert b"xmlns" not in encode_error(S3Error("AccessDenied"))[2]


@pytest.mark.parametrize("error", [S3Error("NotModified"), S3Error("NoSuchKey", status=304)])
def test_304_has_no_body(error: S3Error) -> None:
    status, headers, body = encode_error(error)
    assert (status, headers, body) == (304, [], b"")


@pytest.mark.parametrize("code", sorted(set(CODES) - {"NotModified"}))
def test_every_error_says_why(code: str) -> None:
    """Also where the code says it all: HEAD has no body that could."""
    assert dict(encode_error(S3Error(code))[1])["x-dskit-reason"]


def test_elements_come_in_the_order_of_s3_whatever_the_order_of_the_raiser() -> None:
    error = S3Error(
        "EntityTooSmall",
        fields={"Colour": "red", "ETag": "e", "PartNumber": "1", "MinSizeAllowed": "5242880", "ProposedSize": "4"},
    )
    tags = [child.tag for child in ElementTree.fromstring(encode_error(error)[2])]
    assert tags == [
        "Code",
        "Message",
        "ProposedSize",
        "MinSizeAllowed",
        "PartNumber",
        "ETag",
        "Colour",
        "RequestId",
        "HostId",
    ]


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied", "MalformedXML", "InternalError", "InvalidPart"])
def test_errors_that_aws_sent_have_no_resource_element(code: str) -> None:
    """aws-recorded: no error of the recordings has one, though the API reference shows it in all."""
    assert b"<Resource>" not in encode_error(S3Error(code), resource="/b/k")[2]


def test_other_errors_name_their_resource() -> None:
    body = encode_error(S3Error("SlowDown"), resource="/b/k<")[2]
    assert b"<Resource>/b/k&lt;</Resource><RequestId>" in body


@given(st.text(max_size=700))
def test_a_reason_is_one_line_of_ascii(reason: str) -> None:
    headers = dict(encode_error(S3Error("InternalError", reason=f"x{reason}"))[1])
    assert headers["x-dskit-reason"].isprintable()
    assert headers["x-dskit-reason"].isascii()
    assert len(headers["x-dskit-reason"]) <= 512


def test_the_table_has_every_exception_of_the_model_with_its_status() -> None:
    lines = Path(errors.__file__).with_name("s3_shapes.tsv").read_text().splitlines()
    rows = {name: json.loads(row) for name, row in [line.split("\t") for line in lines]}
    modelled = {name: row["error"]["httpStatusCode"] for name, row in rows.items() if "error" in row}
    assert len(modelled) >= 20
    assert {name: CODES[name].status for name in modelled} == modelled


def test_the_table_is_sane() -> None:
    assert len(CODES) >= 78
    for code, row in CODES.items():
        assert row.status in {status.value for status in HTTPStatus}, code
        assert 301 <= row.status <= 503, code
        assert row.message, code
        assert len(set(row.fields)) == len(row.fields), code


@pytest.mark.parametrize("code", sorted(CODES))
def test_botocore_reads_every_error(code: str) -> None:
    row = CODES[code]
    if row.status < 400:
        return
    status, headers, body = encode_error(
        S3Error(code, fields=dict.fromkeys(row.fields, "v")), request_id="R", host_id="H"
    )
    parser = create_parser("rest-xml")
    model = service().operation_model("GetObject")
    response = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    parsed = parser.parse(response, model.output_shape)  # type: ignore[arg-type]
    assert parsed["Error"] == {"Code": code, "Message": row.message, **dict.fromkeys(row.fields, "v")}


RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "reference" / "aws-recorded"


def recorded_errors(found: object) -> Iterator[dict[str, str]]:
    if isinstance(found, dict):
        error = found.get("Error")
        if isinstance(error, dict) and error.get("Code", "").isidentifier():
            yield error
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            yield from recorded_errors(item)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings of AWS at {RECORDINGS}")
def test_codes_messages_and_elements_are_those_that_aws_sent() -> None:
    """Every error in every recording: the code is known, its message is ours, its elements have a place."""
    seen = set()
    for path in sorted(RECORDINGS.glob("*.snapshot.json")):
        for error in recorded_errors(json.loads(path.read_text())):
            row = CODES[error["Code"]]
            seen.add(error["Code"])
            assert row.many or error["Message"].startswith(row.message), error
            elements = set(error) - {"Code", "Message", "RequestId", "HostId"}
            assert elements <= set(row.fields), error
    assert len(seen) >= 50


class TestStoreErrors:
    def test_message_and_elements_are_those_of_s3(self) -> None:
        error = from_store_error(NotFoundError("there is no object 'k' in 'b'", bucket="b", key="k"))
        assert (error.status, error.code, error.message) == (404, "NoSuchKey", "The specified key does not exist.")
        assert error.fields == {"Key": "k"}
        assert error.reason == "there is no object 'k' in 'b'"

    def test_the_bucket_is_named_where_s3_names_it(self) -> None:
        assert from_store_error(BucketNotFoundError(bucket="b")).fields == {"BucketName": "b"}
        assert from_store_error(BucketNotEmptyError(bucket="b", key="k")).fields == {"BucketName": "b"}

    def test_details_win_over_the_context(self) -> None:
        error = NotFoundError(key="other", details={"Key": "k"})
        assert from_store_error(error).fields == {"Key": "k"}

    def test_codes_with_many_messages_keep_the_store_s(self) -> None:
        told = "You must specify at least one part"
        error = from_store_error(InvalidRequestError(told, code="InvalidRequest"))
        assert (error.code, error.message, error.reason) == ("InvalidRequest", told, None)

    def test_a_precondition_names_its_header(self) -> None:
        error = from_store_error(PreconditionFailedError(details={"Condition": "If-Match"}))
        assert (error.status, error.fields) == (412, {"Condition": "If-Match"})

    def test_not_modified_is_a_304(self) -> None:
        assert from_store_error(NotModifiedError()).status == 304

    def test_what_s3_cannot_do_is_501(self) -> None:
        assert from_store_error(UnsupportedError("no versions here")).status == 501

    @pytest.mark.parametrize("error", [KeyConflictError("a beside a/b"), OutcomeUnknownError("lost")])
    def test_codes_of_our_own_become_codes_of_s3(self, error: StoreError) -> None:
        assert from_store_error(error).code in CODES

    def test_an_unknown_code_is_an_internal_error_that_says_which(self) -> None:
        error = from_store_error(StoreError("what", code="Gibberish"))
        assert (error.code, error.status, error.reason) == ("InternalError", 500, "Gibberish: what")

    def test_every_error_of_the_tree_has_a_row(self) -> None:
        kinds = [getattr(dskit_errors, name) for name in dskit_errors.__all__]
        for kind in kinds:
            assert from_store_error(kind("m")).code in CODES, kind
