"""`dskit serve` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

Serve = Callable[..., "Running"]


class Running:
    """A server process; its output goes to a file."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        number = sum(1 for _ in folder.glob("output-*"))
        self.ready = folder / f"ready-{number}"
        self.output = folder / f"output-{number}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        command = [str(Path(sys.executable).with_name("dskit")), "serve"]
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, "--port", "0", "--ready-file", str(self.ready), *options],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        # What it prints goes through a thread of its own, so that it may come after the ready-file.
        end = time.monotonic() + 120
        while not (self.ready.exists() and "mc alias set" in self.text()):
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < end, self.text()
            time.sleep(0.01)
        self.url = self.ready.read_text().strip()

    def text(self) -> str:
        return self.output.read_text()

    def client(self, access: str = "dskit", secret: str = "dskit-secret", config: Config | None = None) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            config=config,
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def largest(folder: Path) -> int:
    """The size of the largest file below; those that go away meanwhile count nothing."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size = max(size, path.stat().st_size)
    return size


def refused(*options: str) -> str:
    command = [str(Path(sys.executable).with_name("dskit")), "serve", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr
