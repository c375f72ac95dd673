"""The servers under test, each a subprocess: dskit's emulator, moto_server, and one that only repeats answers."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Target", "emulator", "moto", "replay"]


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    port: int
    pid: int

    def resident(self, field: str = "VmRSS") -> int:
        """Bytes: `VmRSS` now, `VmHWM` at most so far."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        return 0


@contextlib.contextmanager
def emulator(*options: str) -> Iterator[Target]:
    """`dskit serve` on a free port, without access log."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready")
        command = [
            sys.executable,
            "-m",
            "dskit_emulator",
            "--port",
            "0",
            "--quiet",
            "--ready-file",
            str(ready),
            *options,
        ]
        with _process(command) as process:
            _wait(process, ready.exists)
            port = int(ready.read_text().strip().rpartition(":")[2])
            yield Target("dskit", port, process.pid)


@contextlib.contextmanager
def moto(prepare: str = "") -> Iterator[Target]:
    """moto_server, whose access log goes nowhere. `prepare` is Python that runs in its process before it serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"{prepare}\nfrom moto.server import main\nmain(['-H', '127.0.0.1', '-p', '{port}'])"
    with _process([sys.executable, "-c", code]) as process:
        _wait(process, lambda: _answers(port))
        yield Target("moto", port, process.pid)


@contextlib.contextmanager
def replay(answers: list[bytes]) -> Iterator[Target]:
    """A server that gives these answers in turn, whatever is asked."""
    with tempfile.TemporaryDirectory() as folder:
        recorded, ready = Path(folder, "answers"), Path(folder, "ready")
        recorded.write_bytes(pickle.dumps(answers))
        with _process([sys.executable, "-m", "benchmarks.replay", str(recorded), str(ready)]) as process:
            _wait(process, lambda: ready.exists() and ready.read_text().endswith("\n"))
            yield Target("replay", int(ready.read_text().strip().rpartition(":")[2]), process.pid)


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: object, patience: float = 120.0) -> None:
    end = time.monotonic() + patience
    while not ready():  # type: ignore[operator]
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args!r} did not start")
        time.sleep(0.01)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
