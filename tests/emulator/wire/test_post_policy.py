"""Policies of form uploads: what each condition demands, and how a refusal is worded."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.post_policy import SizeRange, parse_policy

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FIELDS = {"bucket": "data", "key": "user/a.txt"}
COVERED = [{"bucket": "data"}, ["starts-with", "$key", "user/"]]


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def check(
    *conditions: Any, fields: dict[str, str] | None = None, expiration: str = "2026-03-04T05:06:07Z"
) -> SizeRange:
    policy = parse_policy(encoded({"expiration": expiration, "conditions": [*COVERED, *conditions]}))
    return policy.check({**FIELDS, **(fields or {})}, NOW)


def refuse(*conditions: Any, **more: Any) -> S3Error:
    with pytest.raises(S3Error) as caught:
        check(*conditions, **more)
    return caught.value


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ({"acl": "private"}, {"acl": "private"}),
        (["eq", "$acl", "private"], {"acl": "private"}),
        (["EQ", "$AcL", "private"], {"acl": "private"}),
        ({"x-amz-meta-A": "b"}, {"x-amz-meta-a": "b"}),
        (["starts-with", "$acl", "pri"], {"acl": "private"}),
        (["StArTs-WiTh", "$acl", ""], {"acl": "anything"}),
        (["starts-with", "$x-amz-meta-absent", ""], {}),
        (["starts-with", "$Content-Type", "image/"], {"content-type": "image/png"}),
        (["starts-with", "$Content-Type", "image/"], {"content-type": "image/png, image/gif"}),
        (["starts-with", "$x-amz-meta-list", "a"], {"x-amz-meta-list": "a,b"}),
    ],
)
def test_a_condition_that_holds(condition: Any, fields: dict[str, str]) -> None:
    assert check(condition, fields=fields) == SizeRange(0, 2**63)


@pytest.mark.parametrize(
    ("condition", "fields", "shown"),
    [
        ({"acl": "private"}, {"acl": "Private"}, '["eq", "$acl", "private"]'),
        ({"acl": "private"}, {}, '["eq", "$acl", "private"]'),
        (["eq", "acl", "private"], {"acl": "private"}, '["eq", "acl", "private"]'),
        (["starts-with", "$acl", "pub"], {"acl": "private"}, '["starts-with", "$acl", "pub"]'),
        (["starts-with", "$x-amz-meta-absent", "a"], {}, '["starts-with", "$x-amz-meta-absent", "a"]'),
        (
            ["starts-with", "$Content-Type", "image/"],
            {"content-type": "image/png,text/html"},
            '["starts-with", "$Content-Type", "image/"]',
        ),
        ({"bucket": "other"}, {}, '["eq", "$bucket", "other"]'),
        (["content-length-range", "test", 10], {}, '["content-length-range", "test", "10"]'),
        (["content-length-range", -1, 10], {}, '["content-length-range", "-1", "10"]'),
        (["content-length-range", True, 10], {}, '["content-length-range", "True", "10"]'),
    ],
)
def test_a_condition_that_fails(condition: Any, fields: dict[str, str], shown: str) -> None:
    """aws-recorded:test_post_object_policy_conditions_validation_eq and …_starts_with, …_policy_validation_size."""
    error = refuse(condition, fields=fields)
    assert (error.code, error.status) == ("AccessDenied", 403)
    assert error.message == f"Invalid according to Policy: Policy Condition failed: {shown}"


def test_every_field_is_covered_but_those_of_the_signature_and_what_is_to_be_ignored() -> None:
    exempt = {"policy": "", "signature": "", "awsaccesskeyid": "", "x-amz-signature": "", "x-ignore-this": "x"}
    assert check(fields=exempt)
    for name in ("x-amz-meta-a", "success_action_status", "submit", "x-amz-algorithm"):
        error = refuse(fields={name: "x"})
        assert error.message == f"Invalid according to Policy: Extra input fields: {name}"
    policy = parse_policy(encoded({"expiration": "2030-01-01T00:00:00Z", "conditions": [{"key": "k"}]}))
    with pytest.raises(S3Error, match="Extra input fields: bucket"):
        policy.check({"bucket": "data", "key": "k"}, NOW)


def test_ranges_of_sizes_are_all_held_to() -> None:
    assert check(["content-length-range", 1, 10]) == SizeRange(1, 10)
    assert check(["content-length-range", "1", "10"]) == SizeRange(1, 10)
    assert check(["content-length-range", 1, 10], ["Content-Length-Range", 5, 20]) == SizeRange(5, 10)


@pytest.mark.parametrize(
    ("expiration", "accepted"),
    [
        ("2026-03-04T05:06:07Z", True),
        ("2026-03-04T05:06:06.999Z", False),
        ("2026-03-04T05:06:07.001Z", True),
        ("2026-03-04T05:06:06Z", False),
    ],
)
def test_a_policy_expires(expiration: str, accepted: bool) -> None:
    """aws-recorded:test_post_request_expires."""
    if accepted:
        assert check(expiration=expiration)
    else:
        error = refuse(expiration=expiration)
        assert (error.code, error.message) == ("AccessDenied", "Invalid according to Policy: Policy expired.")


GOOD = {"expiration": "2030-01-01T00:00:00Z", "conditions": []}


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("not base64!", "Invalid JSON."),
        ("", "Invalid JSON."),
        (base64.b64encode(b"{").decode(), "Invalid JSON."),
        (base64.b64encode(b"[" * 100_000).decode(), "Invalid JSON."),
        (base64.b64encode(b"\xff").decode(), "Invalid JSON."),
        (encoded([]), "Invalid JSON."),
        (encoded({"conditions": []}), "Policy missing expiration."),
        (encoded({"expiration": "2030-01-01T00:00:00Z"}), "Policy missing conditions."),
        (encoded({**GOOD, "conditions": {}}), "Policy missing conditions."),
        (encoded({**GOOD, "more": 1}), "Unexpected: 'more'."),
        (encoded({**GOOD, "expiration": "2030-01-01 00:00:00"}), "Invalid 'expiration' value: '2030-01-01 00:00:00'."),
        (
            encoded({**GOOD, "expiration": "2030-02-30T00:00:00Z"}),
            "Invalid 'expiration' value: '2030-02-30T00:00:00Z'.",
        ),
        (encoded({**GOOD, "expiration": 1}), "Invalid 'expiration' value: '1'."),
        (
            encoded({**GOOD, "conditions": [{"a": "b", "c": "d"}]}),
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
        ),
        (
            encoded({**GOOD, "conditions": [{}]}),
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
        ),
        (encoded({**GOOD, "conditions": [{"a": 1}]}), "Invalid Simple-Condition: value must be a string."),
        (encoded({**GOOD, "conditions": [["like", "$a", "b"]]}), "Invalid Condition: unknown operation 'like'."),
        (encoded({**GOOD, "conditions": [[]]}), "Invalid Condition: unknown operation ''."),
        (encoded({**GOOD, "conditions": [["eq", "$a"]]}), "Invalid Condition: wrong number of arguments for 'eq'."),
        (
            encoded({**GOOD, "conditions": [["eq", "$a", 1]]}),
            "Invalid Condition: the arguments of 'eq' must be strings.",
        ),
        (encoded({**GOOD, "conditions": ["a"]}), "Invalid Condition: 'a'."),
    ],
)
def test_what_is_no_policy(policy: str, message: str) -> None:
    with pytest.raises(S3Error) as caught:
        parse_policy(policy)
    error = caught.value
    assert (error.code, error.status, error.message) == ("InvalidPolicyDocument", 400, f"Invalid Policy: {message}")
