"""Pages, groups and markers, against a plain model of them."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dskit import errors
from dskit.reference import ReferenceService, memory_service
from dskit.reference.listing import decode_token, encode_token
from dskit.types import DeleteRequest
from tests.dskit.reference.helpers import BUCKET, keys, put, start, walk

KEYS = st.text(alphabet="ab/-0é\U0001f600～", min_size=1, max_size=4)


def model(names: set[str], prefix: str, delimiter: str, start_after: str) -> tuple[list[str], list[str]]:
    """Keys and groups of a listing as S3's documents define them."""
    found: list[str] = []
    groups: list[str] = []
    for name in sorted(names, key=str.encode):
        if not name.startswith(prefix):
            continue
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        item = name if cut < 0 else name[: cut + len(delimiter)]
        if start_after and item.encode() <= start_after.encode():
            continue
        if cut >= 0 and start_after.startswith(item):
            continue
        target = found if cut < 0 else groups
        if item not in target:
            target.append(item)
    return found, groups


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sets(KEYS, max_size=12),
    st.text(alphabet="ab/", max_size=2),
    st.sampled_from(["", "/", "a", "//", "b/"]),
    st.just("") | KEYS,
    st.integers(1, 4),
)
def test_pages_of_any_size_give_what_the_model_says(
    names: set[str], prefix: str, delimiter: str, start_after: str, size: int
) -> None:
    service = memory_service()
    service.create_bucket(BUCKET)
    for name in names:
        put(service, name)
    found = walk(service, size, prefix=prefix, delimiter=delimiter, start_after=start_after)
    assert found == model(names, prefix, delimiter, start_after)


def test_sqlite_lists_what_memory_lists(service: ReferenceService) -> None:
    names = {"a", "a/b", "a//b", "a-b", "a0", "b/c/d", "～", "\U0001f600", "é"}
    for name in names:
        put(service, name)
    for prefix in ("", "a", "a/", "zz"):
        for delimiter in ("", "/", "-", "/b"):
            for size in (1, 2, 100):
                found = walk(service, size, prefix=prefix, delimiter=delimiter)
                assert found == model(names, prefix, delimiter, ""), (prefix, delimiter, size)


def test_a_page_is_truncated_only_if_something_is_left(service: ReferenceService) -> None:
    put(service, "a/1")
    put(service, "a/2")
    assert service.list_page(BUCKET, max_keys=2).next_token is None
    page = service.list_page(BUCKET, delimiter="/", max_keys=1)
    assert (page.prefixes, page.next_token) == (["a/"], None)


def test_zero_keys_are_an_empty_page_that_is_not_truncated(service: ReferenceService) -> None:
    put(service, "a")
    page = service.list_page(BUCKET, max_keys=0)
    assert (page.objects, page.prefixes, page.next_token) == ([], [], None)


def test_more_than_a_thousand_are_capped_and_less_than_zero_refused(service: ReferenceService) -> None:
    with pytest.raises(errors.InvalidRequestError):
        service.list_page(BUCKET, max_keys=-1)
    assert service.list_page(BUCKET, max_keys=2**40).objects == []


def test_a_token_survives_the_deletion_of_its_key_and_may_be_replayed(service: ReferenceService) -> None:
    from dskit.types import DeleteRequest

    for name in "abc":
        put(service, name)
    token = service.list_page(BUCKET, max_keys=1).next_token
    service.delete(BUCKET, DeleteRequest(key="a"))
    for _ in range(2):
        assert keys(service.list_page(BUCKET, token=token)) == ["b", "c"]


@pytest.mark.parametrize("token", ["", "garbage", "MWth", "🙂", "MWthLy9ikS2aVR", "A" * 5000])
def test_a_foreign_token_is_refused(service: ReferenceService, token: str) -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        service.list_page(BUCKET, token=token)
    assert caught.value.code == "InvalidArgument"


@pytest.mark.parametrize("last", [b"\xff", b"\xff" * 2000, b"a\x80", b"\xed\xa0\x80"], ids=len)
@pytest.mark.parametrize("kind", [b"k", b"g"])
def test_a_forged_token_whose_check_value_is_right_is_refused(
    service: ReferenceService, kind: bytes, last: bytes
) -> None:
    with pytest.raises(errors.InvalidRequestError):
        service.list_page(BUCKET, token=encode_token(kind, last))


