"""Programs that are distributed as Go source: a pinned version, built once, kept as one static binary."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["GoError", "go_fits", "go_install"]

BUILD_SECONDS = 20 * 60


class GoError(Exception):
    """There is nothing to be built; the message is one line that says why and what would help."""


def go_install(name: str, package: str, version: str, target: Path) -> Path:
    """The program of `package` as a static binary at `target`; nothing to do where it is there.

    Go's caches (up to 3 GB) go to a temporary folder that is removed afterwards, unless GOMODCACHE or GOCACHE name
    another. Raises `GoError`.
    """
    if os.access(target, os.X_OK):
        return target
    go = _go(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dskit-go-", dir=os.environ.get("DSKIT_BUILD_TMP")) as folder:
        environment = {
            **os.environ,
            "CGO_ENABLED": "0",  # dynamically linked it would not run in an empty image
            "GOPATH": f"{folder}/path",
            "GOMODCACHE": os.environ.get("GOMODCACHE") or f"{folder}/mod",
            "GOCACHE": os.environ.get("GOCACHE") or f"{folder}/cache",
            "GOBIN": f"{folder}/bin",
            "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip(),  # so that it can be removed
        }
        command = [go, "install", "-trimpath", "-ldflags", "-s -w", f"{package}@{version}"]
        print(f"building {name} {version} into {target} (2 to 7 minutes)", flush=True)
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise GoError(f"building {name} took longer than {BUILD_SECONDS // 60} minutes") from error
        if done.returncode != 0:
            raise GoError(f"building {name} failed: {done.stderr.strip()[-500:]}")
        staged = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.move(f"{folder}/bin/{package.rpartition('/')[2]}", staged)
        staged.replace(target)
    return target


def _go(name: str) -> str:
    """A Go that can build it. On Debian as root its package is installed, where that is new enough."""
    go = shutil.which("go")
    if go is None and os.geteuid() == 0 and shutil.which("apt-get") and go_fits(_packaged_go()):
        subprocess.run(
            ["apt-get", "-q", "-y", "--no-install-recommends", "install", "golang-go"],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        go = shutil.which("go")
    if go is None:
        raise GoError(f"building {name} needs Go 1.24 or later, and there is no `go` on PATH")
    version = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    if not go_fits(version):
        raise GoError(f"building {name} needs Go 1.24 or later, not {version.strip() or 'an unknown version'}")
    return go


def _packaged_go() -> str:
    done = subprocess.run(["apt-cache", "policy", "golang-go"], capture_output=True, text=True, check=False)
    found = re.search(r"Candidate: (?:\d+:)?(\S+)", done.stdout)
    return found[1] if found else ""


def go_fits(version: str) -> bool:
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    found = int(numbers[1]), int(numbers[2])
    # From 1.21 on, go fetches the toolchain that a module asks for, unless it is told not to.
    return found >= (1, 24) or (found >= (1, 21) and os.environ.get("GOTOOLCHAIN") != "local")
