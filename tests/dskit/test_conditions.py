"""The If-* matrix."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dskit import errors
from dskit.conditions import check_copy_source, check_delete, check_read, check_write, etag_matches
from dskit.types import Conditions

ETAG = '"abc"'
MODIFIED = datetime(2026, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC)
EARLIER, SAME, LATER = MODIFIED - timedelta(seconds=5), MODIFIED.replace(microsecond=0), MODIFIED + timedelta(seconds=5)
NOW = MODIFIED + timedelta(days=1)
FUTURE = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("condition", "matches"),
    [('"abc"', True), ("abc", True), ("*", True), ('W/"abc"', True), ('"x", "abc"', True), ('"x"', False), ("", False)],
)
def test_tags_match_quoted_or_not_and_in_lists(condition: str, matches: bool) -> None:
    assert etag_matches(condition, ETAG) is matches


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        (Conditions(), None),
        (Conditions(if_match=ETAG), None),
        (Conditions(if_match='"x"'), errors.PreconditionFailedError),
        (Conditions(if_none_match='"x"'), None),
        (Conditions(if_none_match=ETAG), errors.NotModifiedError),
        (Conditions(if_none_match="*"), errors.NotModifiedError),
        (Conditions(if_modified_since=EARLIER), None),
        (Conditions(if_modified_since=SAME), errors.NotModifiedError),
        (Conditions(if_modified_since=FUTURE), None),
        (Conditions(if_unmodified_since=SAME), None),
        (Conditions(if_unmodified_since=EARLIER), errors.PreconditionFailedError),
        (Conditions(if_match=ETAG, if_unmodified_since=EARLIER), None),
        (Conditions(if_match='"x"', if_unmodified_since=LATER), errors.PreconditionFailedError),
        (Conditions(if_none_match='"x"', if_modified_since=LATER), None),
        (Conditions(if_none_match=ETAG, if_modified_since=EARLIER), errors.NotModifiedError),
        (Conditions(if_match='"x"', if_none_match=ETAG), errors.PreconditionFailedError),
    ],
)
def test_reads(conditions: Conditions, outcome: type[errors.StoreError] | None) -> None:
    if outcome is None:
        check_read(conditions, ETAG, MODIFIED, now=NOW)
    else:
        with pytest.raises(outcome):
            check_read(conditions, ETAG, MODIFIED, now=NOW)


@pytest.mark.parametrize(
    ("conditions", "header"),
    [
        (Conditions(if_match='"x"'), "If-Match"),
        (Conditions(if_none_match=ETAG), "If-None-Match"),
        (Conditions(if_modified_since=SAME), "If-Modified-Since"),
        (Conditions(if_unmodified_since=EARLIER), "If-Unmodified-Since"),
    ],
)
def test_every_failed_condition_of_a_copy_source_is_412(conditions: Conditions, header: str) -> None:
    with pytest.raises(errors.PreconditionFailedError) as caught:
        check_copy_source(conditions, ETAG, MODIFIED, now=NOW)
    assert caught.value.details == {"Condition": f"x-amz-copy-source-{header}"}


@pytest.mark.parametrize(
    ("conditions", "current", "outcome"),
    [
        (Conditions(if_none_match="*"), None, None),
        (Conditions(if_none_match="*"), ETAG, errors.AlreadyExistsError),
        (Conditions(if_match=ETAG), ETAG, None),
        (Conditions(if_match="abc"), ETAG, None),
        (Conditions(if_match='"x"'), ETAG, errors.PreconditionFailedError),
        (Conditions(if_match=ETAG), None, errors.NotFoundError),
        (Conditions(if_none_match=ETAG), None, errors.UnsupportedError),
        (Conditions(if_match="*"), ETAG, errors.UnsupportedError),
        (Conditions(if_match=ETAG, if_none_match="*"), ETAG, errors.UnsupportedError),
    ],
)
def test_writes(conditions: Conditions, current: str | None, outcome: type[errors.StoreError] | None) -> None:
    if outcome is None:
        check_write(conditions, current, "k")
    else:
        with pytest.raises(outcome) as caught:
            check_write(conditions, current, "k")
        assert type(caught.value) is outcome


def test_a_refused_form_names_the_header() -> None:
    with pytest.raises(errors.UnsupportedError) as caught:
        check_write(Conditions(if_match=ETAG, if_none_match="*"), ETAG, "k")
    assert caught.value.details["Header"] == "If-Match,If-None-Match"


@pytest.mark.parametrize(
    ("if_match", "current", "outcome"),
    [
        (None, None, None),
        (ETAG, ETAG, None),
        ("*", ETAG, None),
        ('"x"', ETAG, errors.PreconditionFailedError),
        (ETAG, None, errors.NotFoundError),
    ],
)
def test_deletes(if_match: str | None, current: str | None, outcome: type[errors.StoreError] | None) -> None:
    if outcome is None:
        check_delete(if_match, current, "k")
    else:
        with pytest.raises(outcome):
            check_delete(if_match, current, "k")
