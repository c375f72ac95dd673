"""The fixtures, used as a user would: pytest in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "client": """
def test_client(s3):
    client = s3.client()
    assert client.list_buckets()["Buckets"] == []
    client.create_bucket(Bucket="data")
    client.put_object(Bucket="data", Key="k", Body=b"v")
    assert s3.direct("data").get("k").read() == b"v"

def test_nothing_is_left_of_the_other_test(s3, s3_server):
    assert s3.client().list_buckets()["Buckets"] == []
    assert s3.url != s3_server.url

def test_store(store, s3):
    store.put("a", b"1")
    assert [row.key for row in store.list()] == ["a"]
    assert s3.direct().exists("a")
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor

def test_threads(s3):
    client = s3.client()
    client.create_bucket(Bucket="data")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: client.put_object(Bucket="data", Key=str(n), Body=b"v"), range(50)))
    assert client.list_objects_v2(Bucket="data")["KeyCount"] == 50
""",
    "async": """
import asyncio
import aiobotocore.session

def test_async(s3):
    async def use():
        env = s3.env()
        async with aiobotocore.session.get_session().create_client(
            "s3", endpoint_url=s3.url, region_name="us-east-1",
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        ) as client:
            await client.create_bucket(Bucket="data")
            await asyncio.gather(*(client.put_object(Bucket="data", Key=str(n), Body=b"v") for n in range(20)))
    asyncio.run(use())
    assert len(list(s3.direct("data").list())) == 20
""",
    "subprocess": """
import os, subprocess, sys

def test_subprocess(s3, monkeypatch):
    code = "import boto3; boto3.client('s3').create_bucket(Bucket='outside')"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **s3.env()}, check=True)
    s3.client().head_bucket(Bucket="outside")
""",
    "override": """
import pytest

@pytest.fixture(scope="session")
def s3_options():
    return {"rules": ["small-parts"], "region": "eu-west-1"}

def test_options(s3):
    assert s3.rules.small_parts and s3.region == "eu-west-1"
""",
}


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST"))}
    without = [f"-pno:{name}" for name in ("cacheprovider", "zarr", "hypothesispytest")]  # half of a start is theirs
    command = [sys.executable, "-m", "pytest", "-q", *without, "-c", os.devnull, "--rootdir", str(folder)]
    return subprocess.run(
        [*command, *options, str(folder)], capture_output=True, text=True, env=environment, cwd=folder, check=False
    )


@pytest.mark.parametrize("name", sorted(TESTS))
def test_fixtures(tmp_path: Path, name: str) -> None:
    (tmp_path / f"test_{name}.py").write_text(TESTS[name])
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_fixtures_under_xdist(tmp_path: Path) -> None:
    """Each worker has its own server on its own ports: no namespace to agree on."""
    body = (
        "def test_{0}(s3):\n"
        "    s3.client().create_bucket(Bucket='same')\n"
        "    assert len(s3.client().list_buckets()['Buckets']) == 1\n"
    )
    for name in range(4):
        (tmp_path / f"test_{name}.py").write_text("\n".join(body.format(n) for n in range(5)))
    done = run(tmp_path, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 passed" in done.stdout


def test_a_run_that_uses_no_fixture_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys, threading\n"
        "def test_nothing():\n"
        "    assert not {'dskit_emulator.server', 'httptools', 'uvloop', 'boto3'} & set(sys.modules)\n"
        "    assert not [t for t in threading.enumerate() if t.name.startswith('dskit')]\n"
    )
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
