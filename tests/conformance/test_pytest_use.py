"""`pytest --dskit-store=URL`: one item a property, one run, wrong usage in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:zarr", *options]
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hush-hush"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dskit-store=memory"], "--dskit-store"),
        (["--dskit-store=memory:", "--dskit-level=best"], "--dskit-level: there is no level 'best'; there are Core, "),
        (["--dskit-store=memory:", "--dskit-profile=none-such"], "--dskit-profile: there is no profile 'none-such'"),
    ],
)
def test_wrong_usage_is_one_sentence(tmp_path: Path, options: list[str], said: str) -> None:
    done = run(tmp_path, *options)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_missing_library_is_one_sentence_that_names_its_extra(tmp_path: Path) -> None:
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError('not here', name='hypothesis')")
    done = run(tmp_path, "-p", "no:hypothesispytest", "--dskit-store=memory:")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'hypothesis is not installed: pip install "dskit[conformance]"' in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_store_that_does_not_answer_fails_every_item_after_one_run(tmp_path: Path) -> None:
    done = run(tmp_path, "--dskit-store=s3://bucket?endpoint=http://127.0.0.1:1", "--dskit-level=ranges")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "cannot be tested" in done.stdout
    assert "passed" not in done.stdout
    assert "hush" not in done.stdout


@pytest.mark.slow
def test_one_item_a_property(tmp_path: Path) -> None:
    done = run(tmp_path, "--dskit-store=memory:", "--dskit-level=batch", "-vv")
    assert done.returncode == 0, done.stdout
    passed = set(re.findall(r"^\S*dskit::(\S+) PASSED", done.stdout, flags=re.MULTILINE))
    assert {"DEL-01", "OBJ-01"} <= passed
    assert "MPU-01" not in done.stdout
