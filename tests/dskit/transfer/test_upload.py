"""A local file becomes an object: whole, verified, or not at all."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.backends.s3 import RetryOptions
from dskit.transfer import Progress
from dskit_emulator import Endpoint
from tests.dskit.backends.faulty_proxy import LOSE_REQUEST, PASS, FaultyProxy
from tests.dskit.transfer.conftest import SMALL, Requests

SMALL_STREAM = 17 * 1024 * 1024
"""More than is read before anything is sent."""


def content(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def uploads(store: dskit.Store) -> list[str]:
    return [upload.key for upload in store.list_uploads().uploads]


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 5 * SMALL, 5 * SMALL + 7])
def test_any_size_into_any_store(size: int, any_store: dskit.Store, folder: Path) -> None:
    path = folder / "file"
    path.write_bytes(content(size))
    any_store.upload(path, "a/key", part_bytes=SMALL, content_type="text/plain", metadata={"colour": "blue"})
    result = any_store.get("a/key")
    assert result.read() == content(size)
    assert result.meta.content_type == "text/plain"
    assert result.meta.metadata == {"colour": "blue"}
    assert os.listdir(folder) == ["file"]


def test_a_large_file_goes_in_parts_and_the_whole_has_one_checksum(
    remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    (folder / "file").write_bytes(content(5 * SMALL))
    remote.upload(folder / "file", "key", part_bytes=SMALL)
    assert requests.count("PUT partNumber") == 5
    meta = remote.head("key", checksum_mode=True)
    assert meta.checksum_type == "FULL_OBJECT"
    memory = dskit.MemoryStore()
    memory.put("key", content(5 * SMALL), checksum="CRC64NVME")
    assert meta.checksums == memory.head("key", checksum_mode=True).checksums


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_every_checksum_algorithm(algorithm: str, remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(3 * SMALL))
    remote.upload(folder / "file", "key", part_bytes=SMALL, checksum=algorithm)
    assert list(remote.head("key", checksum_mode=True).checksums) == [algorithm]
    remote.download("key", folder / "back", part_bytes=SMALL)
    assert (folder / "back").read_bytes() == content(3 * SMALL)


def test_parts_too_large_for_memory_are_streamed(
    remote: dskit.Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dskit.transfer.sending.BUFFERED_BYTES", SMALL - 1)
    (folder / "file").write_bytes(content(3 * SMALL))
    remote.upload(folder / "file", "key", part_bytes=SMALL)
    assert remote.get("key").read() == content(3 * SMALL)


def test_progress_adds_up_in_the_calling_thread(any_store: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(4 * SMALL))
    seen: list[Progress] = []
    any_store.upload(folder / "file", "key", part_bytes=SMALL, progress=seen.append)
    assert [step.bytes for step in seen] == sorted(step.bytes for step in seen)
    assert (seen[-1].bytes, seen[-1].total_bytes, seen[-1].files, seen[-1].total_files) == (4 * SMALL, 4 * SMALL, 1, 1)


def test_a_callback_that_raises_stops_the_upload_and_leaves_nothing(remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(20 * SMALL))

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remote.upload(folder / "file", "key", part_bytes=SMALL, progress=stop)
    assert not remote.exists("key")
    assert uploads(remote) == []


def test_conditions_hold_for_parts_as_for_a_put(remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(3 * SMALL))
    remote.put("key", b"old")
    with pytest.raises(dskit.AlreadyExistsError):
        remote.upload(folder / "file", "key", part_bytes=SMALL, if_none_match="*")
    assert remote.get("key").read() == b"old"
    assert uploads(remote) == []
    remote.upload(folder / "file", "key", part_bytes=SMALL, if_match=remote.head("key").etag)
    assert remote.head("key").size == 3 * SMALL


def test_a_file_that_changes_meanwhile_is_not_stored(any_store: dskit.Store, folder: Path) -> None:
    path = folder / "file"
    path.write_bytes(content(SMALL_STREAM))
    with pytest.raises(dskit.ConflictError, match=r"changed while it was read.*again"):
        any_store.upload(path, "key", part_bytes=SMALL, progress=lambda _: os.utime(path, ns=(1, 1)), concurrency=1)
    assert not any_store.exists("key")
    assert uploads(any_store) == []


@pytest.mark.parametrize("bad", ["", "missing", "folder"])
def test_what_is_no_file_is_refused_before_a_request(
    bad: str, remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    (folder / "folder").mkdir()
    requests.clear()
    with pytest.raises(dskit.InvalidRequestError) as caught:
        remote.upload(folder / bad, "key")
    assert caught.value.key == "key"
    requests.settle()
    assert requests.seen == []


@pytest.mark.parametrize("bad", [{"part_bytes": 0}, {"concurrency": 0}, {"checksum": "CRC16"}, {"concurrency": 1000}])
def test_impossible_settings_are_refused(bad: dict[str, Any], remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(b"x")
    with pytest.raises(dskit.InvalidRequestError):
        remote.upload(folder / "file", "key", **bad)


def test_what_the_store_does_not_take_is_refused(folder: Path) -> None:
    (folder / "file").write_bytes(b"x")
    store = dskit.LocalStore(folder / "store", durability="process")
    with pytest.raises(dskit.UnsupportedError, match="storage_class"):
        store.upload(folder / "file", "key", storage_class="GLACIER")


def broken(proxy: FaultyProxy, endpoint: Endpoint) -> dskit.S3Store:
    return dskit.S3Store(
        "data",
        endpoint=proxy.url,
        access_key=endpoint.account.access_key,
        secret_key=endpoint.account.secret_key,
        retries=RetryOptions(attempts=1),
        capabilities={"limits": {"min_part_bytes": 1}},
    )


def interrupt(proxy: FaultyProxy, store: dskit.Store, path: Path) -> None:
    """An upload of six parts that ends after two of them."""
    proxy.plan[:] = [PASS, PASS, PASS, LOSE_REQUEST]
    with pytest.raises((dskit.OutcomeUnknownError, dskit.UnavailableError)):
        store.upload(path, "key", part_bytes=SMALL, concurrency=1, resume=True)
    assert uploads(store) == ["key"]
    assert len(os.listdir(path.parent)) == 2


def test_a_failed_upload_is_aborted(endpoint: Endpoint, remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(6 * SMALL))
    with FaultyProxy(endpoint.url, plan=[PASS, PASS, PASS, LOSE_REQUEST]) as proxy, broken(proxy, endpoint) as store:
        with pytest.raises((dskit.OutcomeUnknownError, dskit.UnavailableError)) as caught:
            store.upload(folder / "file", "key", part_bytes=SMALL, concurrency=1)
        assert caught.value.key == "key"
    assert uploads(remote) == []
    assert os.listdir(folder) == ["file"]


def test_an_interrupted_upload_goes_on(
    endpoint: Endpoint, requests: Requests, remote: dskit.Store, folder: Path
) -> None:
    path = folder / "file"
    path.write_bytes(content(6 * SMALL))
    with FaultyProxy(endpoint.url) as proxy, broken(proxy, endpoint) as store:
        interrupt(proxy, store, path)
        requests.clear()
        seen: list[Progress] = []
        store.upload(path, "key", part_bytes=SMALL, concurrency=1, resume=True, progress=seen.append)
    assert requests.count("PUT partNumber") == 4
    assert remote.get("key").read() == content(6 * SMALL)
    assert seen[-1].bytes == 6 * SMALL
    assert uploads(remote) == []
    assert os.listdir(folder) == ["file"]


def test_parts_that_are_not_those_of_the_file_are_sent_again(
    endpoint: Endpoint, requests: Requests, remote: dskit.Store, folder: Path
) -> None:
    """The journal alone is not believed: the store's parts are compared with the bytes."""
    path = folder / "file"
    path.write_bytes(content(6 * SMALL))
    with FaultyProxy(endpoint.url) as proxy, broken(proxy, endpoint) as store:
        interrupt(proxy, store, path)
        upload = remote.list_uploads().uploads[0]
        remote.upload_part("key", upload.upload_id, 1, content(SMALL, seed=1), checksum="CRC64NVME")
        requests.clear()
        store.upload(path, "key", part_bytes=SMALL, concurrency=1, resume=True)
    assert requests.count("PUT partNumber") == 5
    assert remote.get("key").read() == content(6 * SMALL)


