"""Options of `dskit serve`, and what it prints."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from dskit_emulator.rules import RULES
from tests.emulator.cli.serving import Serve


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
    assert len(eval(snippet[0], {"boto3": boto3, "Config": Config}).list_buckets()["Buckets"]) == 2
    assert f"mc alias set dskit {server.url} dskit dskit-secret" in server.text()


def test_limits_of_the_front_are_set(serve: Serve) -> None:
    server = serve("--limit", "target_bytes=100", "--limit", "least_rate=1000")
    request = urllib.request.Request(f"{server.url}/{'x' * 200}")
    with pytest.raises(urllib.error.HTTPError, match="414"):
        urllib.request.urlopen(request, timeout=60)


def test_a_plane_prints_what_its_sdk_needs(serve: Serve) -> None:
    server = serve("--plane", "domino", "--bucket", "s3-dev")
    block = server.text().partition("domino:\n")[2].partition("\n\n")[0]
    exports = dict(re.findall(r"^  export (\w+)=(\S+)$", block, re.M))
    assert exports["DOMINO_API_HOST"] == exports["DOMINO_DATASOURCE_PROXY_HOST"] == server.url
    request = urllib.request.Request(
        server.url + "/v4/datasource/name/s3-dev", headers={"X-Domino-Api-Key": exports["DOMINO_USER_API_KEY"]}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    server.stop()
    assert "GET /v4/datasource/name/s3-dev DominoDataSource 200" in server.text()


def test_a_plane_repeats_no_secret_that_was_given(serve: Serve) -> None:
    server = serve("--plane", "domino", "--account", "ann:ann-access:ann-secret-key")
    assert "export DOMINO_USER_API_KEY=SECRET-OF-ann\n" in server.text()
    assert "ann-secret-key" not in server.text()


def test_it_listens_on_further_ports_too(serve: Serve) -> None:
    server = serve("--also-port", "0", "--also-port", "0")
    found = re.search(r"also on port (\d+), (\d+)\.", server.text())
    assert found is not None
    for port in found.groups():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_dskit/health", timeout=60) as answer:
            assert answer.status == 200
    assert server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found[2])), timeout=5)


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


def test_rules_and_domains(serve: Serve) -> None:
    server = serve("--rule", "any-region", "--rule", "anonymous", "--domain", "store.test", "--bucket", "data")
    server.client().put_object(Bucket="data", Key="k", Body=b"v")
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
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


def test_help_names_the_commands() -> None:
    command = [str(Path(sys.executable).with_name("dskit")), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "serve" in told
    assert "certify" in told
