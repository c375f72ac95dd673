"""The main job: certify memory, disk, plain files, S3 and MinIO through one client API and one suite.

`S3Store`, `ObstoreS3Store` and `MinIOStore` talk to an emulator in a subprocess and, where a MinIO server is to be had
(see `tools/minio_server.py`), to that one too; its known divergences are the shipped profile `minio`. moto is a subject
whose failures are expected and shown: it never changes the exit code.

Certified where they are named (`certify_all.py WebDAVStore`): stores of other clouds, on the servers of
`tools/cloud_servers.py`; S3 through obstore on MinIO; and MinIO in a container, which is the server
and the client of `MinIOStore on MinIO`, for as many seconds again.

Two runs at a time; each is a `dskit certify` of its own, so that what you see here is what you get by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloud_servers
import minio_image
from minio_server import find_minio, running_minio
from rich.console import Console
from rich.table import Table

BIN = Path(sys.executable).parent
ACCESS, SECRET = "dskit", "dskit-secret"
BUCKET = "data"
OBSTORE_ON_MINIO = "ObstoreS3Store on MinIO"
CLOUDS: tuple[tuple[str, str, list[str]], ...] = (
    ("webdav", "WebDAVStore on wsgidav", ["--profile", "wsgidav"]),
    ("azure", "AzureStore on Azurite", []),
    ("gcs", "GCSStore on fake-gcs-server", []),
)
"""Kind of server, name of the certificate, options."""
CONTAINED = "MinIO in a container"
CONTAINER_SECONDS = 300
MOTO_SECONDS = 7  # of exploring and shortening; opening the bucket of each example comes on top
PATIENCE_SECONDS = 300  # on a slow machine; a run ends earlier, when every property has its quota


@dataclass
class Job:
    """`counts`: whether its exit code is part of the answer."""

    name: str
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    counts: bool = True


@dataclass
class Outcome:
    job: Job
    code: int
    output: str
    seconds: float


def keys(access: str, secret: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": access,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "MINIO_ACCESS_KEY": access,
        "MINIO_SECRET_KEY": secret,
    }


@contextlib.contextmanager
def process(*command: str | Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server for as long as the block lasts; ended by its own process id."""
    with log.open("wb") as out:
        server = subprocess.Popen([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """URL of a `dskit serve` with small parts, so that multipart uploads are cheap to generate, and with one bucket,
    for who cannot make any."""
    ready = folder / "emulator.ready"
    command = (
        BIN / "dskit",
        "serve",
        "--port",
        "0",
        "--rule",
        "small-parts",
        "--bucket",
        BUCKET,
        "--ready-file",
        ready,
    )
    with process(*command, log=folder / "emulator.log") as server:
        await_(lambda: ready.is_file() and ready.stat().st_size > 0, server, folder / "emulator.log")
        yield ready.read_text().split()[0]


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[str]:
    port = free_port()
    with process(BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port), log=folder / "moto.log") as server:
        await_(lambda: listens(port), server, folder / "moto.log")
        yield f"http://127.0.0.1:{port}"


def await_(ready: object, server: subprocess.Popen[bytes], log: Path, seconds: float = 30.0) -> None:
    """Wait until the callable `ready` says so. Raises RuntimeError with the log's end when the server dies first."""
    assert callable(ready)
    deadline = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.args!r} did not get ready:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def certify(job: Job, budget: str, seed: int, out: Path) -> Outcome:
    command = [str(BIN / "dskit"), "certify", job.url, "--name", job.name, "--budget", budget, "--seed", str(seed)]
    command += ["--out", str(out), *(job.options or ["--seconds", str(PATIENCE_SECONDS)])]
    environment = {**os.environ, **job.environment}
    began = time.monotonic()
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return Outcome(job, result.returncode, result.stdout + result.stderr, time.monotonic() - began)