@pytest.mark.parametrize("change", ["file", "part size", "attributes", "aborted", "torn journal"])
def test_an_upload_that_is_not_the_same_starts_again(
    change: str, endpoint: Endpoint, requests: Requests, remote: dskit.Store, folder: Path
) -> None:
    path = folder / "file"
    path.write_bytes(content(6 * SMALL))
    options: dict[str, Any] = {"part_bytes": SMALL}
    with FaultyProxy(endpoint.url) as proxy, broken(proxy, endpoint) as store:
        interrupt(proxy, store, path)
        upload = remote.list_uploads().uploads[0]
        if change == "file":
            path.write_bytes(content(6 * SMALL, seed=1))
        elif change == "part size":
            options["part_bytes"] = 2 * SMALL
        elif change == "attributes":
            options["content_type"] = "text/plain"
        elif change == "aborted":
            remote.abort_multipart_upload("key", upload.upload_id)
        else:
            journal = next(entry for entry in folder.iterdir() if entry.name != "file")
            journal.write_bytes(journal.read_bytes()[:-5])
        requests.clear()
        store.upload(path, "key", resume=True, **options)
    assert requests.count("PUT partNumber") == (3 if change == "part size" else 6)
    assert remote.get("key").read() == path.read_bytes()
    assert remote.head("key").content_type == options.get("content_type", "binary/octet-stream")
    assert os.listdir(folder) == ["file"]
    assert uploads(remote) == (["key"] if change == "torn journal" else [])  # nobody knows of that one any more


def test_two_at_once_do_not_share_a_journal(remote: dskit.Store, folder: Path) -> None:
    path = folder / "file"
    path.write_bytes(content(3 * SMALL))

    def again(progress: Progress) -> None:
        if not told:
            told.append("begun")
            with pytest.raises(dskit.ConflictError, match="another transfer"):
                remote.upload(path, "key", part_bytes=SMALL, resume=True)

    told: list[str] = []
    remote.upload(path, "key", part_bytes=SMALL, resume=True, progress=again)
    assert told == ["begun"]
    assert remote.get("key").read() == content(3 * SMALL)


def test_a_journalled_upload_that_can_never_succeed_is_aborted(remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(3 * SMALL))
    remote.put("key", b"old")
    with pytest.raises(dskit.AlreadyExistsError):
        remote.upload(folder / "file", "key", part_bytes=SMALL, resume=True, if_none_match="*")
    assert uploads(remote) == []
    assert os.listdir(folder) == ["file"]


def test_resuming_a_store_that_cannot_list_parts_is_refused(endpoint: Endpoint, folder: Path) -> None:
    (folder / "file").write_bytes(content(3 * SMALL))
    lacking = {"limits": {"min_part_bytes": 1}, "supports": {"list_parts": False}}
    with endpoint.store("data", capabilities=lacking) as store, pytest.raises(dskit.UnsupportedError, match="resume"):
        store.upload(folder / "file", "key", part_bytes=SMALL, resume=True)
