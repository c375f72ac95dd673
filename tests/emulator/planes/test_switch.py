"""Planes beside S3 on one endpoint: who gets which request, and what they cost when they are off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from botocore.config import Config

from dskit.errors import ConfigurationError
from dskit_emulator import Server
from dskit_emulator.accounts import Account
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.messages import RequestHead, Response
from dskit_emulator.planes import PLANES, Surroundings
from tests.emulator.transport import call


class Greeting:
    """A plane of a test: claims GET of ``/hello…`` and passes on the rest of what has its prefix."""

    name = "greeting"
    prefixes = ("/hello",)

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def open(self, head: RequestHead) -> Response | None:
        return Response(200, body=b"hi") if head.method == "GET" else None

    def env(self, url: str, account: Account) -> dict[str, str]:
        return {"HELLO": f"{account.name}@{url}"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(planes=[Greeting], accounts=["ann:ann:ann-secret", "bob:bob:bob-secret"]) as running:
        yield running


@pytest.fixture
def endpoint(server: Server) -> Iterator[Endpoint]:
    with server.endpoint(buckets=["hello"]) as opened:
        yield opened


def test_a_plane_answers_what_it_claims(endpoint: Endpoint) -> None:
    assert call(endpoint.handler, "GET", "/hello/world").body == b"hi"


def test_what_a_plane_passes_on_is_s3s(endpoint: Endpoint) -> None:
    assert b"<Code>AccessDenied</Code>" in call(endpoint.handler, "DELETE", "/hello/world").body
    assert b"<Code>NoSuchBucket</Code>" in call(endpoint.handler, "GET", "/other").body


def test_a_request_that_is_signed_for_s3_is_s3s(endpoint: Endpoint) -> None:
    """By header and by query, in both versions: a bucket may be called like a plane's path."""
    client = endpoint.client()
    client.put_object(Bucket="hello", Key="k", Body=b"from s3")
    assert client.get_object(Bucket="hello", Key="k")["Body"].read() == b"from s3"
    for version in ("s3", "s3v4"):
        signing = endpoint.client(config=Config(signature_version=version, s3={"addressing_style": "path"}))
        url = signing.generate_presigned_url("get_object", Params={"Bucket": "hello", "Key": "k"})
        target = url.removeprefix(endpoint.url)
        answer = call(endpoint.handler, "GET", target, {"host": f"127.0.0.1:{endpoint.port}"})
        assert (answer.status, answer.body) == (200, b"from s3")


def test_an_endpoint_takes_over_the_planes_of_its_server_unless_changed(server: Server) -> None:
    with server.endpoint() as same, server.endpoint(planes=()) as none:
        assert list(same.planes) == ["greeting"]
        assert none.planes == {}


def test_a_single_name_is_one_plane(server: Server) -> None:
    with server.endpoint(planes="domino") as endpoint:
        assert list(endpoint.planes) == ["domino"]


def test_env_is_that_of_the_plane_and_the_account(endpoint: Endpoint) -> None:
    assert endpoint.env("greeting") == {"HELLO": f"ann@{endpoint.url}"}
    assert endpoint.env("greeting", account="bob") == {"HELLO": f"bob@{endpoint.url}"}
    with pytest.raises(ConfigurationError, match=r"no plane 'domino': make it with planes=\['domino'\]"):
        endpoint.env("domino")


def test_planes_are_refused_before_a_port_is_taken() -> None:
    with pytest.raises(ConfigurationError, match="no plane 'nothing'"):
        Server(planes=["nothing"]).start()
    with pytest.raises(ConfigurationError, match="'greeting' is given twice"):
        Server(planes=[Greeting, Greeting]).start()


@pytest.mark.parametrize("name", sorted(PLANES))
def test_each_row_of_the_table_is_a_plane(server: Server, name: str) -> None:
    with server.endpoint(planes=[name]) as endpoint:
        assert endpoint.plane(name).name == name
        assert all(prefix.startswith("/") for prefix in endpoint.plane(name).prefixes)
        assert endpoint.url in endpoint.env(name).values()


def test_nothing_of_a_plane_is_loaded_while_it_is_off() -> None:
    code = "import sys; from dskit_emulator import Server; Server().start().close(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith("dskit_emulator.planes")] == []


def test_the_same_endpoint_listens_on_further_ports(server: Server) -> None:
    with server.endpoint(also_ports=(0, 0)) as endpoint:
        assert len({endpoint.port, *endpoint.also_ports}) == 3
        client = endpoint.client(endpoint_url=f"http://127.0.0.1:{endpoint.also_ports[1]}")
        client.create_bucket(Bucket="both")
        assert endpoint.client().list_buckets()["Buckets"][0]["Name"] == "both"
