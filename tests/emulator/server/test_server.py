"""`Server` and `Endpoint`: what they give out, how they are isolated, how they end."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dskit.clock import ManualClock
from dskit.errors import ConfigurationError
from dskit_emulator import FrontSettings, Server
from dskit_emulator.messages import RequestHead, Response


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def keys(client: Any, bucket: str) -> list[str]:
    return [row["Key"] for row in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_boto3_puts_and_gets(server: Server) -> None:
    client = server.client()
    client.create_bucket(Bucket="first")
    client.put_object(Bucket="first", Key="a//b", Body=b"hello")
    assert client.get_object(Bucket="first", Key="a//b")["Body"].read() == b"hello"


def test_endpoints_share_nothing(server: Server) -> None:
    with server.endpoint() as one, server.endpoint() as two:
        assert len({server.port, one.port, two.port}) == 3
        one.client().create_bucket(Bucket="mine")
        assert one.client().list_buckets()["Buckets"][0]["Name"] == "mine"
        assert two.client().list_buckets()["Buckets"] == []


def test_many_endpoints_at_once_from_many_threads(server: Server) -> None:
    def use(number: int) -> list[str]:
        with server.endpoint() as endpoint:
            direct = endpoint.direct()
            for key in range(number % 3):
                direct.put(f"{number}-{key}", b"x")
            return keys(endpoint.client(), "default")

    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(use, range(40))):
            assert found == [f"{number}-{key}" for key in range(number % 3)]


def test_what_is_told_of_an_object_can_be_copied_and_pickled(server: Server) -> None:
    """Whoever put it: over the wire, where one has no attributes, too."""
    server.store("records").put("k", b"x")
    meta = server.direct("records").head("k")
    assert copy.deepcopy(meta) == pickle.loads(pickle.dumps(meta)) == meta
    assert dataclasses.asdict(meta)["attributes"]["metadata"] == {}


def test_store_and_direct_see_the_same_state(server: Server) -> None:
    with server.endpoint() as endpoint, endpoint.store("data") as over_socket:
        over_socket.put("key", b"one")
        assert endpoint.direct("data").get("key").read() == b"one"
        endpoint.direct("data", prefix="under/").put("key", b"two")
        assert over_socket.get("under/key").read() == b"two"


def test_the_environment_reaches_the_endpoint_from_another_process(server: Server) -> None:
    code = "import boto3; boto3.client('s3').create_bucket(Bucket='from-outside')"
    with server.endpoint() as endpoint:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        subprocess.run([sys.executable, "-c", code], env=environment | endpoint.env(), check=True)
        assert [bucket.name for bucket in endpoint.backend.list_buckets()] == ["from-outside"]


def test_closing_an_endpoint_refuses_its_port_and_resets_its_connections(server: Server) -> None:
    endpoint = server.endpoint()
    client = endpoint.client(config=Config(retries={"total_max_attempts": 1}))
    client.list_buckets()
    endpoint.close()
    endpoint.close()
    with pytest.raises(Exception, match=r"(?i)connect|reset|closed"):
        client.list_buckets()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=5)


def test_accounts_have_their_own_keys_and_buckets_their_owner() -> None:
    with Server(accounts=["ann:annkey:ann-secret", "bob:bobkey:bob-secret"]) as s3:
        s3.client(account="bob").create_bucket(Bucket="bobs")
        owner = s3.client(account="bob").list_buckets()["Owner"]
        assert owner["ID"] == next(account for account in s3.accounts if account.name == "bob").canonical_id
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            s3.client(aws_access_key_id="dskit").list_buckets()
        with pytest.raises(ConfigurationError, match="carol"):
            s3.client(account="carol")


def test_rules_buckets_region_and_clock_are_options() -> None:
    clock = ManualClock()
    with Server(region="eu-west-3", buckets=["made"]) as s3:
        assert s3.client().get_bucket_location(Bucket="made")["LocationConstraint"] == "eu-west-3"
    with Server(rules=["small-parts"], clock=clock) as s3:
        assert s3.rules.small_parts
        with pytest.raises(ClientError, match="RequestTimeTooSkewed"):
            s3.client().list_buckets()
        date = urllib.request.urlopen(s3.url + "/_dskit/health", timeout=60).headers["Date"]
        assert date == "Thu, 01 Jan 2026 00:00:00 GMT"
        with s3.endpoint(region="us-west-2", rules=()) as other:
            assert (other.region, other.rules.small_parts, other.clock) == ("us-west-2", False, clock)


def test_no_representation_shows_a_secret() -> None:
    with Server(accounts=["ann:ann-key:hush-hush"], planes=["domino"]) as s3:
        shown = (s3, s3.default, s3.default.options, s3.default.handler, s3.accounts, *s3.accounts, s3.plane("domino"))
        assert [value for value in shown if "hush-hush" in repr(value)] == []


def test_rules_may_be_a_set_or_a_mapping(server: Server) -> None:
    with Server(rules={"small-parts": True, "anonymous": False}) as s3:
        assert list(s3.rules) == ["small-parts"]
        assert list(s3.endpoint().rules) == ["small-parts"]
    with server.endpoint(rules={"anonymous": False, "any-region": True}) as other:
        assert list(other.rules) == ["any-region"]


def test_where_several_may_be_given_a_string_is_one() -> None:
    with Server(rules="anonymous", accounts="ann:a-key:a-secret", buckets="data", domains="store.test") as s3:
        assert (list(s3.rules), s3.accounts.default.name) == (["anonymous"], "ann")
        assert [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]] == ["data"]
        request = urllib.request.Request(s3.url + "/", headers={"Host": "data.store.test"})
        assert b"<ListBucketResult" in urllib.request.urlopen(request, timeout=60).read()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rules": ["nonsense"]}, "nonsense"),
        ({"accounts": ["nonsense"]}, "NAME:ACCESS:SECRET"),
        ({"data": "x", "backend": object()}, "exclude"),
        ({"tls": ("/nowhere", "/nowhere")}, "TLS"),
        ({"port": 65536}, "port 65536"),
        ({"port": -1}, "port -1"),
        ({"port": "80"}, "port '80'"),
        ({"also_ports": [0, 70000]}, "port 70000"),
        ({"region": ""}, "region ''"),
        ({"region": "us east"}, "region 'us east'"),
        ({"region": None}, "region None"),
        ({"domains": ["host", "*.host"]}, r"domain '\*\.host'"),
        ({"domains": ""}, "domain ''"),
    ],
)
def test_wrong_options_are_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words), Server(**options):
        pass


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["idle_seconds", "head_bytes", "burst", "least_rate"])
def test_a_limit_of_the_front_is_above_zero(name: str, value: Any) -> None:
    """A time of 0 would be looked at without a pause, and an endless one never."""
    with pytest.raises(ConfigurationError, match=f"{name} of the front is {value}"):
        FrontSettings(**{name: value})


def test_a_wrong_option_of_an_endpoint_is_refused(server: Server) -> None:
    with pytest.raises(ConfigurationError, match="colour"):
        server.endpoint(colour="red")
    with pytest.raises(ConfigurationError, match="exclude"):
        server.endpoint(data="x", backend=server.backend)


def threads() -> set[threading.Thread]:
    """dskit's own: other libraries begin and end theirs when they like, and those of earlier tests may still end."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("dskit-")}


