"""Dates, booleans and metadata texts, both ways."""

from __future__ import annotations

import contextlib
import email.header
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dskit_emulator.wire.values import (
    decode_metadata,
    encode_metadata,
    http_date,
    iso_date,
    parse_boolean,
    parse_http_date,
    parse_iso_date,
)

SEEN = datetime(2009, 10, 12, 17, 50, 30, tzinfo=UTC)
_times = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))


def test_dates_as_s3_writes_them() -> None:
    assert http_date(SEEN) == "Mon, 12 Oct 2009 17:50:30 GMT"
    assert iso_date(SEEN) == "2009-10-12T17:50:30.000Z"


def test_fractions_are_cut_and_zones_converted() -> None:
    odd = datetime(2009, 10, 12, 19, 50, 30, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert http_date(odd) == "Mon, 12 Oct 2009 17:50:30 GMT"
    assert iso_date(odd) == "2009-10-12T17:50:30.000Z"


@given(_times)
def test_dates_come_back(moment: datetime) -> None:
    assert parse_http_date(http_date(moment)) == moment
    assert parse_iso_date(iso_date(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 12 Oct 2009 17:50:30 GMT",
        "Monday, 12-Oct-09 17:50:30 GMT",
        "Mon Oct 12 17:50:30 2009",
        "Mon, 12 Oct 2009 17:50:30 +0000",
        "Mon, 12 Oct 2009 19:50:30 +0200",
        "2009-10-12T17:50:30.000Z",
        "2009-10-12T17:50:30Z",
        "20091012T175030Z",
    ],
)
def test_every_form_of_a_header_date(text: str) -> None:
    """RFC 9110 section 5.6.7 asks recipients for the first three; S3 takes the others as well."""
    assert parse_http_date(text) == SEEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2009-10-12", datetime(2009, 10, 12, tzinfo=UTC)),
        ("2009-10-12T17:50:30.123456789Z", SEEN.replace(microsecond=123456)),
        ("2009-10-12T19:50:30+02:00", SEEN),
        ("2009-10-12T19:50:30+0200", SEEN),
        ("2009-10-12t17:50:30z", SEEN),
        ("2009-10-12 17:50:30", SEEN),
    ],
)
def test_every_form_of_a_body_date(text: str, expected: datetime) -> None:
    assert parse_iso_date(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "2009-13-01T00:00:00Z", "2009-10-12T25:00:00Z", "0001-01-01T00:00+10:00"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        parse_iso_date(text)
    with pytest.raises(ValueError):
        parse_http_date(text)


@given(st.text(max_size=40))
@example("Mon, 99 Oct 2009 17:50:30 GMT")
@example("Mon, 12 Foo 2009 17:50:30 GMT")
@example("9999-12-31T23:59:59-23:59")
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    for parse in (parse_http_date, parse_iso_date):
        with contextlib.suppress(ValueError):
            assert parse(text).tzinfo is not None


def test_booleans() -> None:
    assert [parse_boolean(text) for text in ("true", "TRUE", "false", "False", "")] == [True, True, False, False, False]
    with pytest.raises(ValueError):
        parse_boolean("1")


class TestMetadata:
    """aws-recorded:test_user_metadata_rfc2047_encoded and its neighbours, restated."""

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ("plain", "plain"),
            ("=?UTF-8?B?YWJj?=", "abc"),
            ("=?UTF-8?Q?actually-ascii?=", "actually-ascii"),
            ("=?utf-8?q?a_b=5Fc?=", "a b_c"),
            ("=?UTF-8?B?w6k=?= =?UTF-8?Q?=C3=A9?=", "éé"),
            ("before =?ISO-8859-1?Q?=E9?= after", "before é after"),
            ("=?UTF-8?B?n2Gf?=", "\ufffda\ufffd"),
            ("=?klingon?Q?abc?=", "=?klingon?Q?abc?="),
            ("=?UTF-8?Q?unclosed", "=?UTF-8?Q?unclosed"),
            ("=?utf-7?q?+2AA-?=", "=?utf-7?q?+2AA-?="),  # a lone surrogate
            ("=?unicode_escape?q?=5Cud800=5Cq?=", "=?unicode_escape?q?=5Cud800=5Cq?="),
            ("é".encode().decode("latin-1"), "é"),  # raw UTF-8 on the wire
            ("caf\xe9", "café"),  # no UTF-8
        ],
    )
    def test_what_is_stored(self, sent: str, stored: str) -> None:
        assert decode_metadata(sent) == stored

    @pytest.mark.parametrize(
        ("stored", "sent"),
        [
            ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            ("a\tb", "a\tb"),
            ("test_—_file%E2%80%94_é_2?.pdf", "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=3F.pdf?="),
            ("ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
            ("\x00\x01\x02\x03", "=?UTF-8?B?AAECAw==?="),
            ("\ufffd" * 7, "=?UTF-8?B?77+977+977+977+977+977+977+9?="),
            ("\ufffda\ufffd", "=?UTF-8?B?77+9Ye+/vQ==?="),
            ("é1", "=?UTF-8?B?w6kx?="),  # most characters must be ASCII for Q; a half is not most
            ("\U0001f600ab", "=?UTF-8?B?8J+YgGFi?="),  # one outside the basic plane counts twice
        ],
    )
    def test_what_is_sent_back(self, stored: str, sent: str) -> None:
        assert encode_metadata(stored) == sent

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
    @example("é" * 200)
    @example("=?UTF-8?Q?not a word, é though?=")
    def test_every_text_comes_back_in_words_of_at_most_75_characters(self, text: str) -> None:
        sent = encode_metadata(text)
        assert sent.isascii()
        if sent == text:
            return
        assert decode_metadata(sent) == text
        assert all(len(word) <= 75 for word in sent.split(" "))
        decoded = email.header.make_header(email.header.decode_header(sent))
        assert str(decoded) == text or not text.isprintable()
