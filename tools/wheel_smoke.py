"""Build the wheel, install it with `[all]` into empty environments, and run the tool there as a user would.

Every CPython from 3.11 on that is present is tried. Ends with 1 at the first thing that does not work.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from install_locked import install

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
PATIENCE_SECONDS = "600"  # three at once, beside other work; a run ends when every property has its quota

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
    """What it prints is shown if it fails: several run at once."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")


def smoke(python: str, wheel: Path, work: Path, *, by_pip: bool) -> None:
    """`by_pip` installs as a user does; else by uv, which is quicker and needs no pip there."""
    work.mkdir()
    venv = work / "venv"
    run(python, "-m", "venv", *([] if by_pip else ["--without-pip"]), venv, cwd=work)
    bin_ = venv / "bin"
    constraints = work / "constraints.txt"
    constraints.write_text(_pins())
    wanted = ("--constraint", str(constraints), f"{wheel}[all]")
    if by_pip:
        run(bin_ / "pip", "install", "--quiet", *wanted, cwd=work)
    else:
        install(venv, *wanted)
    run(bin_ / "python", "-c", SERVE, cwd=work)
    run(bin_ / "dskit", "serve", "--list-rules", cwd=work)
    certify = (bin_ / "dskit", "certify", "memory:", "--budget", "quick", "--seconds", PATIENCE_SECONDS)
    run(*certify, "--out", work / "out", cwd=work)


def _pins() -> str:
    """The locked versions without their hashes: pip cannot check hashes of a local wheel's dependencies."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return "\n".join(line.removesuffix(" \\") for line in lines if line and line[0] not in " #")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="dskit-wheel-") as folder:
        dist = Path(folder) / "dist"
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, ROOT, cwd=Path(folder))
        wheel = next(dist.glob("*.whl"))
        found = {version: python for version in VERSIONS if (python := interpreter(version))}
        with ThreadPoolExecutor() as pool:
            smokes = {
                version: pool.submit(smoke, python, wheel, Path(folder) / version, by_pip=version == min(found))
                for version, python in found.items()
            }
        for version in VERSIONS:
            if version in smokes:
                smokes[version].result()
                print(f"Python {version}: the wheel installs, serves and certifies")
            else:
                print(f"Python {version}: not on this machine")
    if not found:
        print("no CPython from 3.11 on found", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