def test_a_taken_port_is_an_os_error_and_leaves_nothing_behind(server: Server) -> None:
    before = threads()
    with pytest.raises(OSError, match="in use"), Server(port=server.port):
        pass
    assert threads() <= before


def test_a_server_that_does_not_run_says_so() -> None:
    s3 = Server()
    for use in (s3.endpoint, s3.client, lambda: s3.url):
        with pytest.raises(ConfigurationError, match="not running"):
            use()
    s3.start()
    s3.close()
    s3.close()
    with pytest.raises(ConfigurationError, match="not running"):
        s3.endpoint()


def test_closing_a_server_closes_its_endpoints_and_threads() -> None:
    before = threads()
    with Server() as s3:
        endpoint = s3.endpoint()
        endpoint.client().list_buckets()
        assert threads() - before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=5)
    assert threads() <= before


def test_an_observer_cannot_close_what_it_observes() -> None:
    """It runs on the thread that closing waits for."""
    refused: list[str] = []

    def close(*_: Any) -> None:
        for running in (s3, s3.default):
            with pytest.raises(ConfigurationError) as caught:
                running.close()
            refused.append(str(caught.value))

    with Server(observer=close) as s3:
        s3.client().list_buckets()
        s3.client().list_buckets()
    assert len(refused) == 4
    assert "own thread" in refused[0]


def test_data_outlives_the_server(tmp_path: Path) -> None:
    with Server(data=tmp_path) as s3:
        s3.client().create_bucket(Bucket="kept")
        s3.client().put_object(Bucket="kept", Key="key", Body=b"x" * 300_000)
    with Server(data=tmp_path) as s3:
        assert s3.client().get_object(Bucket="kept", Key="key")["Body"].read() == b"x" * 300_000
        with s3.endpoint() as other:
            assert other.client().list_buckets()["Buckets"] == []


