"""What `get` answers over a store is urllib3's response in every use of it: the same uses of it and of minio-py's."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from minio import Minio
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.response import BaseHTTPResponse

import dskit
from dskit.compat.forepaas import StoreClient
from dskit.errors import UnavailableError
from dskit.streams import Reading
from dskit.wrappers import Fault, FaultService, WrappedService
from dskit.wrappers.forwarding import Call, PassedReading

TEXT = b'{"rows":\n[1, 2,\n3]}'
OBJECTS: dict[str, tuple[bytes, Any]] = {
    "json": (TEXT, {"x-amz-meta-colour": "red"}),
    "empty": (b"", {}),
    "packed": (gzip.compress(TEXT, mtime=0), {"Content-Encoding": "gzip"}),
    "long": (bytes(range(256)) * 300, {}),
}


@pytest.fixture(scope="module")
def clients(s3_server: Any) -> Iterator[tuple[StoreClient, Minio]]:
    """Over memory, and real minio-py to an endpoint; both with the same objects, which are only read."""
    with dskit.open_service("memory:") as service, s3_server.endpoint() as endpoint:
        host = endpoint.url.partition("://")[2].rstrip("/")
        pair = StoreClient(service), Minio(host, "dskit", "dskit-secret", secure=False)
        for client in pair:
            client.make_bucket("data")
            for name, (body, headers) in OBJECTS.items():
                client.put_object("data", name, io.BytesIO(body), len(body), metadata=headers)
        yield pair


def rest(response: Any) -> Any:
    """What is left, and the state at the end."""
    data = response.read()
    return data, response.closed, response.tell(), response.length_remaining, response.read(), response.data


def filled(response: Any) -> Any:
    buffer = bytearray(5)
    return response.readinto(buffer), bytes(buffer), rest(response)


def buffered(response: Any) -> Any:
    response.auto_close = False
    with io.TextIOWrapper(response, "latin-1") as text:
        return text.readline(), text.read(), response.closed


def in_block(response: Any) -> Any:
    with response as same:
        data = same.read()
    return same is response, data, response.closed


def after_close(response: Any) -> Any:
    before = response.closed
    response.close()
    response.close()
    response.release_conn()
    return before, response.closed, response.isclosed(), response.read(), response.data, response.status


def given_back(response: Any) -> Any:
    """As minio-py's manual says: read, then close and release."""
    try:
        return response.read(), response.closed
    finally:
        response.close()
        response.release_conn()


def headers(response: Any) -> Any:
    names = ("content-type", "Content-Length", "ETag", "X-Amz-Meta-Colour", "content-encoding", "absent")
    return (
        isinstance(response.headers, HTTPHeaderDict),
        [(response.headers.get(name), response.getheader(name)) for name in names],
        response.getheader("absent", "none"),
        response.getheaders() is response.headers is response.info(),
    )


def attributes(response: Any) -> Any:
    names = ("status", "reason", "version", "version_string", "chunked", "decode_content", "enforce_content_length")
    return [getattr(response, name) for name in names], response.get_redirect_location(), response.length_remaining


def kinds(response: Any) -> Any:
    bases = (HTTPResponse, BaseHTTPResponse, io.IOBase)
    return [isinstance(response, base) for base in bases], response.readable(), response.writable(), response.seekable()


def unknown(response: Any) -> Any:
    with pytest.raises(AttributeError, match="nothing"):
        response.nothing  # noqa: B018
    return hasattr(response, "nothing"), response.read(), hasattr(response, "nothing")


def as_it_came(response: Any) -> Any:
    return response.read(decode_content=False), rest(response)


def switched(response: Any) -> Any:
    response.decode_content = False
    return rest(response)


def drained(response: Any) -> Any:
    response.drain_conn()
    return rest(response)


def of_chunks(response: Any) -> Any:
    with pytest.raises(HTTPError, match="not chunked"):
        list(response.read_chunked())
    return rest(response)


