"""`dskit serve` as a process: signals, its log, what is under way when it ends."""

from __future__ import annotations

import contextlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from botocore.config import Config

import dskit
from tests.emulator.cli.serving import Serve, largest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(serve: Serve, number: int) -> None:
    server = serve()
    server.client().create_bucket(Bucket="made")
    assert server.stop(number) == 0
    assert not server.ready.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)
    assert "Traceback" not in server.text()


def test_each_request_is_one_line_of_the_log_without_secrets(serve: Serve) -> None:
    server = serve("--bucket", "data")
    client = server.client()
    client.put_object(Bucket="data", Key="a b", Body=b"12345")
    client.get_object(Bucket="data", Key="a b")["Body"].read()
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket="data", Key="missing")
    signer = server.client(config=Config(signature_version="s3v4"))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "data", "Key": "a b"})
    urllib.request.urlopen(url, timeout=60).read()
    server.stop()
    lines = [line.split(" ") for line in server.text().splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
    assert [line[1:6] for line in lines[:3]] == [
        ["PUT", "/data/a%20b", "PutObject", "200", "0"],
        ["GET", "/data/a%20b", "GetObject", "200", "5"],
        ["GET", "/data/missing", "GetObject", "404", lines[2][5]],
    ]
    assert all(re.fullmatch(r"\d+\.\dms", line[6]) for line in lines)
    assert all(re.fullmatch(r"\w{16}", line[7]) for line in lines)
    assert [line[8] for line in lines] == ["dskit"] * 4
    assert "X-Amz-Signature=..." in lines[3][2]
    signature = url.partition("X-Amz-Signature=")[2].partition("&")[0]
    assert signature not in server.text()


def test_quiet_means_no_log(serve: Serve) -> None:
    server = serve("--quiet")
    server.client().list_buckets()
    server.stop()
    assert "ListBuckets" not in server.text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_while_it_loads(tmp_path: Path, number: int) -> None:
    """The file under way is too long to wait for: nothing of it is stored, what came before it stays."""
    data, source, ready = tmp_path / "data", tmp_path / "in", tmp_path / "ready"
    source.mkdir()
    (source / "a").write_text("first")
    with (source / "b").open("wb") as long:
        long.truncate(1 << 34)
    command = [str(Path(sys.executable).with_name("dskit")), "serve", "--port", "0", "--ready-file", str(ready)]
    options = ["--data", str(data), "--bucket", "data", "--load", str(source)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            end = time.monotonic() + 120
            while largest(data) <= 1 << 20:
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.01)
            process.send_signal(number)
            told = process.communicate(timeout=60)[0].decode()
        finally:
            process.kill()
    assert process.returncode == 128 + number
    assert f"{signal.Signals(number).name}: ended while loading from {source}, after objects 1, bytes 5" in told
    assert "Traceback" not in told
    assert not ready.exists()
    with dskit.open_store(f"disk:{data}?bucket=data") as store:
        assert [entry.key for entry in store.list()] == ["a"]


def test_an_upload_under_way_is_finished_before_it_ends(serve: Serve) -> None:
    server = serve("--bucket", "data", "--rule", "anonymous")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 120
        while "finishing requests" not in server.text():
            assert time.monotonic() < end
            time.sleep(0.01)
        connection.sendall(b"abcdef")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(60) == 0


def test_a_second_signal_does_not_wait(serve: Serve) -> None:
    server = serve("--bucket", "data", "--rule", "anonymous")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 120
        while "finishing requests" not in server.text():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert server.stop() == -signal.SIGTERM  # the signal ended it, not the end of what it waited for


def test_a_reader_that_stops_reading_the_log_does_not_stop_the_server(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [str(Path(sys.executable).with_name("dskit")), "serve", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
                time.sleep(0.01)
            port = int(ready.read_text().strip().rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                request = b"GET /_dskit/health?" + b"x" * 300 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
                for _ in range(20):
                    connection.sendall(request * 100)
                    received = 0
                    while received < 100:
                        received += connection.recv(1 << 20).count(b"HTTP/1.1 ")
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            assert process.poll() == 0


def test_it_serves_without_a_standard_output(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = f"exec {shlex.quote(sys.executable)} -X dev -m dskit serve --port 0 --ready-file {ready} >&-"
    with subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
                time.sleep(0.01)
            port = int(ready.read_text().strip().rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(b"GET /_dskit/health HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        finally:
            process.terminate()
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode == 0


def test_a_signal_that_comes_twice_at_once_is_one(serve: Serve) -> None:
    """`timeout dskit serve` signals the process and its group."""
    server = serve()
    server.process.send_signal(signal.SIGSTOP)  # else this process may be put off between the two
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    assert server.process.wait(60) == 0
