"""Making one store like another: nothing more than needed, nothing lost, nothing overwritten unseen."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dskit
from dskit.clock import ManualClock
from dskit.transfer import Progress, carry_out, copy, plan_sync, sync
from dskit_emulator import Endpoint
from tests.dskit.transfer.conftest import SMALL, Requests
from tests.dskit.transfer.test_upload import content, uploads

EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def filled(**objects: bytes) -> dskit.MemoryStore:
    store = dskit.MemoryStore()
    for key, data in objects.items():
        store.put(key, data)
    return store


def contents(store: dskit.Store) -> dict[str, bytes]:
    return {row.key: store.get(row.key).read() for row in store.list()}


def told(plan: Any) -> list[tuple[str, str, str]]:
    return [(action.kind, action.key, action.reason) for action in plan.actions]


def test_new_and_different_objects_are_copied_and_others_are_not(any_store: dskit.Store) -> None:
    source = filled(a=b"1", b=b"2", c=b"3")
    any_store.put("b", b"2" if any_store.capabilities.semantics.etag == "content-md5" else b"22")
    any_store.put("c", b"33")
    any_store.put("d", b"4")
    report = sync(source, any_store)
    assert contents(any_store) == {"a": b"1", "b": b"2", "c": b"3", "d": b"4"}
    assert report.copied == len(report.plan.copies)
    assert sync(source, any_store).plan.actions == []


def test_delete_removes_what_the_source_does_not_have(any_store: dskit.Store) -> None:
    source = filled(a=b"1")
    any_store.put("a", b"1")
    any_store.put("b", b"2")
    any_store.put("c/d", b"3")
    report = sync(source, any_store, delete=True, compare="size")
    assert contents(any_store) == {"a": b"1"}
    assert (report.copied, report.deleted) == (0, 2)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(any_store: dskit.Store) -> None:
    source = filled(a=b"1", b=b"22")
    any_store.put("b", b"2")
    any_store.put("z", b"3")
    report = sync(source, any_store, delete=True, dry_run=True)
    assert told(report.plan) == [("create", "a", "new"), ("replace", "b", "size"), ("delete", "z", "extra")]
    assert report.plan.bytes == 3
    assert contents(any_store) == {"b": b"2", "z": b"3"}
    assert str(report.plan.actions[0]) == "create a (new)"


def test_headers_and_metadata_go_along(any_store: dskit.Store) -> None:
    source = dskit.MemoryStore()
    given: dict[str, Any] = {
        "content_type": "text/plain",
        "cache_control": "no-cache",
        "content_language": "fr",
        "expires": "Thu, 01 Jan 2026 00:00:00 GMT",
        "metadata": {"colour": "blue"},
    }
    source.put("a", b"1", **given)
    source.put("large", content(3 * SMALL), **given)
    sync(source, any_store, part_bytes=SMALL)
    for key in ("a", "large"):
        attributes = any_store.head(key).attributes
        assert {name: getattr(attributes, name) for name in given} == given


def test_an_object_in_parts_is_relayed_in_parts_with_its_checksum(remote: dskit.Store, requests: Requests) -> None:
    source = dskit.MemoryStore()
    source.put("large", content(5 * SMALL), checksum="CRC32C")
    requests.clear()
    sync(source, remote, part_bytes=SMALL)
    assert requests.count("PUT partNumber") == 5
    assert remote.head("large", checksum_mode=True).checksums == source.head("large", checksum_mode=True).checksums


@pytest.mark.parametrize("count", [1100, pytest.param(10_000, marks=pytest.mark.slow)])
def test_unchanged_objects_cost_a_listing_page_a_thousand_and_nothing_else(
    count: int, endpoint: Endpoint, remote: dskit.Store, requests: Requests, tmp_path: Path
) -> None:
    """Issue: 10,000 of them disk → emulator are at most 11 LIST requests, no GET, no HEAD."""
    direct = endpoint.direct("data")
    with dskit.DiskStore(tmp_path / "disk", durability="process") as disk:
        for store in (disk, direct):
            store.put("k/00000", b"the same bytes, so that filling takes no time")
            for number in range(1, count):
                store.copy("k/00000", f"k/{number:05}")
        requests.clear()
        report = sync(disk, remote, delete=True)
    assert (report.plan.unchanged, report.plan.actions) == (count, [])
    requests.settle()
    assert requests.seen == ["GET list-type"] * -(-count // 1000)


def test_within_one_endpoint_the_bytes_stay_there(endpoint: Endpoint, remote: dskit.Store, requests: Requests) -> None:
    """Two stores with clients of their own, at one endpoint."""
    remote.put("a", b"1", metadata={"colour": "blue"})
    with endpoint.store("other", prefix="backup/") as target:
        requests.clear()
        sync(remote, target)
        requests.settle()
        assert sorted(requests.seen) == ["GET list-type", "GET list-type", "PUT"]
        assert target.get("a").read() == b"1"
        assert target.head("a").metadata == {"colour": "blue"}


def test_a_copy_above_the_limit_is_made_of_parts(endpoint: Endpoint, remote: dskit.Store, requests: Requests) -> None:
    remote.put("large", content(5 * SMALL), content_type="text/plain", metadata={"colour": "blue"})
    requests.clear()
    result = copy(remote, "large", remote, "copy", multipart_copy_bytes=2 * SMALL)
    requests.settle()
    assert requests.seen.count("PUT partNumber") == 3
    assert requests.seen.count("GET") == 0
    assert result.etag.endswith('-3"')
    copied = remote.get("copy")
    assert copied.read() == content(5 * SMALL)
    assert (copied.meta.content_type, copied.meta.metadata) == ("text/plain", {"colour": "blue"})
    assert uploads(remote) == []


def test_credentials_that_cannot_read_the_source_relay(
    endpoint: Endpoint, requests: Requests, monkeypatch: Any
) -> None:
    with endpoint.store("data") as source, endpoint.store("other") as target:
        source.put("a", b"1")

        def denied(*_: Any, **__: Any) -> Any:
            raise dskit.PermissionDeniedError("no right to read the source")

        monkeypatch.setattr(target.service, "copy", denied)
        sync(source, target)
        assert contents(target) == {"a": b"1"}


def test_an_object_replaced_meanwhile_is_reported_and_not_mixed(remote: dskit.Store) -> None:
    source = filled(a=b"11", b=b"22", c=b"33")
    seen: list[Progress] = []

    def replace(progress: Progress) -> None:
        if not seen:
            source.put("c", b"other")
        seen.append(progress)

    with pytest.raises(dskit.TransferIncompleteError, match="run it again") as caught:
        sync(source, remote, concurrency=1, progress=replace)
    assert [failure.key for failure in caught.value.failures] == ["c"]
    assert contents(remote) == {"a": b"11", "b": b"22"}
    assert caught.value.report.copied == 2
    sync(source, remote)
    assert contents(remote)["c"] == b"other"


def test_what_somebody_else_writes_meanwhile_is_not_overwritten(any_store: dskit.Store) -> None:
    source = filled(a=b"1", b=b"22", c=b"333")
    any_store.put("c", b"old one")
    done: list[int] = []

    def intrude(progress: Progress) -> None:
        if not done:
            done.append(1)
            any_store.put("b", b"theirs")
            any_store.put("c", b"theirs")

    with pytest.raises(dskit.TransferIncompleteError) as caught:
        sync(source, any_store, compare="size", concurrency=1, progress=intrude)
    assert contents(any_store) == {"a": b"1", "b": b"theirs", "c": b"theirs"}
    assert {failure.key for failure in caught.value.failures} == {"b", "c"}


def test_two_syncs_at_once_agree(any_store: dskit.Store) -> None:
    source = filled(a=b"1", b=b"22", c=b"333")
    done: list[int] = []

    def second(progress: Progress) -> None:
        if not done:
            done.append(1)
            sync(source, any_store, delete=True)

    report = sync(source, any_store, delete=True, concurrency=1, progress=second)
    assert contents(any_store) == contents(source)
    assert report.settled == 2


def test_nothing_is_deleted_where_a_copy_failed(remote: dskit.Store) -> None:
    source = filled(a=b"1", b=b"2")
    remote.put("z", b"3")

    def replace(progress: Progress) -> None:
        source.put("b", b"other")

    with pytest.raises(dskit.TransferIncompleteError):
        sync(source, remote, delete=True, concurrency=1, progress=replace)
    assert remote.exists("z")


def test_a_file_makes_room_for_a_folder(tmp_path: Path) -> None:
    """Plain files hold no `a` beside `a/b`: what is in the way goes first."""
    with dskit.LocalStore(tmp_path / "files", durability="process") as target:
        target.put("a", b"file")
        target.put("b/c", b"folder")
        source = dskit.MemoryStore()
        source.put("a/b", b"1")
        source.put("b", b"2")
        sync(source, target, delete=True)
        assert contents(target) == {"a/b": b"1", "b": b"2"}


def test_a_key_that_the_target_cannot_hold_is_named_and_others_go_on(tmp_path: Path) -> None:
    source = dskit.MemoryStore()
    source.put("../../x", b"1")
    source.put("fine", b"2")
    with dskit.LocalStore(tmp_path / "files", durability="process") as target:
        with pytest.raises(dskit.TransferIncompleteError) as caught:
            sync(source, target)
        assert [failure.key for failure in caught.value.failures] == ["../../x"]
        assert contents(target) == {"fine": b"2"}


def test_prefixes_that_contain_each_other_are_refused() -> None:
    service = dskit.MemoryStore().service
    service.create_bucket("data")
    inner, outer = dskit.Store(service, "data", prefix="a/"), dskit.Store(service, "data")
    for source, target in ((inner, outer), (outer, inner)):
        with pytest.raises(dskit.InvalidRequestError, match="contain each other"):
            sync(source, target, delete=True)


def test_another_word_for_compare_is_refused() -> None:
    with pytest.raises(dskit.InvalidRequestError, match="etag, size, mtime"):
        sync(filled(), filled(), compare="hash")  # type: ignore[arg-type]


def test_progress_counts_files_and_bytes(remote: dskit.Store) -> None:
    seen: list[Progress] = []
    sync(filled(a=b"1", b=b"22"), remote, progress=seen.append)
    assert (seen[-1].bytes, seen[-1].total_bytes, seen[-1].files, seen[-1].total_files) == (3, 3, 2, 2)


# what counts as the same


def stores(source_at: timedelta, target_at: timedelta, ours: bytes, theirs: bytes) -> tuple[dskit.Store, dskit.Store]:
    source = dskit.MemoryStore(clock=ManualClock(EARLY + source_at))
    target = dskit.MemoryStore(clock=ManualClock(EARLY + target_at))
    source.put("k", ours)
    target.put("k", theirs)
    return source, target


OLDER, NEWER = timedelta(0), timedelta(hours=1)


@pytest.mark.parametrize(
    ("compare", "source_at", "target_at", "ours", "theirs", "reason"),
    [
        ("etag", OLDER, NEWER, b"a", b"a", None),
        ("etag", NEWER, OLDER, b"a", b"a", None),
        ("etag", OLDER, NEWER, b"a", b"b", "etag"),
        ("etag", OLDER, NEWER, b"a", b"bb", "size"),
        ("size", NEWER, OLDER, b"a", b"b", None),
        ("size", OLDER, NEWER, b"a", b"bb", "size"),
        ("mtime", OLDER, NEWER, b"a", b"b", None),
        ("mtime", OLDER, OLDER, b"a", b"b", None),
        ("mtime", NEWER, OLDER, b"a", b"a", "older"),
        ("mtime", OLDER, NEWER, b"a", b"bb", "size"),
    ],
)
def test_what_counts_as_different(
    compare: Any, source_at: timedelta, target_at: timedelta, ours: bytes, theirs: bytes, reason: str | None
) -> None:
    plan = plan_sync(*stores(source_at, target_at, ours, theirs), compare=compare)
    assert [action.reason for action in plan.actions] == ([reason] if reason else [])


def test_etags_that_cannot_be_compared_do_not_cause_endless_copying(remote: dskit.Store, tmp_path: Path) -> None:
    """Of parts on one side, of plain files on the other: the target must only be no older."""
    with dskit.LocalStore(tmp_path / "files", durability="process") as files:
        files.put("large", content(3 * SMALL))
        os.utime(tmp_path / "files" / "large", (EARLY.timestamp(), EARLY.timestamp()))
        assert sync(files, remote, part_bytes=SMALL).copied == 1
        assert remote.head("large").etag.endswith('-3"')
        assert sync(files, remote, part_bytes=SMALL).copied == 0
        back = dskit.MemoryStore()
        assert sync(remote, back).copied == 1
        assert sync(remote, back).copied == 0


KEYS = st.dictionaries(
    st.text(alphabet="ab/é\U0001f600\uffff", min_size=1, max_size=4), st.binary(max_size=2), max_size=8
)


@given(KEYS, KEYS)
@settings(max_examples=30, deadline=None)
def test_after_a_sync_with_delete_both_are_equal(ours: dict[str, bytes], theirs: dict[str, bytes]) -> None:
    source, target = dskit.MemoryStore(), dskit.MemoryStore()
    for store, objects in ((source, ours), (target, theirs)):
        for key, data in objects.items():
            store.put(key, data)
    planned = plan_sync(source, target, delete=True)
    sync(source, target, delete=True)
    assert contents(target) == ours
    assert planned.unchanged == sum(theirs.get(key) == data for key, data in ours.items())


def test_a_plan_is_carried_out_as_it_was_made(any_store: dskit.Store) -> None:
    """What has come or changed since is neither copied nor deleted."""
    source = filled(a=b"1", b=b"2")
    any_store.put("x", b"old")
    plan = plan_sync(source, any_store, delete=True)
    source.put("c", b"3")
    any_store.put("y", b"new")
    report = carry_out(plan, source, any_store)
    assert contents(any_store) == {"a": b"1", "b": b"2", "y": b"new"}
    assert (report.plan, report.copied, report.deleted, report.dry_run) == (plan, 2, 1, False)
