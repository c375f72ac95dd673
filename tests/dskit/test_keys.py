"""What a key and a bucket name are."""

from __future__ import annotations

from typing import Any

import pytest

from dskit.errors import InvalidBucketNameError, InvalidKeyError
from dskit.keys import check_bucket_name, check_key, utf8_key


@pytest.mark.parametrize(
    "key", ["a", "a//b", "/a", "a/", "./x", "..", " a ", "a\n", "\x00", "é", "e\u0301", "😀", "k" * 1024]
)
def test_any_string_of_1_to_1024_bytes_is_a_key_and_stays_as_it_is(key: str) -> None:
    assert check_key(key) == key.encode()


@pytest.mark.parametrize(
    ("key", "code"), [("", "InvalidURI"), ("k" * 1025, "KeyTooLongError"), ("é" * 513, "KeyTooLongError")]
)
def test_the_limit_counts_bytes(key: str, code: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        check_key(key)
    assert caught.value.code == code


def test_a_lone_surrogate_is_no_key() -> None:
    with pytest.raises(InvalidKeyError, match="surrogate"):
        check_key("a\ud800")


def test_order_is_that_of_utf8_not_of_utf16() -> None:
    assert sorted(["\U0001f600", "～"], key=utf8_key) == ["～", "\U0001f600"]


@pytest.mark.parametrize("name", ["abc", "a.b-c", "1bucket", "a" * 63])
def test_valid_bucket_names(name: str) -> None:
    assert check_bucket_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 64,
        "Abc",
        "a_b",
        "-abc",
        "abc-",
        "a..b",
        "1.2.3.4",
        "xn--abc",
        "sthree-x",
        "abc-s3alias",
        "abc--x-s3",
        "äbc",
    ],
)
def test_invalid_bucket_names_are_refused_with_the_rule(name: str) -> None:
    with pytest.raises(InvalidBucketNameError) as caught:
        check_bucket_name(name)
    assert caught.value.code == "InvalidBucketName"


OTHER_CLOUDS = {
    "gcs": (
        ["abc", "a_b", "a-b.c_d", "1-2", "a" * 63, ".".join(["a" * 63] * 3)],
        ["", "ab", "_ab", "ab_", "Abc", "a" * 64, "a..b", "1.2.3.4", "abc\n", "a" * 63 + "." + "b" * 64, "a$b"],
    ),
    "azure": (
        ["abc", "a-b-c", "1a2", "a" * 63, "$root", "$web", "$logs"],
        ["", "ab", "a.b.c", "a--b", "-abc", "abc-", "a_b", "a" * 64, "$other", "Abc", "abc\n"],
    ),
}


@pytest.mark.parametrize("rules", OTHER_CLOUDS)
def test_bucket_names_of_other_clouds(rules: Any) -> None:
    right, wrong = OTHER_CLOUDS[rules]
    assert [check_bucket_name(name, rules) for name in right] == right
    for name in wrong:
        with pytest.raises(InvalidBucketNameError):
            check_bucket_name(name, rules)
