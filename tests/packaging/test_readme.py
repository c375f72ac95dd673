"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dskit_emulator

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TOUR = re.findall(r"## A tour\n\n```python\n(.*?)```", README, flags=re.DOTALL)
TEST = re.findall(r"<!-- pytest -->\n```python\n(.*?)```", README, flags=re.DOTALL)
SHELL = re.findall(r"<!-- shell -->\n```sh\n(.*?)```", README, flags=re.DOTALL)


def test_the_tour_runs(capsys) -> None:  # type: ignore[no-untyped-def]
    """The block is executed as it stands."""
    exec(compile(TOUR[0], "README.md", "exec"), {"__name__": "tour"})
    printed = capsys.readouterr().out
    assert "PreconditionFailed" in printed
    assert "['a//b', 'a/c'] ['a/']" in printed


def test_the_first_screen_is_a_test_that_passes(tmp_path: Path) -> None:
    assert README.index(TEST[0]) < 1500
    (tmp_path / "test_first.py").write_text(TEST[0])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:zarr"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert "1 passed" in done.stdout, done.stdout


def test_the_commands_of_the_shell_run(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "may.jpg").write_bytes(b"x")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with dskit_emulator.Server(buckets=["album"]) as server:
        env = {**os.environ, **server.env(), "PATH": path}
        command = ["sh", "-eu", "-c", SHELL[0]]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nphotos/may.jpg\n" in done.stdout
    assert "may.jpg\n\n0 groups, 1 object\n" in done.stdout


def test_the_tour_is_about_twenty_lines() -> None:
    assert len(TOUR[0].strip().splitlines()) <= 24


def test_the_make_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_relative_links_of_the_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{document.relative_to(ROOT)} -> {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert broken == []