def test_an_in_process_client_needs_no_socket() -> None:
    seen: list[Response] = []

    def observe(head: RequestHead | None, response: Response, sent: int, seconds: float) -> None:
        seen.append(response)

    with Server(observer=observe) as s3:
        client = s3.client(in_process=True)
        client.create_bucket(Bucket="quiet")
        client.put_object(Bucket="quiet", Key="k", Body=b"x" * 200_000)
        assert client.get_object(Bucket="quiet", Key="k", Range="bytes=5-9")["Body"].read() == b"xxxxx"
        assert client.head_object(Bucket="quiet", Key="k")["ContentLength"] == 200_000
        assert b"".join(client.get_object(Bucket="quiet", Key="k")["Body"].iter_chunks(70_000)) == b"x" * 200_000
        with pytest.raises(ClientError, match="NoSuchKey"):
            client.get_object(Bucket="quiet", Key="missing")
        assert seen == []
        assert keys(s3.client(), "quiet") == ["k"]
        assert len(seen) == 1


@pytest.mark.parametrize("text", ["é", "日本", "a\tb"])
def test_an_in_process_client_sends_headers_as_one_with_a_socket_does(text: str) -> None:
    told = []
    with Server(buckets=["bucket"]) as s3:
        for client in (s3.client(), s3.client(in_process=True)):
            client.put_object(Bucket="bucket", Key="k", Body=b"", ContentDisposition=text)
            told.append(client.head_object(Bucket="bucket", Key="k")["ContentDisposition"])
    assert told[0] == told[1] == text.encode().decode("latin-1")


def test_health_needs_no_credentials(server: Server) -> None:
    with urllib.request.urlopen(server.url + "/_dskit/health", timeout=60) as answer:
        assert json.load(answer) == {"status": "ok"}


def test_limits_of_the_front_are_options() -> None:
    with Server(front=FrontSettings(target_bytes=100)) as s3, pytest.raises(ClientError, match=r"414|URITooLong"):
        s3.client().get_object(Bucket="bucket", Key="k" * 200)


@pytest.mark.parametrize("verb", ["copy", "copy_part"])
def test_a_copy_does_not_keep_other_requests_waiting(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have to read gigabytes, in memory too: here it waits until another request was answered."""
    with Server(buckets=["bucket"]) as s3:
        s3.direct("bucket").put("a", b"x")
        begun, answered = threading.Event(), threading.Event()
        copy = getattr(s3.backend, verb)

        def slow(*args: Any, **options: Any) -> Any:
            begun.set()
            assert answered.wait(60)
            return copy(*args, **options)

        monkeypatch.setattr(s3.backend, verb, slow)
        client = s3.client()
        named = {"Bucket": "bucket", "Key": "b"}
        source = {**named, "CopySource": "bucket/a"}
        with ThreadPoolExecutor(1) as pool:
            if verb == "copy":
                copied = pool.submit(client.copy_object, **source)
            else:
                upload = client.create_multipart_upload(**named)["UploadId"]
                copied = pool.submit(client.upload_part_copy, **source, UploadId=upload, PartNumber=1)
            assert begun.wait(60)
            assert keys(s3.client(), "bucket") == ["a"]
            answered.set()
            assert copied.result()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_gateway_serves_another_store() -> None:
    from dskit import reference

    backend = reference.memory_service()
    with Server(backend=backend) as s3:
        s3.client().create_bucket(Bucket="through")
    assert [bucket.name for bucket in backend.list_buckets()] == ["through"]


def test_tls(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    made = subprocess.run(
        [*command, "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    with Server(tls=(str(tmp_path / "cert"), str(tmp_path / "key"))) as s3:
        assert s3.url.startswith("https://127.0.0.1:")
        client = s3.client(verify=str(tmp_path / "cert"))
        client.create_bucket(Bucket="secure")
        client.put_object(Bucket="secure", Key="k", Body=b"x" * 5_000_000)
        assert client.get_object(Bucket="secure", Key="k")["Body"].read() == b"x" * 5_000_000


def test_importing_the_package_loads_no_library() -> None:
    code = (
        "import sys, dskit_emulator; print(sorted({name.split('.')[0] for name in sys.modules} & "
        "{'asyncio', 'httptools', 'uvloop', 'boto3', 'botocore', 'click', 'sortedcontainers', 'ssl'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