USES: dict[str, Callable[[Any], Any]] = {
    "read": rest,
    "read(None)": lambda response: (response.read(None), rest(response)),
    "read(-1)": lambda response: (response.read(-1), rest(response)),
    "read(0)": lambda response: (response.read(0), rest(response)),
    "read(amt)": lambda response: (response.read(3), response.tell() > 0, rest(response)),
    "read(amt), beyond": lambda response: (response.read(10**7), rest(response)),
    "read, kept": lambda response: (response.read(cache_content=True), response.data, response.data),
    "read, not decoded": as_it_came,
    "read, switched": switched,
    "read1": lambda response: (b"".join(iter(lambda: response.read1(7), b"")), rest(response)),
    "readinto": filled,
    "data": lambda response: (response.data, response.data, response.read(), response.closed),
    "json": lambda response: response.json() if response.headers["ETag"] and response.status == 200 else None,
    "stream": lambda response: (b"".join(response.stream()), rest(response)),
    "stream(amt)": lambda response: (b"".join(response.stream(3)), rest(response)),
    "stream, no bytes": lambda response: (list(response.stream(0)), rest(response)),
    "lines": list,
    "next line": lambda response: (next(response, None), rest(response)),
    "readlines": lambda response: (response.readline(), response.readlines(), response.closed),
    "read_chunked": of_chunks,
    "drain_conn": drained,
    "buffered": lambda response: (io.BufferedReader(response).read(), response.closed),
    "as text": buffered,
    "in a block": in_block,
    "closed": after_close,
    "given back": given_back,
    "headers": headers,
    "headers, then read": lambda response: (response.headers["content-length"], rest(response)),
    "read, then headers": lambda response: (response.read(), headers(response), rest(response)),
    "attributes": attributes,
    "read, then attributes": lambda response: (response.read(), attributes(response)),
    "kinds": kinds,
    "unknown": unknown,
}


def outcome(response: Any, use: Callable[[Any], Any]) -> Any:
    with closing(response):
        try:
            return use(response)
        except (HTTPError, OSError, ValueError, RuntimeError) as error:
            return type(error), str(error)


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("use", USES)
def test_a_response_is_used_as_minio_pys(clients: tuple[StoreClient, Minio], name: str, use: str) -> None:
    ours, theirs = (outcome(client.get_object("data", name), USES[use]) for client in clients)
    assert ours == theirs


@pytest.mark.parametrize("use", [use for use in USES if use != "json"])
def test_a_part_of_an_object_too(clients: tuple[StoreClient, Minio], use: str) -> None:
    ours, theirs = (outcome(client.get_object("data", "json", 2, 9), USES[use]) for client in clients)
    assert ours == theirs


def test_the_document_is_what_was_put(clients: tuple[StoreClient, Minio]) -> None:
    """The comparisons above are of something."""
    assert clients[0].get_object("data", "json").json() == json.loads(TEXT)
    assert clients[0].get_object("data", "packed").read() == TEXT
    assert clients[0].get_object("data", "json").read() == TEXT


@pytest.mark.parametrize(
    "use",
    [
        lambda response: response.read(),
        lambda response: response.read(10),
        lambda response: response.data,
        lambda response: list(response.stream(10)),
    ],
    ids=["read", "read(amt)", "data", "stream"],
)
def test_an_object_that_breaks_off_is_a_broken_connection(use: Callable[[Any], Any]) -> None:
    with dskit.open_service("memory:") as service:
        service.create_bucket("data")
        service.bucket("data").put("key", TEXT)
        broken = FaultService(service.service, [Fault(verb="get", truncate=5)])
        response = StoreClient(dskit.Service(broken)).get_object("data", "key")
        with pytest.raises(ProtocolError, match="Connection broken") as caught:
            use(response)
        assert isinstance(caught.value.__cause__, OSError)
        assert isinstance(caught.value.__cause__.__cause__, UnavailableError)
        assert response.closed


@pytest.mark.parametrize("read", [0, 2])
def test_a_response_that_is_given_up_lets_its_read_go(clients: tuple[StoreClient, Minio], read: int) -> None:
    closed: list[str] = []

    class Noted(PassedReading):
        def close(self) -> None:
            closed.append(self.meta.key)
            super().close()

    class Watched(WrappedService):
        def incoming(self, call: Call, reading: Reading) -> Reading:
            return Noted(reading, lambda chunks: (chunk[at : at + 2] for chunk in chunks for at in range(0, 99, 2)))

    response = StoreClient(dskit.Service(Watched(clients[0].service.service))).get_object("data", "json")
    if read:
        assert response.read(read) == TEXT[:read]
    assert closed == []
    del response
    assert closed == ["json"]
