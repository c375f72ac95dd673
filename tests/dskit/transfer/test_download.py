"""An object becomes a local file: whole, of one state, verified, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.retry import RetryOptions
from dskit.transfer import Progress
from dskit_emulator import Endpoint
from tests.dskit.backends.faulty_proxy import PASS, FaultyProxy, cut
from tests.dskit.transfer.conftest import SMALL, Requests
from tests.dskit.transfer.test_upload import content


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 5 * SMALL + 7])
def test_any_size_from_any_store(size: int, any_store: dskit.Store, folder: Path) -> None:
    any_store.put("key", content(size))
    meta = any_store.download("key", folder / "file", part_bytes=SMALL)
    assert (folder / "file").read_bytes() == content(size)
    assert meta.etag == any_store.head("key").etag
    assert os.listdir(folder) == ["file"]


def test_a_large_object_is_read_in_ranges(remote: dskit.Store, requests: Requests, folder: Path) -> None:
    remote.put("key", content(5 * SMALL))
    requests.clear()
    remote.download("key", folder / "file", part_bytes=SMALL)
    requests.settle()
    assert sorted(requests.seen) == ["GET"] * 5 + ["HEAD"]


def test_progress_adds_up(any_store: dskit.Store, folder: Path) -> None:
    any_store.put("key", content(4 * SMALL))
    seen: list[Progress] = []
    any_store.download("key", folder / "file", part_bytes=SMALL, progress=seen.append)
    assert (seen[-1].bytes, seen[-1].total_bytes, seen[-1].files) == (4 * SMALL, 4 * SMALL, 1)


def test_a_callback_that_raises_leaves_what_was_there(any_store: dskit.Store, folder: Path) -> None:
    any_store.put("key", content(4 * SMALL))
    (folder / "file").write_bytes(b"old")

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        any_store.download("key", folder / "file", part_bytes=SMALL, progress=stop)
    assert (folder / "file").read_bytes() == b"old"
    assert os.listdir(folder) == ["file"]


def test_a_missing_object_leaves_nothing(any_store: dskit.Store, folder: Path) -> None:
    with pytest.raises(dskit.NotFoundError) as caught:
        any_store.download("key", folder / "file", resume=True)
    assert caught.value.key == "key"
    assert os.listdir(folder) == []


def test_an_object_replaced_meanwhile_is_not_mixed(any_store: dskit.Store, folder: Path) -> None:
    any_store.put("key", content(4 * SMALL))

    def replace(progress: Progress) -> None:
        any_store.put("key", content(4 * SMALL, seed=1))

    with pytest.raises(dskit.ConflictError, match="replaced while it was read: start again") as caught:
        any_store.download("key", folder / "file", part_bytes=SMALL, concurrency=1, progress=replace, resume=True)
    assert caught.value.key == "key"
    assert os.listdir(folder) == []


@pytest.mark.parametrize("size", [SMALL // 2, 4 * SMALL])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC64NVME", "SHA256"])
def test_bytes_that_do_not_have_the_stored_checksum_are_refused(
    size: int, algorithm: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dskit.MemoryStore()
    store.put("key", content(size), checksum=algorithm)
    real = dskit.GetResult.__iter__
    flipped = lambda result: (bytes([chunk[0] ^ 1]) + chunk[1:] for chunk in real(result))  # noqa: E731
    monkeypatch.setattr(dskit.GetResult, "__iter__", flipped)
    with pytest.raises(dskit.ChecksumMismatchError, match="download it again"):
        store.download("key", folder / "file", part_bytes=SMALL)
    assert os.listdir(folder) == []


def test_a_checksum_of_checksums_is_verified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = dskit.MemoryStore()
    size = store.capabilities.limits.min_part_bytes
    upload = store.create_multipart_upload("key", checksum_algorithm="SHA256")
    parts = [
        store.upload_part("key", upload.upload_id, number, content(length, number), checksum="SHA256")
        for number, length in ((1, size), (2, 10))
    ]
    store.complete_multipart_upload("key", upload.upload_id, parts)
    assert store.head("key", checksum_mode=True).checksum_type == "COMPOSITE"
    store.download("key", folder / "file")
    assert (folder / "file").read_bytes() == content(size, 1) + content(10, 2)
    real = dskit.GetResult.__iter__
    flipped = lambda result: (bytes([chunk[0] ^ 1]) + chunk[1:] for chunk in real(result))  # noqa: E731
    monkeypatch.setattr(dskit.GetResult, "__iter__", flipped)
    with pytest.raises(dskit.ChecksumMismatchError, match="SHA256"):
        store.download("key", folder / "other")


@pytest.mark.parametrize("bad", ["folder", "absent/file", ""])
def test_where_no_file_can_be_is_refused_before_a_request(
    bad: str, remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    remote.put("key", b"x")
    (folder / "folder").mkdir()
    requests.clear()
    with pytest.raises(dskit.InvalidRequestError):
        remote.download("key", f"{folder}/{bad}")
    requests.settle()
    assert requests.seen == []
    assert os.listdir(folder) == ["folder"]


def test_without_overwriting_a_file_stays(remote: dskit.Store, folder: Path) -> None:
    remote.put("key", b"new")
    (folder / "file").write_bytes(b"old")
    with pytest.raises(dskit.AlreadyExistsError):
        remote.download("key", folder / "file", overwrite=False)
    assert (folder / "file").read_bytes() == b"old"


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(
    any_store: dskit.Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_store.put("key", content(4 * SMALL))

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("dskit.transfer.staging.os.pwrite", full)
    with pytest.raises(dskit.UnavailableError, match="full") as caught:
        any_store.download("key", folder / "file", part_bytes=SMALL)
    assert caught.value.key == "key"
    assert not caught.value.retryable
    assert os.listdir(folder) == []


def through(proxy: FaultyProxy, endpoint: Endpoint) -> dskit.S3Store:
    account = endpoint.account
    return dskit.S3Store(
        "data",
        endpoint=proxy.url,
        access_key=account.access_key,
        secret_key=account.secret_key,
        retries=RetryOptions(attempts=1),
    )


def interrupt(proxy: FaultyProxy, store: dskit.Store, path: Path) -> None:
    """A download of six ranges that ends in the third."""
    proxy.plan[:] = [PASS, PASS, PASS, cut(100)]
    with pytest.raises(dskit.UnavailableError) as caught:
        store.download("key", path, part_bytes=SMALL, concurrency=1, resume=True)
    assert caught.value.key == "key"
    assert not path.exists()
    assert len(os.listdir(path.parent)) == 2


def test_a_server_that_dies_leaves_nothing_unless_it_is_to_be_resumed(
    endpoint: Endpoint, remote: dskit.Store, folder: Path
) -> None:
    remote.put("key", content(6 * SMALL))
    with (
        FaultyProxy(endpoint.url, plan=[PASS, PASS, cut(100)]) as proxy,
        through(proxy, endpoint) as store,
        pytest.raises(dskit.UnavailableError),
    ):
        store.download("key", folder / "file", part_bytes=SMALL, concurrency=1)
    assert os.listdir(folder) == []


def test_an_interrupted_download_goes_on(
    endpoint: Endpoint, remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    remote.put("key", content(6 * SMALL))
    with FaultyProxy(endpoint.url) as proxy, through(proxy, endpoint) as store:
        interrupt(proxy, store, folder / "file")
        requests.clear()
        store.download("key", folder / "file", part_bytes=SMALL, resume=True)
    assert requests.count("GET") == 4
    assert (folder / "file").read_bytes() == content(6 * SMALL)
    assert os.listdir(folder) == ["file"]


@pytest.mark.parametrize(
    "change",
    [
        "object",
        "staged bytes",
        "lost pages",
        "lost end",
        "lost journal",
        "range size",
        "torn journal",
        "no staged file",
    ],
)
def test_what_was_staged_is_used_only_if_it_is_of_this_object(
    change: str, endpoint: Endpoint, remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    remote.put("key", content(6 * SMALL))
    wanted, part_bytes, fetched = content(6 * SMALL), SMALL, 6
    with FaultyProxy(endpoint.url) as proxy, through(proxy, endpoint) as store:
        interrupt(proxy, store, folder / "file")
        staged = next(path for path in folder.iterdir() if path.suffix == ".part")
        journal = next(path for path in folder.iterdir() if path.suffix == ".download")
        if change == "object":
            wanted = content(6 * SMALL, seed=1)
            remote.put("key", wanted)
        elif change == "staged bytes":
            staged.write_bytes(b"\0" + staged.read_bytes()[1:])
            fetched = 5
        elif change == "lost pages":  # the power failed: the size of the file was on the disk, not all of its bytes
            staged.write_bytes(staged.read_bytes()[: SMALL + 4096].ljust(staged.stat().st_size, b"\0"))
            fetched = 5
        elif change == "lost end":
            os.truncate(staged, SMALL)
            fetched = 5
        elif change == "lost journal":
            journal.write_bytes(bytes(journal.stat().st_size))
        elif change == "range size":
            part_bytes, fetched = 2 * SMALL, 3
        elif change == "torn journal":
            journal.write_bytes(journal.read_bytes()[:-3])
            fetched = 5
        else:
            staged.unlink()
        requests.clear()
        store.download("key", folder / "file", part_bytes=part_bytes, resume=True)
    assert requests.count("GET") == fetched
    assert (folder / "file").read_bytes() == wanted
    assert os.listdir(folder) == ["file"]


def test_two_at_once_do_not_share_a_staged_file(remote: dskit.Store, folder: Path) -> None:
    remote.put("key", content(3 * SMALL))
    told: list[str] = []

    def again(progress: Progress) -> None:
        if not told:
            told.append("begun")
            with pytest.raises(dskit.ConflictError, match="another transfer"):
                remote.download("key", folder / "file", part_bytes=SMALL, resume=True)

    remote.download("key", folder / "file", part_bytes=SMALL, resume=True, progress=again)
    assert told == ["begun"]
    assert (folder / "file").read_bytes() == content(3 * SMALL)


def test_two_objects_at_once_into_one_file_are_never_mixed(any_store: dskit.Store, folder: Path) -> None:
    """Each stages for itself, also to be resumed; the last one that is whole has the name."""
    any_store.put("one", content(4 * SMALL, seed=1))
    any_store.put("two", content(3 * SMALL, seed=2))
    told: list[str] = []

    def between(progress: Progress) -> None:
        if not told:
            told.append("begun")
            any_store.download("two", folder / "file", part_bytes=SMALL, resume=True)
            assert (folder / "file").read_bytes() == content(3 * SMALL, seed=2)

    any_store.download("one", folder / "file", part_bytes=SMALL, resume=True, progress=between)
    assert (folder / "file").read_bytes() == content(4 * SMALL, seed=1)
    assert os.listdir(folder) == ["file"]
