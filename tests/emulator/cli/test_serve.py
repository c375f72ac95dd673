"""`dskit serve` as a program: what it prints, what it logs, how it ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

import dskit
from dskit_emulator.rules import RULES

Serve = Callable[..., "Running"]


class Running:
    """A server process; its output goes to a file."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        number = sum(1 for _ in folder.glob("output-*"))
        self.ready = folder / f"ready-{number}"
        self.output = folder / f"output-{number}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        command = [str(Path(sys.executable).with_name("dskit")), "serve"]
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, "--port", "0", "--ready-file", str(self.ready), *options],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        # What it prints goes through a thread of its own, so that it may come after the ready-file.
        end = time.monotonic() + 30
        while not (self.ready.exists() and "mc alias set" in self.text()):
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < end, self.text()
            time.sleep(0.01)
        self.url = self.ready.read_text().strip()

    def text(self) -> str:
        return self.output.read_text()

    def client(self, access: str = "dskit", secret: str = "dskit-secret", config: Config | None = None) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            config=config,
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    running: list[Running] = []

    def start(*options: str) -> Running:
        running.append(Running(tmp_path, options))
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def largest(folder: Path) -> int:
    """The size of the largest file below; those that go away meanwhile count nothing."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size = max(size, path.stat().st_size)
    return size


def refused(*options: str) -> str:
    command = [str(Path(sys.executable).with_name("dskit")), "serve", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(serve: Serve, number: int) -> None:
    server = serve()
    server.client().create_bucket(Bucket="made")
    assert server.stop(number) == 0
    assert not server.ready.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)
    assert "Traceback" not in server.text()


def test_what_it_prints_can_be_pasted(serve: Serve) -> None:
    server = serve("--bucket", "one", "--bucket", "two")
    exports = dict(re.findall(r"^  export (\w+)=(\S+)$", server.text(), re.M))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    code = "import boto3; print(*[b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | exports, capture_output=True, text=True, check=True
    )
    assert done.stdout == "one two\n"
    snippet = re.search(r"boto3\.client\(.*?\)$", server.text(), re.M | re.S)
    assert snippet is not None
    assert len(eval(snippet[0]).list_buckets()["Buckets"]) == 2
    assert f"mc alias set dskit {server.url} dskit dskit-secret" in server.text()


def test_a_plane_prints_what_its_sdk_needs(serve: Serve) -> None:
    server = serve("--plane", "domino", "--bucket", "s3-dev")
    block = server.text().partition("domino:\n")[2].partition("\n\n")[0]
    exports = dict(re.findall(r"^  export (\w+)=(\S+)$", block, re.M))
    assert exports["DOMINO_API_HOST"] == exports["DOMINO_DATASOURCE_PROXY_HOST"] == server.url
    request = urllib.request.Request(
        server.url + "/v4/datasource/name/s3-dev", headers={"X-Domino-Api-Key": exports["DOMINO_USER_API_KEY"]}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    server.stop()
    assert "GET /v4/datasource/name/s3-dev DominoDataSource 200" in server.text()


def test_a_plane_repeats_no_secret_that_was_given(serve: Serve) -> None:
    server = serve("--plane", "domino", "--account", "ann:ann-access:ann-secret-key")
    assert "export DOMINO_USER_API_KEY=SECRET-OF-ann\n" in server.text()
    assert "ann-secret-key" not in server.text()


def test_an_unknown_plane_is_refused_with_those_that_are() -> None:
    assert "there is no plane 'dominos'; there are: " in refused("--port", "0", "--plane", "dominos")


def test_it_listens_on_further_ports_too(serve: Serve) -> None:
    server = serve("--also-port", "0", "--also-port", "0")
    found = re.search(r"also on port (\d+), (\d+)\.", server.text())
    assert found is not None
    for port in found.groups():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_dskit/health", timeout=10) as answer:
            assert answer.status == 200
    assert server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found[2])), timeout=5)


def test_each_request_is_one_line_of_the_log_without_secrets(serve: Serve) -> None:
    server = serve("--bucket", "data")
    client = server.client()
    client.put_object(Bucket="data", Key="a b", Body=b"12345")
    client.get_object(Bucket="data", Key="a b")["Body"].read()
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket="data", Key="missing")
    signer = server.client(config=Config(signature_version="s3v4"))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "data", "Key": "a b"})
    urllib.request.urlopen(url, timeout=10).read()
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


def test_accounts_and_their_secrets(serve: Serve) -> None:
    keys = [("annkey", "very-secret-1"), ("bobkey", "very-secret-2")]
    server = serve("--account", "ann:annkey:very-secret-1", "--account", "bob:bobkey:very-secret-2")
    owners = {server.client(key, secret).list_buckets()["Owner"]["ID"] for key, secret in keys}
    assert len(owners) == 2
    assert "very-secret" not in server.text()


def test_data_outlives_it(serve: Serve, tmp_path: Path) -> None:
    first = serve("--data", str(tmp_path / "data"))
    first.client().create_bucket(Bucket="kept")
    first.client().put_object(Bucket="kept", Key="k", Body=b"v")
    assert first.stop() == 0
    second = serve("--data", str(tmp_path / "data"))
    assert second.client().get_object(Bucket="kept", Key="k")["Body"].read() == b"v"


def test_it_can_be_filled_from_a_folder(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "in/photos/2026").mkdir(parents=True)
    (tmp_path / "in/photos/2026/a.txt").write_text("hello")
    (tmp_path / "in/photos/link").symlink_to("/etc/hostname")
    client = serve("--load", str(tmp_path / "in")).client()
    assert client.list_objects_v2(Bucket="photos")["KeyCount"] == 1
    client = serve("--load", str(tmp_path / "in"), "--bucket", "all").client()
    answer = client.get_object(Bucket="all", Key="photos/2026/a.txt")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"hello", "text/plain")


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
            end = time.monotonic() + 30
            while largest(data) <= 1 << 20:
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.01)
            process.send_signal(number)
            told = process.communicate(timeout=20)[0].decode()
        finally:
            process.kill()
    assert process.returncode == 128 + number
    assert f"{signal.Signals(number).name}: ended while loading from {source}, after objects 1, bytes 5" in told
    assert "Traceback" not in told
    assert not ready.exists()
    with dskit.open_store(f"disk:{data}?bucket=data") as store:
        assert [entry.key for entry in store.list()] == ["a"]


def test_rules_and_domains(serve: Serve) -> None:
    server = serve("--rule", "any-region", "--rule", "anonymous", "--domain", "store.test", "--bucket", "data")
    server.client().put_object(Bucket="data", Key="k", Body=b"v")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /k HTTP/1.1\r\nHost: data.store.test:1\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nv")


def test_the_rules_are_listed() -> None:
    command = [str(Path(sys.executable).with_name("dskit")), "serve", "--list-rules"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {"any-region", "default-location", "small-parts", "anonymous"} <= set(RULES)
    for rule in RULES.values():
        assert f"{rule.name}\n    {rule.text}\n    AWS: {rule.aws}\n" in told


def test_wrong_options_are_explained(tmp_path: Path) -> None:
    assert "nonsense" in refused("--rule", "nonsense")
    assert "NAME:ACCESS:SECRET" in refused("--account", "nonsense")
    assert "very-secret" not in refused("--account", "a b:c:very-secret")
    assert "exclude each other" in refused("--memory", "--data", str(tmp_path))
    assert "--tls-cert and --tls-key" in refused("--tls-cert", __file__)
    assert "TLS" in refused("--port", "0", "--tls-cert", __file__, "--tls-key", __file__)
    assert "70000" in refused("--port", "70000")
    assert "nowhere" in refused("--load", "/nowhere")
    assert "Not_A_Bucket" in refused("--port", "0", "--bucket", "Not_A_Bucket")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}" in refused("--port", port)
    (tmp_path / "loose").write_text("x")
    assert "loose" in refused("--port", "0", "--load", str(tmp_path))


def test_an_upload_under_way_is_finished_before_it_ends(serve: Serve) -> None:
    server = serve("--bucket", "data", "--rule", "anonymous")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while "finishing requests" not in server.text():
            assert time.monotonic() < end
            time.sleep(0.01)
        connection.sendall(b"abcdef")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(10) == 0


def test_a_second_signal_does_not_wait(serve: Serve) -> None:
    server = serve("--bucket", "data", "--rule", "anonymous")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while "finishing requests" not in server.text():
            assert time.monotonic() < end
            time.sleep(0.01)
        begin = time.monotonic()
        assert server.stop() != 0
        assert time.monotonic() - begin < 4


def test_a_reader_that_stops_reading_the_log_does_not_stop_the_server(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [str(Path(sys.executable).with_name("dskit")), "serve", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
                time.sleep(0.01)
            port = int(ready.read_text().strip().rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                request = b"GET /_dskit/health?" + b"x" * 300 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
                for _ in range(20):
                    connection.sendall(request * 100)
                    received = 0
                    while received < 100:
                        received += connection.recv(1 << 20).count(b"HTTP/1.1 ")
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            assert process.poll() == 0


def test_without_click_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no click here')")
    code = "from dskit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'pip install "dskit[cli]"' in done.stderr


def test_help_names_the_commands() -> None:
    command = [str(Path(sys.executable).with_name("dskit")), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "serve" in told
    assert "certify" in told


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--region", ""),
        ("--region", "us east"),
        ("--domain", ""),
        ("--domain", "http://host"),
        ("--domain", "*.host"),
        ("--ready-file", "/none/such/file"),
        ("--data", "/dev/null/data"),
    ],
)
def test_values_that_could_never_work_are_refused_by_name(option: str, value: str) -> None:
    told = refused("--port", "0", option, value)
    assert value in told
    assert "dskit: S3 endpoint" not in told


def test_a_file_whose_name_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / os.fsdecode(b"caf\xe9")).write_bytes(b"x")
    assert "caf\\xe9 cannot be a key" in refused("--port", "0", "--load", str(tmp_path))


def test_a_signal_that_comes_twice_at_once_is_one(serve: Serve) -> None:
    """`timeout dskit serve` signals the process and its group."""
    server = serve()
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0


def test_without_httptools_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "httptools.py").write_text("raise ModuleNotFoundError('no parser here', name='httptools')")
    code = "import sys; sys.argv[1:] = ['serve', '--port', '0']; from dskit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert 'pip install "dskit[emulator]"' in done.stderr
    assert "Traceback" not in done.stderr
