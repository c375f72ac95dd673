"""What the documents show is what happens: marked code blocks are executed, generated pages are current.

A block after the line ``<!-- run -->`` is executed, with the names of the blocks before it on the same page and no
others: what a reader pastes, works. Those after ``<!-- pytest -->`` are a test module, one after ``<!-- conftest -->``
is its conftest; those after ``<!-- shell -->`` are run by a shell, in a folder of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.dskit.fsspec.registered import register
from tests.engine import minio_image
from tests.tools import tool

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHELL = re.compile(r"<!-- shell -->\n```sh\n(.*?)```", flags=re.DOTALL)
BLOCK = re.compile(r"<!-- (run|pytest|conftest|container|container-pytest) -->\n```python\n(.*?)```", flags=re.DOTALL)
CONTAINERS = DOCS / "how-to" / "containers.md"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if BLOCK.search(path.read_text("utf-8")) and path != CONTAINERS]


def blocks(page: Path, kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(page.read_text("utf-8")) if found == kind]


def run_page(page: Path, monkeypatch: pytest.MonkeyPatch, kind: str = "run") -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.setenv(name, "example-key")
    names: dict[str, Any] = {"__name__": "page"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # examples do not close every store
        for text in blocks(page, kind):
            exec(compile(text, str(page), "exec"), names)


@pytest.fixture(autouse=True, scope="module")
def _fsspec_protocol() -> None:
    register()


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(DOCS)) for page in PAGES])
def test_marked_blocks_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(page, monkeypatch)


def test_the_tutorial_prints_what_it_says(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(DOCS / "tutorial" / "first-steps.md", monkeypatch)
    printed = capsys.readouterr().out.splitlines()
    assert printed[:4] == [
        "['reports/2024.csv', 'reports/2025.csv']",
        "{'author': 'ada'}",
        "b'year'",
        "PreconditionFailed",
    ]
    assert "empty segment" in printed[4]
    assert printed[5:8] == ["b'hello'", "b'over HTTP'", "True"]


def run_test_module(page: Path, folder: Path, kind: str = "pytest") -> None:
    """All tests of the page, in one module."""
    text = "\n\n".join(blocks(page, kind))
    (folder / "test_page.py").write_text(text)
    (folder / "conftest.py").write_text("\n\n".join(blocks(page, "conftest")))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:zarr", "test_page.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(re.findall('^def test_', text, flags=re.MULTILINE))} passed" in done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "pytest")], ids=lambda page: page.stem)
def test_test_modules_pass(page: Path, tmp_path: Path) -> None:
    run_test_module(page, tmp_path)


@pytest.mark.containers
@pytest.mark.xdist_group("containers")
def test_the_page_on_containers_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSKIT_MINIO_IMAGE", minio_image())
    run_page(CONTAINERS, monkeypatch, "container")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+ 5\nsha256:[0-9a-f]{64}\n", capsys.readouterr().out)
    run_test_module(CONTAINERS, tmp_path, "container-pytest")


@pytest.mark.parametrize(
    "page",
    [page for page in sorted(DOCS.rglob("*.md")) if SHELL.search(page.read_text("utf-8"))],
    ids=lambda page: page.stem,
)
def test_shell_blocks_run(page: Path, tmp_path: Path) -> None:
    script = "\n".join(SHELL.findall(page.read_text("utf-8")))
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", "-eu", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    "name",
    [
        "tutorial/first-steps.md",
        "explanation/access.md",
        "explanation/capabilities.md",
        "explanation/conditions.md",
        "compat/craft_ai.md",
        "compat/domino.md",
        "compat/forepaas.md",
        "how-to/clouds.md",
        "how-to/files.md",
        "how-to/fsspec.md",
        "how-to/minio.md",
        "how-to/sign.md",
        "how-to/test-your-code.md",
        "how-to/transfers.md",
        "how-to/async.md",
        "how-to/wrappers.md",
        "how-to/containers.md",
    ],
)
def test_every_block_of_these_is_executed(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    assert text.count("```python") == len(BLOCK.findall(text))


@pytest.mark.parametrize("name", ["command-line.md", "capabilities.md", "rules.md", "urls.md"])
def test_generated_pages_are_current(name: str) -> None:
    """Else: python tools/make_reference_docs.py."""
    pages = tool("make_reference_docs").pages()
    assert pages[name] == (DOCS / "reference" / name).read_text("utf-8")
