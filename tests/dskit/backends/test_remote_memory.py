"""A gibibyte goes up and comes down in bounded memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GIB = 1024**3
LIMIT = 100 * 1024**2

# Prints the growth of the peak resident set, in bytes, while a put and a get move a gibibyte.
MOVE = """
import json, resource, sys
import psutil
from dskit import open_store

url, path = sys.argv[1:]
store = open_store(url, access_key="dskit", secret_key="dskit-secret")
store.put("warm", b"x" * 1024**2)
store.get("warm").read()

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def chunks():
    for number in range(256):
        yield number.to_bytes(4, "big") * (256 * 1024)

before = max(peak(), psutil.Process().memory_info().rss)
growth = {}
with open(path, "rb") as file:
    store.put("file", file)
growth["put"] = peak() - before
store.put("iterator", chunks())
growth["put iterator"] = peak() - before
expected, sent, at = iter(chunks()), b"", 0
for found in store.get("iterator"):
    while found:
        if at == len(sent):
            sent, at = next(expected), 0
        length = min(len(found), len(sent) - at)
        assert found[:length] == sent[at : at + length]
        found, at = found[length:], at + length
assert at == len(sent) and next(expected, None) is None
growth["get"] = peak() - before
print(json.dumps(growth))
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A disk-backed endpoint in another process, so that only the client's memory is measured."""
    command = [sys.executable, "-m", "dskit_emulator", "--port", "0", "--data", str(folder / "data")]
    server = subprocess.Popen([*command, "--bucket", "data", "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        banner = server.stdout.readline()  # printed when it listens
        found = re.search(r"http://[\d.:]+", banner)
        assert found, banner
        yield found[0]
    finally:
        server.terminate()
        server.communicate(timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["s3://data?endpoint={url}", "minio://{host}/data?secure=false"])
def test_a_gibibyte_moves_in_less_than_100_mib_of_further_memory(tmp_path: Path, form: str) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(GIB)
    with served(tmp_path) as url:
        place = form.format(url=url, host=url.removeprefix("http://"))
        done = subprocess.run(
            [sys.executable, "-c", MOVE, place, str(source)], capture_output=True, text=True, check=False, timeout=280
        )
    assert done.returncode == 0, done.stderr
    growth = json.loads(done.stdout)
    print(growth)
    assert max(growth.values()) < LIMIT, growth
