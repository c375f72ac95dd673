"""Real servers of other clouds for tests and certificates: Azurite, fake-gcs-server and wsgidav.

    python tools/cloud_servers.py build          build or install those that are missing (minutes, once)
    python tools/cloud_servers.py where          say what would be used, and what is missing and why
    python tools/cloud_servers.py run webdav     start one on a free port and print what to paste; Ctrl-C ends it

Azurite is an npm package, fake-gcs-server a Go module; both are put into ``DSKIT_CACHE`` (``.cache`` without it) in a
pinned version. The second runs behind `gcs_front.py`. wsgidav is one of the development extras. Each listens on
127.0.0.1, has one empty bucket ``data`` and forgets everything when it ends.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import email.utils
import hashlib
import hmac
import importlib.util
import json
import os
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from go_build import GoError, go_install

AZURITE_PIN = "3.35.0"
FAKE_GCS_PIN = "v1.53.1"  # the last one for Go 1.24
KINDS = ("webdav", "azure", "gcs")
BUCKET = "data"
ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("DSKIT_CACHE") or ROOT / ".cache")
BUILD_SECONDS = 15 * 60
START_SECONDS = 60.0  # Azurite loads several hundred modules


class CloudError(Exception):
    """There is no server to be had; the message is one line that says why and what would help."""


@dataclass(frozen=True, slots=True)
class CloudServer:
    """`url` is a store URL of the bucket, `environment` what dskit needs beside it."""

    kind: str
    url: str
    environment: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Start:
    """`command` serves at `address` (``http://127.0.0.1:PORT``); `prepare` makes the bucket once it listens."""

    command: list[str]
    server: CloudServer
    address: str
    prepare: Callable[[], None]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def program(kind: str) -> Path | None:
    """What is started, None where it is not there."""
    if kind == "webdav":
        found = importlib.util.find_spec("wsgidav") and importlib.util.find_spec("cheroot")
        return Path(sys.executable) if found else None
    path = _azurite_program() if kind == "azure" else _fake_gcs_program()
    return path if os.access(path, os.X_OK) else None


def why_not(kind: str) -> str:
    """One line for a skip, where `program` gives None."""
    if kind == "webdav":
        return 'no WebDAV server: pip install wsgidav cheroot (or "dskit[dev]")'
    name = {"azure": "Azurite", "gcs": "fake-gcs-server"}[kind]
    return f"no {name}: run `python tools/cloud_servers.py build {kind}`"


def _azurite_program() -> Path:
    return CACHE / "azurite" / AZURITE_PIN / "node_modules" / ".bin" / "azurite-blob"


def _fake_gcs_program() -> Path:
    return CACHE / "fake-gcs-server" / f"fake-gcs-server-{FAKE_GCS_PIN}"


@contextlib.contextmanager
def running(kind: str) -> Iterator[CloudServer]:
    """A usable server for as long as the block lasts, ended by its process id. Raises `CloudError`."""
    found = program(kind)
    if found is None:
        raise CloudError(why_not(kind))
    with tempfile.TemporaryDirectory(prefix=f"dskit-{kind}-") as folder:
        log = Path(folder, "log")
        for attempt in (1, 2, 3):  # somebody else may take the free port before the server does
            start = STARTS[kind](found, Path(folder), _free_port())
            with log.open("ab") as out:
                process = subprocess.Popen(
                    start.command,
                    env={**os.environ, **start.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                )
            try:
                _await(start, process)
            except CloudError as error:
                _stop(process)
                if attempt == 3:
                    said = log.read_text(errors="replace")[-500:].strip()
                    raise CloudError(f"{error}; it said: {said}") from error
                continue
            except BaseException:
                _stop(process)
                raise
            break
        try:
            yield start.server
        finally:
            _stop(process)


def _webdav(python: Path, folder: Path, port: int) -> Start:
    root = folder / BUCKET
    root.mkdir(exist_ok=True)
    username, password = "dskit", secrets.token_urlsafe(18)
    settings = folder / "webdav.json"
    accounts = {"*": {username: {"password": password}}}
    settings.write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": port,
                "provider_mapping": {f"/{BUCKET}": str(root)},
                "simple_dc": {"user_mapping": accounts},
                "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
                "dir_browser": {"enable": False},
                "lock_storage": True,
                "property_manager": True,
                "verbose": 1,
            }
        )
    )
    address = f"http://127.0.0.1:{port}"
    url = f"dav+{address}/{BUCKET}"
    server = CloudServer("webdav", url, {"WEBDAV_USERNAME": username, "WEBDAV_PASSWORD": password})
    command = [str(python), "-m", "wsgidav.server.server_cli", "--config", str(settings), "--server", "cheroot"]
    return Start(command, server, address, lambda: None)