def jobs(stack: contextlib.ExitStack, folder: Path, only: list[str]) -> Iterator[Job]:
    """Longest first, so that the two lanes end together. Servers live as long as `stack`."""
    endpoint = stack.enter_context(emulator(folder))
    host = endpoint.removeprefix("http://")
    yield Job("moto", stack.enter_context(moto(folder)), keys("moto", "moto"), ["--seconds", str(MOTO_SECONDS)], False)
    yield Job("S3Store on the emulator", f"s3://?endpoint={endpoint}", keys(ACCESS, SECRET))
    yield Job("MinIOStore on the emulator", f"minio://{host}?secure=false", keys(ACCESS, SECRET))
    yield Job(
        "ObstoreS3Store on the emulator", f"s3://{BUCKET}?endpoint={endpoint}&client=obstore", keys(ACCESS, SECRET)
    )
    if find_minio() is not None:
        server = stack.enter_context(running_minio())
        with_profile = ["--profile", "minio", "--seconds", str(PATIENCE_SECONDS)]
        real = keys(server.access_key, server.secret_key)
        yield Job("S3Store on MinIO", f"s3://?endpoint={server.url}", real, with_profile)
        address = server.url.removeprefix("http://")
        yield Job("MinIOStore on MinIO", f"minio://{address}?secure=false", real, with_profile)
        if any(word.lower() in OBSTORE_ON_MINIO.lower() for word in only):
            url = f"s3://{BUCKET}?endpoint={server.url}"
            subprocess.run([BIN / "dskit", "mb", url], env={**os.environ, **real}, check=True)
            yield Job(OBSTORE_ON_MINIO, f"{url}&client=obstore", real, with_profile)
    elif not only:
        print("no MinIO server: run `python tools/minio_server.py build`, or set DSKIT_MINIO, to certify one as well")
    if any(word.lower() in CONTAINED.lower() for word in only):
        if (reason := why_no_container()) is None:
            with_profile = ["--profile", "minio", "--seconds", str(CONTAINER_SECONDS)]
            image = os.environ.get("DSKIT_MINIO_IMAGE") or minio_image.NAME
            yield Job(CONTAINED, f"container:minio?image={image}", options=with_profile)
        else:
            print(f"{CONTAINED}: {reason}")
    for kind, name, options in CLOUDS:
        if not any(word.lower() in name.lower() for word in only):
            continue
        if cloud_servers.program(kind) is None:
            print(cloud_servers.why_not(kind))
            continue
        cloud = stack.enter_context(cloud_servers.running(kind))
        yield Job(name, cloud.url, cloud.environment, [*options, "--seconds", str(PATIENCE_SECONDS)])
    yield Job("local", f"file:{folder / 'local'}")
    yield Job("disk", f"disk:{folder / 'disk'}")
    yield Job("memory", "memory:")


def why_no_container() -> str | None:
    """What a MinIO server in a container needs and is not there, else None. Pulls and starts nothing."""
    try:
        import docker
    except ModuleNotFoundError:
        return 'pip install "dskit[containers]"'
    name = os.environ.get("DSKIT_MINIO_IMAGE") or minio_image.NAME
    try:
        with contextlib.closing(docker.from_env()) as client:
            client.images.get(name)
    except docker.errors.ImageNotFound:
        return f"the engine has no image {name}: `python tools/minio_image.py` makes one"
    except docker.errors.DockerException:
        return 'no Docker engine answers: eval "$(tools/ensure_docker.sh)" starts one'
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--budget", default="quick", choices=("quick", "standard", "deep"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out/certificates"))
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("only", nargs="*", help="certify only the subjects whose names contain one of these")
    options = parser.parse_args()
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = 120
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dskit-certify-") as name, contextlib.ExitStack() as stack:
        chosen = [
            job
            for job in jobs(stack, Path(name), options.only)
            if not options.only or any(word.lower() in job.name.lower() for word in options.only)
        ]
        with ThreadPoolExecutor(options.lanes) as pool:
            running = [pool.submit(certify, job, options.budget, options.seed, options.out) for job in chosen]
            outcomes = []
            for future in running:
                outcome = future.result()
                outcomes.append(outcome)
                console.print(outcome.output, markup=False, highlight=False, end="")
    report(console, outcomes, options.out, time.monotonic() - began)
    return next((outcome.code for outcome in outcomes if outcome.job.counts and outcome.code), 0)


def report(console: Console, outcomes: list[Outcome], out: Path, seconds: float) -> None:
    table = Table("subject", "verdict", "passed", "checks", "violated", "seconds", title="Certificates")
    for outcome in outcomes:
        certificate = load(out, outcome.job.name)
        if certificate is None:
            table.add_row(outcome.job.name, f"no certificate, exit code {outcome.code}", "", "", "", "")
            continue
        levels = certificate["verdict"]["levels"].values()
        violated = [row["id"] for row in certificate["properties"] if row["violations"]]
        table.add_row(
            outcome.job.name + ("" if outcome.job.counts else " (shown only)"),
            certificate["verdict"]["overall"],
            f"{sum(level['passed'] for level in levels)} of {sum(level['total'] for level in levels)}",
            str(sum(level["checks"] for level in levels)),
            str(len(violated)),
            f"{outcome.seconds:.0f}",
        )
    console.print(table)
    passed = sum(outcome.code == 0 for outcome in outcomes if outcome.job.counts)
    failed = sum(outcome.code != 0 for outcome in outcomes if outcome.job.counts)
    console.print(f"certificates in {out} after {seconds:.0f} s", highlight=False)
    console.print(f"{passed} passed, {failed} failed", highlight=False)


def load(out: Path, name: str) -> dict[str, Any] | None:
    path = out / f"{name.replace(' ', '-')}.json"
    return dict(json.loads(path.read_text())) if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
