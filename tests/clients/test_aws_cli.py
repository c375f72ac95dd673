"""The AWS command line in a process of its own, with nothing but environment variables."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MIB = 1024 * 1024
AWS = Path(sys.executable).with_name("aws")


class Shell:
    def __init__(self, site: Any, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": site.url,
            "AWS_ACCESS_KEY_ID": site.access_key,
            "AWS_SECRET_ACCESS_KEY": site.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONIOENCODING": "utf-8",
        }
        self._folder = folder

    def run(self, *arguments: str, **more: str) -> str:
        """Standard output of a command that must succeed."""
        done = self._run(arguments, more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *arguments: str, **more: str) -> str:
        """Standard error of a command that must fail as the service refused."""
        done = self._run(arguments, more)
        assert done.returncode in {254, 255}, done.stderr  # versions 2 and 1 of the tool
        return done.stderr

    def _run(self, arguments: tuple[str, ...], more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(AWS), *arguments],
            env={**self._environment, **more},
            cwd=self._folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


@pytest.fixture
def aws(site: Any, tmp_path: Path) -> Shell:
    if not AWS.exists():
        pytest.skip("no `aws` beside this Python")
    return Shell(site, tmp_path)


@pytest.mark.slow
def test_files_come_and_go(site: Any, aws: Shell, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"aws").digest(20 * MIB + 9)
    (tmp_path / "large").write_bytes(data)
    odd = "odd é+% //key"
    aws.run("s3", "mb", "s3://fresh-bucket")
    assert "fresh-bucket" in aws.run("s3", "ls")
    aws.run("s3", "cp", "large", f"s3://fresh-bucket/{odd}")
    assert str(len(data)) in aws.run("s3", "ls", "s3://fresh-bucket/odd", "--recursive")
    aws.run("s3", "cp", f"s3://fresh-bucket/{odd}", "s3://client-bucket/copy")
    aws.run("s3", "mv", "s3://client-bucket/copy", "back")
    assert (tmp_path / "back").read_bytes() == data
    assert aws.run("s3", "ls", "s3://client-bucket/") == ""
    aws.run("s3", "rb", "s3://fresh-bucket", "--force")
    assert "fresh-bucket" not in aws.run("s3", "ls")


def test_folders_are_synchronised(site: Any, aws: Shell, tmp_path: Path) -> None:
    for name in ("a/1", "a/b/2", "3"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
        os.utime(tmp_path / "in" / name, (1_700_000_000, 1_700_000_000))  # older than the copy, by whole seconds
    aws.run("s3", "sync", "in", "s3://client-bucket/tree")
    (tmp_path / "in" / "3").unlink()
    assert aws.run("s3", "sync", "in", "s3://client-bucket/tree", "--delete").split() == [
        "delete:",
        "s3://client-bucket/tree/3",
    ]
    aws.run("s3", "sync", "s3://client-bucket/tree", "out")
    assert (tmp_path / "out" / "a" / "b" / "2").read_text() == "a/b/2"
    aws.run("s3", "rm", "s3://client-bucket/tree", "--recursive")
    assert aws.run("s3", "ls", "s3://client-bucket") == ""


def test_the_api_commands(site: Any, aws: Shell, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"hello")
    where = ("--bucket", site.bucket, "--key", "a//b")
    put = json.loads(aws.run("s3api", "put-object", *where, "--body", "body", "--metadata", "colour=blue"))
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    head = json.loads(aws.run("s3api", "head-object", *where))
    assert (head["ContentLength"], head["Metadata"]) == (5, {"colour": "blue"})
    aws.run("s3api", "get-object", *where, "out", "--range", "bytes=1-3")
    assert (tmp_path / "out").read_bytes() == b"ell"
    listed = json.loads(aws.run("s3api", "list-objects-v2", "--bucket", site.bucket))
    assert [row["Key"] for row in listed["Contents"]] == ["a//b"]


def test_errors_name_the_code(site: Any, aws: Shell) -> None:
    absent = ("s3api", "get-object", "--bucket", site.bucket, "--key", "absent", "out")
    assert "NoSuchKey" in aws.fail(*absent)
    assert "SignatureDoesNotMatch" in aws.fail("s3", "ls", AWS_SECRET_ACCESS_KEY="not-the-secret")