def _azure(azurite: Path, folder: Path, port: int) -> Start:
    account, key = "dskit", base64.b64encode(secrets.token_bytes(32)).decode()
    address = f"http://127.0.0.1:{port}"
    command = [
        str(azurite),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
        *("--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"),
    ]
    endpoint = f"{address}/{account}"
    server = CloudServer(
        "azure", f"az://{BUCKET}?account={account}&endpoint={endpoint}", {"AZURE_STORAGE_ACCOUNT_KEY": key}
    )
    return Start(
        command,
        server,
        address,
        partial(_make_container, endpoint, account, key),
        {"AZURITE_ACCOUNTS": f"{account}:{key}"},
    )


def _make_container(endpoint: str, account: str, key: str) -> None:
    """Create Container, signed with the account's key (Azure Storage REST API, "Authorize with Shared Key")."""
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    named = "\n".join(f"{name}:{value}" for name, value in headers.items())
    text = f"PUT{chr(10) * 12}{named}\n/{account}/{account}/{BUCKET}\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
    headers["Content-Type"] = ""  # which urllib would fill in, and which is signed
    headers["Authorization"] = f"SharedKey {account}:{signature}"
    request = urllib.request.Request(f"{endpoint}/{BUCKET}?restype=container", b"", headers, method="PUT")
    with _opener().open(request, timeout=30):
        pass


def _gcs(fake_gcs: Path, folder: Path, port: int) -> Start:
    """The server asks for no credentials, and the token goes to it only."""
    address = f"http://127.0.0.1:{port}"
    server = CloudServer("gcs", f"gs://{BUCKET}?endpoint={address}", {"GOOGLE_BEARER_TOKEN": secrets.token_urlsafe(18)})
    command = [sys.executable, str(ROOT / "tools" / "gcs_front.py"), str(port), str(fake_gcs)]
    return Start(command, server, address, partial(_make_bucket, address), {"TZ": "UTC"})


def _make_bucket(address: str) -> None:
    body, headers = json.dumps({"name": BUCKET}).encode(), {"Content-Type": "application/json"}
    with _opener().open(urllib.request.Request(f"{address}/storage/v1/b", body, headers), timeout=30):
        pass


STARTS: Mapping[str, Callable[[Path, Path, int], Start]] = {"webdav": _webdav, "azure": _azure, "gcs": _gcs}


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _await(start: Start, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers HTTP, whatever it answers, and has its bucket."""
    deadline = time.monotonic() + START_SECONDS
    pause = threading.Event()
    while True:
        if process.poll() is not None:
            raise CloudError(f"the {start.server.kind} server ended with status {process.returncode}")
        try:
            with _opener().open(start.address, timeout=5):
                break
        except urllib.error.HTTPError:
            break
        except OSError:
            if time.monotonic() > deadline:
                raise CloudError(
                    f"the {start.server.kind} server did not answer within {START_SECONDS:.0f} s"
                ) from None
            pause.wait(0.05)
    try:
        start.prepare()
    except OSError as error:
        raise CloudError(f"the {start.server.kind} server made no bucket: {error}") from error


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


def build(kind: str) -> Path:
    """The program of `kind`, made where it is not there. Raises `CloudError`."""
    if (found := program(kind)) is not None:
        return found
    if kind == "webdav":
        raise CloudError(why_not(kind))
    if kind == "azure":
        _build_azurite()
    else:
        _build_fake_gcs()
    if (found := program(kind)) is None:
        raise CloudError(f"building {kind} made no program")
    return found


def _build_azurite() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CloudError("installing Azurite needs npm (Node.js 18 or later), and there is none on PATH")
    target = CACHE / "azurite" / AZURITE_PIN
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="staged-", dir=target.parent) as staged:
        _run([npm, "install", "--prefix", staged, "--no-audit", "--no-fund", f"azurite@{AZURITE_PIN}"], {})
        Path(staged).rename(target)
        Path(staged).mkdir()  # for the cleaning up


def _build_fake_gcs() -> None:
    try:
        go_install("fake-gcs-server", "github.com/fsouza/fake-gcs-server", FAKE_GCS_PIN, _fake_gcs_program())
    except GoError as error:
        raise CloudError(str(error)) from error


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CloudError(f"{command[0]} took longer than {BUILD_SECONDS // 60} minutes") from error
    if done.returncode != 0:
        raise CloudError(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", choices=("build", "where", "run"))
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all where none is named")
    options = parser.parse_args()
    kinds = options.kinds or list(KINDS)
    if unknown := sorted(set(kinds) - set(KINDS)):
        parser.error(f"there is no server {unknown[0]!r}; there are {', '.join(KINDS)}")
    if options.command == "run":
        if len(options.kinds) != 1:
            parser.error("run takes one server")
        return _serve(kinds[0])
    missing = 0
    for kind in kinds:
        try:
            print(f"{kind}: {build(kind) if options.command == 'build' else program(kind) or why_not(kind)}")
        except CloudError as error:
            print(f"{kind}: {error}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


def _serve(kind: str) -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with running(kind) as server:
            print(server.url)
            for name, value in server.environment.items():
                print(f"export {name}={value}", flush=True)
            while not ended.wait(1):
                pass
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
