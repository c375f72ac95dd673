"""The command as a process: questions and progress on a terminal, pipes, completion."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import dskit
import dskit_emulator

COMMAND = [sys.executable, "-m", "dskit"]


def in_terminal(arguments: list[str], typed: bytes, **env: str) -> tuple[int, bytes]:
    """Run with a pseudo-terminal as standard input, output and error: exit code and all that was shown."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=follower, stdout=follower, stderr=follower, env={**os.environ, **env}
    )
    os.close(follower)
    os.write(leader, typed)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    return process.wait(60), shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with dskit.DiskStore(tmp_path / "store", durability="process") as store:
        store.put("d/1", b"x")
    return tmp_path / "store"


@pytest.mark.parametrize(("typed", "code", "left"), [(b"y\n", 0, False), (b"n\n", 1, True)])
def test_a_question_is_asked_and_its_answer_obeyed(folder: Path, typed: bytes, code: int, left: bool) -> None:
    ended, shown = in_terminal(["rm", "-r", f"disk:{folder}#d/"], typed)
    assert ended == code
    assert b"Remove 1 object below" in shown
    with dskit.DiskStore(folder, durability="process") as store:
        assert store.exists("d/1") is left


@pytest.mark.parametrize("no_color", [False, True])
def test_progress_is_drawn_on_a_terminal_and_without_colour_if_asked(
    folder: Path, tmp_path: Path, no_color: bool
) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100_000)
    env = {"TERM": "xterm-256color", **({"NO_COLOR": "1"} if no_color else {})}
    ended, shown = in_terminal(["cp", str(tmp_path / "f"), f"disk:{folder}#f"], b"", **env)
    assert ended == 0
    assert b"\x1b[?25l" in shown, "no progress bar"
    assert (b"\x1b[3" in shown) is not no_color


def test_no_progress_and_no_colour_into_a_pipe(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100_000)
    done = subprocess.run(
        [*COMMAND, "cp", str(tmp_path / "f"), f"disk:{folder}#f"], capture_output=True, check=True, timeout=60
    )
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    with dskit.DiskStore(folder, durability="process") as store:
        store.put("large", b"x" * 5_000_000)
    process = subprocess.Popen(
        [*COMMAND, "cat", f"disk:{folder}#large"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_no_upload(s3: dskit_emulator.Endpoint, number: signal.Signals, code: int) -> None:
    bucket = s3.store("data")
    bucket.service.create_bucket("data")
    env = {**os.environ, **s3.env()}
    process = subprocess.Popen(
        [*COMMAND, "cp", "-", f"s3://data/k?endpoint={s3.url}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(bytes(9 * 1024**2))  # more than one part; then it waits for the rest
    process.stdin.flush()
    pause = threading.Event()
    while not bucket.list_uploads().uploads:
        assert process.poll() is None
        pause.wait(0.02)
    process.send_signal(number)
    assert process.wait(120) == code
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.stdin.close()
    assert bucket.list_uploads().uploads == []
    assert not bucket.exists("k")


@pytest.mark.parametrize(("arguments", "code"), [("ls", 0), ("cat", 2)])
def test_a_closed_standard_output_is_no_traceback(folder: Path, arguments: str, code: int) -> None:
    call = " ".join(map(shlex.quote, [*COMMAND, arguments, f"disk:{folder}#d/1"]))
    done = subprocess.run(["sh", "-c", f"{call} >&-"], stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str) -> None:
    done = subprocess.run([*COMMAND, "completion", shell], capture_output=True, text=True, check=True, timeout=60)
    assert "_DSKIT_COMPLETE" in done.stdout


def test_bash_completes_commands_and_options() -> None:
    def completed(words: str, position: int) -> list[str]:
        env = {**os.environ, "_DSKIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
        done = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False, timeout=60)
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert completed("dskit sy", 1) == ["sync"]
    assert "--dry-run" in completed("dskit sync --d", 2)
