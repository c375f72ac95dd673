"""A real MinIO server for tests and certificates: find one, build one, run one.

    python tools/minio_server.py build         build the pinned version into .cache/minio (minutes, once)
    python tools/minio_server.py run           start it on a free port and print what to paste; Ctrl-C ends it
    python tools/minio_server.py where         say what would be used

Looked for in this order:

1. ``DSKIT_MINIO``: a URL of a running server (``http://ACCESS:SECRET@HOST:PORT``; keys also from MINIO_ROOT_USER and
   MINIO_ROOT_PASSWORD), the path of a binary, or ``container:IMAGE`` (testcontainers; `tools/ensure_docker.sh` starts
   an engine where there is none);
2. ``minio`` on PATH;
3. the binary that ``build`` made.

The community server is archived and is distributed as source only, hence ``go install``. Needs Go 1.24, or Go 1.21
that may fetch a newer toolchain.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from go_build import GoError, go_install

from dskit.errors import StoreError

PIN = "v0.0.0-20260212201848-7aac2a2c5b7c"
"""Pseudo-version of github.com/minio/minio: the last state of the community server."""

ROOT = Path(__file__).resolve().parents[1]
CACHED = Path(os.environ.get("DSKIT_CACHE") or ROOT / ".cache") / "minio" / f"minio-{PIN}"
START_SECONDS = 30


class MinioError(Exception):
    """There is no server to be had; the message is one line that says why and what would help."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to get a server: ``url``, ``binary`` or ``container``, and which."""

    kind: str
    value: str = field(repr=False)

    def __str__(self) -> str:
        shown = re.sub(r"//[^/@]*@", "//", self.value)
        return f"{self.kind} {shown}"


@dataclass(frozen=True, slots=True)
class MinioServer:
    """A running server: `url` has no path, the keys are those of its root user."""

    url: str
    access_key: str
    secret_key: str = field(repr=False)


def find_minio() -> Way | None:
    """The way to a server, None where there is none. Starts nothing."""
    given = os.environ.get("DSKIT_MINIO", "").strip()
    if given:
        if given.startswith(("http://", "https://")):
            return Way("url", given)
        if given.startswith("container:"):
            return Way("container", given.removeprefix("container:"))
        path = shutil.which(given)
        return Way("binary", path) if path else None
    path = shutil.which("minio") or shutil.which(str(CACHED))
    return Way("binary", path) if path else None


def why_not() -> str:
    """One line for a skip, where `find_minio` gives None."""
    if given := os.environ.get("DSKIT_MINIO"):
        return f"DSKIT_MINIO is {given!r}, which is no URL, no program and no container:IMAGE"
    return "no MinIO server: set DSKIT_MINIO, put minio on PATH, or run `python tools/minio_server.py build`"


@contextlib.contextmanager
def running_minio(way: Way | None = None) -> Iterator[MinioServer]:
    """A usable server for as long as the block lasts. Raises `MinioError` where there is none."""
    way = way or find_minio()
    if way is None:
        raise MinioError(why_not())
    if way.kind == "url":
        yield _given_server(way.value)
    elif way.kind == "container":
        with _in_container(way.value) as server:
            yield server
    else:
        with _as_process(Path(way.value)) as server:
            yield server


def _given_server(url: str) -> MinioServer:
    parts = urlsplit(url)
    server = MinioServer(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        unquote(parts.username or "") or os.environ.get("MINIO_ROOT_USER", "minioadmin"),
        unquote(parts.password or "") or os.environ.get("MINIO_ROOT_PASSWORD", "minioadmin"),
    )
    _wait_until_usable(server.url, START_SECONDS)
    return server


@contextlib.contextmanager
def _as_process(binary: Path) -> Iterator[MinioServer]:
    with tempfile.TemporaryDirectory(prefix="dskit-minio-") as folder:
        for attempt in (1, 2, 3):  # somebody else may take the free port before the server does
            server = MinioServer(f"http://127.0.0.1:{_free_port()}", "dskit", secrets.token_urlsafe(18))
            process = _start(binary, server, Path(folder))
            try:
                _wait_until_usable(server.url, START_SECONDS, process)
            except MinioError as error:
                _stop(process)
                if attempt == 3:
                    log = Path(folder, "log").read_text(errors="replace")[-500:].strip()
                    raise MinioError(f"{error}; it said: {log}") from error
                continue
            break
        try:
            yield server
        finally:
            _stop(process)


def _start(binary: Path, server: MinioServer, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "MINIO_ROOT_USER": server.access_key,
        "MINIO_ROOT_PASSWORD": server.secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    address = server.url.removeprefix("http://")
    with Path(folder, "log").open("ab") as log:
        return subprocess.Popen(
            [binary, "server", "--quiet", "--address", address, folder / "data"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_usable(url: str, seconds: float, process: subprocess.Popen[bytes] | None = None) -> None:
    """Until ``/minio/health/cluster`` answers 200.

    The ``live`` and ``ready`` probes say 200 up to 90 ms too early: a request in that gap gets 503 with
    ``Retry-After: 60``, which many clients obey in silence.
    """
    deadline = time.monotonic() + seconds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    pause = threading.Event()
    while True:
        if process is not None and process.poll() is not None:
            raise MinioError(f"the MinIO server ended with status {process.returncode}")
        try:
            with opener.open(f"{url}/minio/health/cluster", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if time.monotonic() > deadline:
            raise MinioError(f"no MinIO server became usable at {url} within {seconds:.0f} s")
        pause.wait(0.05)


@contextlib.contextmanager
def _in_container(image: str) -> Iterator[MinioServer]:
    with _environment(_engine()), contextlib.ExitStack() as stack:
        try:
            from dskit.containers import MinioContainer

            container = stack.enter_context(MinioContainer(image))
        except StoreError as error:
            raise MinioError(error.message) from error
        yield MinioServer(container.url, container.access_key, container.secret_key)


def _engine() -> dict[str, str]:
    """Environment for a Docker engine; starts one where none answers and where that is possible."""
    script = ROOT / "tools" / "ensure_docker.sh"
    done = subprocess.run([script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MinioError(done.stderr.strip() or "there is no Docker engine")
    return dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", done.stdout, re.MULTILINE))


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def build(target: Path = CACHED) -> Path:
    """The pinned server as a static binary at `target`. Raises `MinioError`."""
    try:
        return go_install("MinIO", "github.com/minio/minio", PIN, target)
    except GoError as error:
        raise MinioError(str(error)) from error


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", choices=("build", "run", "where"))
    command = parser.parse_args().command
    try:
        if command == "build":
            print(find_minio() or build())
        elif command == "where":
            print(find_minio() or why_not())
        else:
            _run()
    except MinioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run() -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with running_minio() as server:
        print(f"MinIO at {server.url}\n")
        print(f"export AWS_ENDPOINT_URL_S3={server.url}")
        print(f"export AWS_ACCESS_KEY_ID={server.access_key} AWS_SECRET_ACCESS_KEY={server.secret_key}")
        print(f"export MINIO_ACCESS_KEY={server.access_key} MINIO_SECRET_KEY={server.secret_key}", flush=True)
        while not ended.wait(1):
            pass


if __name__ == "__main__":
    sys.exit(main())
