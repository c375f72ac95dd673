"""Threads and processes on the same plain files: one winner, whole versions, no lost folder."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.backends.local_folder import Folder


def store_of(root: Path) -> dskit.LocalStore:
    return dskit.LocalStore(root, durability="process")


def together(calls: list[Callable[[], object]]) -> list[object]:
    """Run calls in threads that start at once; results in order, exceptions as values."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except dskit.StoreError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def spawn(root: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    code = f"import sys, dskit\nstore = dskit.LocalStore(sys.argv[1], durability='process')\n{script}"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(root), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("conditions", [{"if_none_match": "*"}, {"if_match": "current"}])
def test_of_racing_threads_one_wins(root: Path, conditions: dict[str, str]) -> None:
    stores = [store_of(root) for _ in range(8)]
    for attempt in range(20):
        key = f"folder/{attempt}"
        options = dict(conditions)
        if "if_match" in options:
            options["if_match"] = stores[0].put(key, b"first").etag

        def put(number: int, key: str = key, options: dict[str, str] = options) -> int:
            stores[number].put(key, b"%d" % number, **options)  # type: ignore[arg-type]
            return number

        results = together([lambda number=number, put=put: put(number) for number in range(8)])  # type: ignore[misc]
        winners = [result for result in results if isinstance(result, int)]
        losers = [result for result in results if not isinstance(result, int)]
        assert len(winners) == 1
        assert all(isinstance(loser, dskit.PreconditionFailedError) for loser in losers)
        assert stores[0].get(key).read() == b"%d" % winners[0]


def test_of_racing_processes_one_wins_each_key(root: Path) -> None:
    script = """
for line in sys.stdin:
    try:
        store.put(line.strip(), sys.argv[2].encode(), if_none_match="*")
        print("won", flush=True)
    except dskit.AlreadyExistsError:
        print("lost", flush=True)
"""
    workers = [spawn(root, script, str(number)) for number in range(3)]
    store = store_of(root)
    for attempt in range(30):
        key = f"a/{attempt % 3}/{attempt}"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(key + "\n")
            worker.stdin.flush()
        answers = [worker.stdout.readline().strip() for worker in workers if worker.stdout is not None]
        assert sorted(answers) == ["lost", "lost", "won"]
        assert store.get(key).read() == str(answers.index("won")).encode()
    for worker in workers:
        worker.communicate()
        assert worker.returncode == 0


def test_compare_and_swap_in_several_processes_loses_no_step(root: Path) -> None:
    script = """
done = 0
while done < 40:
    with store.get("counter") as read:
        value, etag = int(read.read()), read.meta.etag
    try:
        store.put("counter", str(value + 1).encode(), if_match=etag)
        done += 1
    except dskit.PreconditionFailedError:
        pass
"""
    store = store_of(root)
    store.put("counter", b"0")
    workers = [spawn(root, script) for _ in range(3)]
    for worker in workers:
        worker.communicate(timeout=120)
        assert worker.returncode == 0
    assert store.get("counter").read() == b"120"


def test_readers_see_whole_versions_with_their_own_metadata(root: Path) -> None:
    """Bytes, size, ETag and metadata of a read are of one write, whoever writes meanwhile."""
    store = store_of(root)
    sizes = [0, 1, 70_000, 300_000]
    store.put("k", b"", metadata={"n": "0", "size": "0"})
    ended = threading.Event()

    def write() -> None:
        for number in range(300):
            size = sizes[number % len(sizes)]
            store.put("k", bytes([number % 256]) * size, metadata={"n": str(number % 256), "size": str(size)})
        ended.set()

    def read() -> int:
        seen = 0
        while not ended.is_set():
            with store.get("k") as result:
                data = result.read()
                expected = bytes([int(result.meta.metadata["n"])]) * int(result.meta.metadata["size"])
                assert data == expected
                assert result.meta.size == len(data)
            (entry,) = store.list()
            assert entry.size in sizes
            seen += 1
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        pool.submit(write).result()
        assert all(reader.result() > 0 for reader in readers)


