"""Build the wheel, install it with `[all]` into empty environments, and run the tool there as a user would.

Every CPython from 3.11 to 3.13 that is present is tried. Ends with 1 at the first thing that does not work.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13")

SERVE = """
import dskit_emulator, dskit
with dskit_emulator.Server() as s3:
    s3.client().create_bucket(Bucket="smoke")
    s3.client().put_object(Bucket="smoke", Key="a//b", Body=b"hello")
    print("serve:", s3.client().get_object(Bucket="smoke", Key="a//b")["Body"].read().decode(), "from", s3.url)
"""


def interpreter(version: str) -> str | None:
    """A CPython of that minor version that really runs, or None."""
    candidates = [f"python{version}"]
    pyenv = Path.home() / ".pyenv" / "versions"
    candidates += [str(path / "bin" / "python") for path in sorted(pyenv.glob(f"{version}.*"))]
    for candidate in candidates:
        path = shutil.which(candidate)
        if path and _prints(path, version):
            return path
    return None


def _prints(path: str, version: str) -> bool:
    code = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return result.returncode == 0 and result.stdout.strip() == version


def run(*command: str | Path, cwd: Path) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)


def smoke(python: str, wheel: Path, work: Path) -> None:
    venv = work / "venv"
    run(python, "-m", "venv", venv, cwd=work)
    bin_ = venv / "bin"
    constraints = work / "constraints.txt"
    constraints.write_text(_pins())
    run(bin_ / "pip", "install", "--quiet", "--constraint", constraints, f"{wheel}[all]", cwd=work)
    run(bin_ / "python", "-c", SERVE, cwd=work)
    run(bin_ / "dskit", "serve", "--list-rules", cwd=work)
    run(bin_ / "dskit", "certify", "memory:", "--budget", "quick", "--out", work / "out", cwd=work)


def _pins() -> str:
    """The locked versions without their hashes: pip cannot check hashes of a local wheel's dependencies."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return "\n".join(line.removesuffix(" \\") for line in lines if line and line[0] not in " #")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="dskit-wheel-") as folder:
        dist = Path(folder) / "dist"
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, ROOT, cwd=Path(folder))
        wheel = next(dist.glob("*.whl"))
        tried = []
        for version in VERSIONS:
            python = interpreter(version)
            if python is None:
                print(f"Python {version}: not on this machine")
                continue
            work = Path(folder) / version
            work.mkdir()
            smoke(python, wheel, work)
            tried.append(version)
            print(f"Python {version}: the wheel installs, serves and certifies")
    if not tried:
        print("no CPython from 3.11 to 3.13 found", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
