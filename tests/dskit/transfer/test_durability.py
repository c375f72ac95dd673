"""What a download leaves to the operating system, and what it does not: read from its system calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dskit
from dskit.transfer.staging import make_folder
from tests.dskit.cli.conftest import Place, Run, place, run, server

__all__ = ["place", "run", "server"]

CODE = """
import sys, os
import dskit, dskit.transfer
store = dskit.MemoryStore()
store.put("sub/key", b"x" * 100_000)
os.write(2, b"MARK")
{call}
os.write(2, b"DONE")
"""
FILE = 'store.download("sub/key", sys.argv[1] + "/file", part_bytes=30_000{durable})'
FOLDER = 'store.download_folder("", sys.argv[1] + "/made/here"{durable})'


def system_calls(call: str, folder: Path, durable: bool) -> list[str]:
    log = folder.parent / "strace.log"
    code = CODE.format(call=call.format(durable=", durable=True" if durable else ""))
    calls = "trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat"
    subprocess.run(
        ["strace", "-f", "-y", "-e", calls, "-o", log, sys.executable, "-c", code, str(folder)],
        check=True,
        capture_output=True,
    )
    lines = log.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if "MARK" in line)
    end = next(number for number, line in enumerate(lines) if "DONE" in line)
    return [line for line in lines[begin + 1 : end] if "resumed>" not in line]


def at(lines: list[str], pattern: str) -> list[int]:
    return [number for number, line in enumerate(lines) if re.search(pattern, line)]


STAGED = r"/\.dskit-[0-9a-f]*"
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (package strace)")


@needs_strace
@pytest.mark.parametrize("call", [FILE, FOLDER])
def test_a_download_is_renamed_and_not_synced(call: str, folder: Path) -> None:
    lines = system_calls(call, folder, durable=False)
    assert at(lines, rf"pwrite64\(\d+<.*{STAGED}")[-1] < at(lines, r"rename\w*\(")[0]
    assert at(lines, r"f(data)?sync") == []


@needs_strace
@pytest.mark.parametrize("call", [FILE, FOLDER])
def test_a_durable_download_is_synced_then_renamed_then_its_folder_is_synced(call: str, folder: Path) -> None:
    lines = system_calls(call, folder, durable=True)
    order = [
        at(lines, rf"pwrite64\(\d+<.*{STAGED}")[-1],
        at(lines, rf"fsync\(\d+<.*{STAGED}")[0],
        at(lines, r"rename\w*\(")[0],
        at(lines, r"fsync\(")[-1],
    ]
    assert order == sorted(set(order)), lines


@needs_strace
def test_folders_that_a_durable_download_makes_are_synced_into_theirs(folder: Path) -> None:
    lines = system_calls(FOLDER, folder, durable=True)
    renamed = at(lines, r"rename\w*\(")[0]
    for made, above in (("made", "folder"), ("here", "made"), ("sub", "here")):
        synced = [number for number in at(lines, rf"fsync\(\d+<[^>]*/{above}>") if number < renamed]
        assert at(lines, rf'mkdir.*\b{made}"')[0] < synced[-1], lines


def test_a_folder_that_is_there_is_left_alone(folder: Path, syncs: list[str]) -> None:
    make_folder(folder, durable=True)
    make_folder(folder / "a")
    assert syncs == []


@pytest.fixture
def syncs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced in `folder` and below, and the folder itself; a store beside it has syncs of its own."""
    calls: list[str] = []

    def noting(file: int) -> None:
        name = os.readlink(f"/proc/self/fd/{file}")
        if Path(name).is_relative_to(folder):
            calls.append(name)

    monkeypatch.setattr(os, "fsync", noting)
    return calls


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_coroutines_say_it_too(folder: Path, syncs: list[str]) -> None:
    store = dskit.MemoryStore()
    store.put("a", b"1")
    await store.aio.download("a", folder / "a")
    await store.aio.download_folder("", folder / "b")
    assert syncs == []
    await store.aio.download("a", folder / "a", durable=True)
    assert len(syncs) == 2
    await store.aio.download_folder("", folder / "b", durable=True)
    assert len(syncs) == 4


def test_the_command_line_moves_durably_and_copies_so_if_asked(
    place: Place, run: Run, folder: Path, syncs: list[str]
) -> None:
    """What was moved is gone from where it was: it must not get lost here."""
    for arguments, synced in (
        (["cp"], False),
        (["cp", "--durable"], True),
        (["cp", "-r"], False),
        (["cp", "-r", "--durable"], True),
        (["mv"], True),
        (["mv", "-r"], True),
    ):
        place.store.put("d/k", b"1")
        del syncs[:]
        source, target = ("d", folder / "new") if "-r" in arguments else ("d/k", folder / "k")
        assert run(*arguments, place.url(source), target).code == 0, arguments
        assert bool(syncs) is synced, arguments


@pytest.mark.parametrize("target", ["-", "url"])
def test_where_there_is_no_file_to_sync_it_is_refused(place: Place, run: Run, folder: Path, target: str) -> None:
    place.store.put("k", b"1")
    answer = run("cp", "--durable", place.url("k"), place.url("other") if target == "url" else target)
    assert answer.code == 2
    assert "--durable is for copies to local files" in answer.err
    assert not place.store.exists("other")