def test_metadata_in_the_side_index_stays_with_its_version(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.delattr(os, "setxattr", raising=False)
    monkeypatch.delattr(os, "getxattr", raising=False)
    test_readers_see_whole_versions_with_their_own_metadata(root)


def test_puts_beside_deletes_of_siblings_succeed(root: Path) -> None:
    """A folder that a delete prunes is made again by the put that needs it (versitygw#2006 did not)."""
    store = store_of(root)

    def churn(name: str) -> int:
        for number in range(150):
            store.put(f"a/b/c/{name}", b"%d" % number)
            assert store.get(f"a/b/c/{name}").read() == b"%d" % number
            store.delete(f"a/b/c/{name}")
        return 0

    results = together([lambda name=name: churn(name) for name in "pqrs"])  # type: ignore[misc]
    assert results == [0, 0, 0, 0]
    assert list(store.list()) == []
    assert [path.name for path in root.iterdir()] == [".dskit"]


def test_a_file_and_a_key_below_it_never_both_exist(root: Path) -> None:
    store = store_of(root)
    for _ in range(30):
        results = together([lambda: store.put("a", b"1"), lambda: store.put("a/b", b"2")])
        conflicts = [result for result in results if isinstance(result, dskit.KeyConflictError)]
        assert len(conflicts) == 1
        assert len(list(store.list())) == 1
        store.delete_many(["a", "a/b"])


def test_a_key_that_stays_is_listed_once_while_others_come_and_go(root: Path) -> None:
    store = store_of(root)
    steady = [f"d{number % 5}/{number:03}" for number in range(50)]
    for key in steady:
        store.put(key, b"x")
    ended = threading.Event()

    def churn() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            store.put(f"d{number % 7}/x{number % 11}", b"y")
            store.put(steady[number % 50], b"z")
            store.delete(f"d{(number + 3) % 7}/x{(number + 5) % 11}")

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for size in (1, 3, 7) * 3:
            listed = [entry.key for entry in store.list(page_size=size)]
            assert [key for key in listed if key in steady] == sorted(steady)
            assert len(set(listed)) == len(listed)
    finally:
        ended.set()
        thread.join()


def test_parts_and_completion_race(root: Path) -> None:
    """A part is in the completed object as listed, or its upload is gone; nothing in between."""
    store = store_of(root)
    for _ in range(10):
        upload = store.create_multipart_upload("k")
        part = store.upload_part("k", upload.upload_id, 1, b"first")
        results = together(
            [
                lambda upload=upload, part=part: store.complete_multipart_upload("k", upload.upload_id, [part]),  # type: ignore[misc]
                lambda upload=upload: store.upload_part("k", upload.upload_id, 1, b"other"),  # type: ignore[misc]
            ]
        )
        if isinstance(results[0], dskit.InvalidPartError):
            store.abort_multipart_upload("k", upload.upload_id)
        else:
            assert isinstance(results[0], dskit.PutResult)
            assert store.get("k").read() == b"first"
        assert store.list_uploads().uploads == []


def test_a_killed_writer_leaves_no_object_and_no_stray(root: Path) -> None:
    script = """
def data():
    yield b"x" * 100_000
    print("staged", flush=True)
    sys.stdin.read()
store.put("k", data())
"""
    store = store_of(root)
    store.put("k", b"old")
    worker = spawn(root, script)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "staged\n"
    worker.kill()
    worker.communicate()
    assert [entry.key for entry in store.list()] == ["k"]
    assert store.get("k").read() == b"old"
    with store_of(root):
        left = [file for file in (root / ".dskit" / "staging").rglob("*") if file.is_file() and file.suffix != ".lock"]
        assert left == []


def test_a_folder_that_turns_into_a_link_lets_nobody_out(root: Path, tmp_path: Path) -> None:
    """Whenever the swap happens: components are opened one by one and links are never followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store = store_of(root)
    ended = threading.Event()

    def swap() -> None:
        folder, aside = root / "d", root / "aside"
        while not ended.is_set():
            for step in (
                lambda: folder.rename(aside),
                lambda: shutil.rmtree(aside),  # refuses a link
                aside.unlink,
                lambda: folder.symlink_to(outside),
                folder.unlink,  # refuses a folder
            ):
                with suppress(OSError):
                    step()

    thread = threading.Thread(target=swap)
    thread.start()
    read = []
    try:
        for number in range(150):
            for call in (
                lambda: read.append(store.get("d/secret").read()),
                lambda number=number: store.put(f"d/{number}", b"x"),
                lambda: store.put("d/secret", b"overwritten"),
                lambda: store.delete("d/secret"),
                lambda: [entry.key for entry in store.list()],
            ):
                try:
                    call()
                except (dskit.NotFoundError, dskit.KeyConflictError):
                    continue
    finally:
        ended.set()
        thread.join()
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"
    assert b"secret" not in read


@pytest.mark.parametrize("kind", ["link", "file", "nothing"])
def test_a_folder_that_goes_before_its_file_is_removed_is_no_failure(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store = store_of(root)
    store.put("d/k", b"x")
    looked = Folder.current

    def swapped(self: Folder, here: int, segments: Sequence[bytes]) -> Any:
        found = looked(self, here, segments)
        if control_is_held.pop():
            (root / "d").rename(tmp_path / "aside")
            if kind == "link":
                (root / "d").symlink_to(tmp_path / "aside")
            elif kind == "file":
                (root / "d").write_bytes(b"")
        return found

    control_is_held = [True, False]  # it looks twice, the second time under the key's lock
    monkeypatch.setattr(Folder, "current", swapped)
    store.delete("d/k")
    assert (tmp_path / "aside" / "k").read_bytes() == b"x"


def test_a_store_that_is_open_when_the_process_forks(root: Path) -> None:
    """A forked child stages in its parent's folder and leaves it alone when it ends."""
    store = store_of(root)
    store.put("k", b"parent")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=store.put, args=(f"child/{number}", b"x")) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    store.put("after", b"x")
    assert [entry.key for entry in store.list()] == ["after", "child/0", "child/1", "child/2", "k"]