@given(st.sampled_from([b"k", b"g"]), st.text(min_size=1, max_size=20).map(lambda text: text.encode()))
def test_tokens_round_trip_and_one_changed_character_is_noticed(kind: bytes, last: bytes) -> None:
    token = encode_token(kind, last)
    assert decode_token(token) == (kind, last)
    changed = ("B" if token[0] != "B" else "C") + token[1:]
    with pytest.raises(errors.InvalidRequestError):
        decode_token(changed)


def test_uploads_come_by_key_then_by_time_and_page_through(service: ReferenceService) -> None:
    order = [(key, start(service, key)) for key in ("b", "a", "a", "d/1", "d/2", "c")]
    expected = sorted(order, key=lambda item: item[0])
    found: list[tuple[str, str]] = []
    key_marker = upload_marker = ""
    for _ in range(20):
        page = service.list_uploads(BUCKET, key_marker=key_marker, upload_id_marker=upload_marker, max_uploads=1)
        found += [(upload.key, upload.upload_id) for upload in page.uploads]
        if page.next_key_marker is None:
            break
        key_marker, upload_marker = page.next_key_marker, page.next_upload_id_marker or ""
    assert found == expected


def test_whoever_ends_what_a_page_shows_still_sees_the_rest(service: ReferenceService) -> None:
    """Page by page, each upload aborted before the next page is asked for: none is left out, of the same key either."""
    order = [start(service, "k") for _ in range(3)] + [start(service, "l")]
    found: list[str] = []
    key_marker = upload_marker = ""
    for _ in range(10):
        page = service.list_uploads(BUCKET, key_marker=key_marker, upload_id_marker=upload_marker, max_uploads=1)
        for upload in page.uploads:
            found.append(upload.upload_id)
            service.abort_upload(BUCKET, upload.key, upload.upload_id)
        if page.next_key_marker is None:
            break
        key_marker, upload_marker = page.next_key_marker, page.next_upload_id_marker or ""
    assert found == order


@pytest.mark.parametrize("marker", ["x", "é", "A" * 63, "A" * 68, "=" * 64])
def test_an_upload_id_that_is_none_skips_its_key(service: ReferenceService, marker: str) -> None:
    start(service, "a")
    start(service, "b")
    page = service.list_uploads(BUCKET, key_marker="a", upload_id_marker=marker)
    assert [upload.key for upload in page.uploads] == ["b"]


def test_a_marker_inside_a_group_skips_the_group_with_an_upload_id_too(service: ReferenceService) -> None:
    first = start(service, "d/1")
    start(service, "d/2")
    start(service, "e")
    for upload_id in ("", first):
        page = service.list_uploads(BUCKET, delimiter="/", key_marker="d/1", upload_id_marker=upload_id)
        assert ([upload.key for upload in page.uploads], page.prefixes) == (["e"], [])


def test_uploads_group_by_delimiter_and_keep_to_the_prefix(service: ReferenceService) -> None:
    for key in ("a", "d/1", "d/2", "e"):
        start(service, key)
    page = service.list_uploads(BUCKET, delimiter="/")
    assert ([upload.key for upload in page.uploads], page.prefixes) == (["a", "e"], ["d/"])
    assert [upload.key for upload in service.list_uploads(BUCKET, prefix="d/").uploads] == ["d/1", "d/2"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    stay=st.sets(KEYS, min_size=1, max_size=6),
    meanwhile=st.lists(st.tuples(st.booleans(), KEYS), max_size=20),
    delimiter=st.sampled_from(["", "/"]),
    size=st.integers(1, 3),
)
def test_what_stays_is_listed_once_whatever_comes_and_goes_between_pages(
    stay: set[str], meanwhile: list[tuple[bool, str]], delimiter: str, size: int
) -> None:
    service = memory_service()
    service.create_bucket(BUCKET)
    for name in stay:
        put(service, name)
    changes = iter(meanwhile)
    seen: list[str] = []
    token: str | None = None
    while True:
        page = service.list_page(BUCKET, delimiter=delimiter, token=token, max_keys=size)
        seen += keys(page) + page.prefixes
        for there, name in islice(changes, 2):
            if there:
                put(service, name)
            elif name not in stay:
                service.delete(BUCKET, DeleteRequest(key=name))
        token = page.next_token
        if token is None:
            break
    assert len(seen) == len(set(seen))
    found, groups = model(stay, "", delimiter, "")
    assert {*found, *groups} <= set(seen)
