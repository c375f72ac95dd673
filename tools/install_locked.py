"""Install a locked file of requirements into an environment: `python tools/install_locked.py ENVIRONMENT LOCK`.

By uv, which is quicker and is itself locked in requirements.lock; by pip where uv cannot (an index that only pip is
configured for). Either checks every hash.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["install", "uv_environment"]

ROOT = Path(__file__).resolve().parent.parent
_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}


def install(environment: Path, *arguments: str) -> None:
    """What ``pip install ARGUMENTS`` would do there. Raises CalledProcessError where pip fails too."""
    python = str(environment / "bin" / "python")
    # As pip does: what is not compiled now is compiled in each process that imports it and may not write.
    command = [_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *arguments]
    if subprocess.run(command, env=uv_environment(), check=False).returncode:
        print("uv could not; pip installs instead, which takes longer", file=sys.stderr)
        _pip(python, *arguments)


def uv_environment() -> dict[str, str]:
    """This process's environment, with pip's indexes and certificates in the variables of uv, which reads none of
    pip's files. What is set for uv itself stays."""
    told = dict(os.environ)
    for setting, variable in _SETTINGS.items():
        found = os.environ.get("PIP_" + setting.upper().replace("-", "_"))
        if found is None:
            command = [sys.executable, "-m", "pip", "config", "get", f"global.{setting}"]
            found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if found.split():
            told.setdefault(variable, ("," if variable == "UV_FIND_LINKS" else " ").join(found.split()))
    if "PIP_CERT" in os.environ:
        told.setdefault("SSL_CERT_FILE", os.environ["PIP_CERT"])
    return told


def _uv() -> str:
    """The uv of the environment that runs this, installed there first if need be."""
    path = Path(sys.executable).parent / "uv"
    if not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            pinned = Path(folder) / "uv.txt"
            pinned.write_text("".join(_locked("uv", (ROOT / "requirements.lock").read_text())))
            _pip(sys.executable, "--require-hashes", "--no-deps", "-r", str(pinned))
    return str(path)


def _locked(name: str, lock: str) -> Iterator[str]:
    """The lines of one requirement: its version and, indented, its hashes."""
    inside = False
    for line in lock.splitlines(keepends=True):
        if not line.startswith((" ", "\t")):
            inside = line.startswith(f"{name}==")
        if inside:
            yield line


def _pip(python: str, *arguments: str) -> None:
    """By this environment's pip: the one of `python` need not have any."""
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *arguments], check=True)


if __name__ == "__main__":
    install(Path(sys.argv[1]), "--require-hashes", "-r", sys.argv[2])
