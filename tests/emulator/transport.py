"""boto3 and raw requests straight into an `S3Service`, without a socket: the service is what is being tested."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from dskit.types import FileSegment
from dskit_emulator.accounts import Account
from dskit_emulator.messages import Exchange, Handler, RequestHead, Response
from dskit_emulator.service import S3Service

__all__ = ["Answered", "call", "make_client", "send"]

PIECE = 65536


class Answered:
    """A response in full."""

    def __init__(self, response: Response, body: bytes) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers}
        self.body = body
        self.length = len(body) if response.length is None else response.length
        self.operation = response.operation
        self.request_id = response.request_id
        self.reason = response.reason


def call(
    service: Handler,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    secure: bool = False,
    whole: bool = False,
) -> Answered:
    """Send one request; a body goes in pieces, as it would from a socket, or `whole` with its head. Its length is told
    as clients do (RFC 9110 section 8.6): of none, too, where the method has a body."""
    lines = [(name.lower(), value) for name, value in (headers or {}).items()]
    if (body or method in ("PUT", "POST")) and not any(name == "content-length" for name, _ in lines):
        lines.append(("content-length", str(len(body))))
    head = RequestHead(method, target, lines, secure=secure)
    opened = service.open(head, body if whole else None)
    response = opened if isinstance(opened, Response) else _drive(opened, body)
    return Answered(response, _read(response))


def _drive(exchange: Exchange, body: bytes) -> Response:
    for at in range(0, len(body), PIECE):
        early = exchange.feed(body[at : at + PIECE])
        if early is not None:
            exchange.abort()
            return early
    return exchange.finish()


def _read(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    try:
        return b"".join(_pieces(response))
    finally:
        response.body.close()


def _pieces(response: Response) -> Iterator[bytes]:
    assert not isinstance(response.body, bytes)
    for piece in response.body.segments():
        if isinstance(piece, FileSegment):
            import os

            yield os.pread(piece.fd, piece.length, piece.offset)
        else:
            yield bytes(piece)


class _Raw(io.BytesIO):
    """What botocore reads a body from."""

    def stream(self, amt: int = PIECE, **_: Any) -> Iterator[bytes]:
        while piece := self.read(amt):
            yield piece


def send(service: S3Service, request: AWSPreparedRequest) -> AWSResponse:
    """botocore's request to the service and back (a `before-send` handler once the service is bound)."""
    parts = urlsplit(request.url)
    headers = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    headers.setdefault("host", parts.netloc)
    body: Any = request.body
    if body is None:
        data = b""
    elif isinstance(body, str):
        data = body.encode()
    elif isinstance(body, (bytes, bytearray)):
        data = bytes(body)
    else:
        data = body.read()
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    answered = call(service, request.method, target, headers, data, secure=parts.scheme == "https")
    headers_out = dict(answered.headers)
    headers_out.setdefault("content-length", str(answered.length))
    raw: Any = _Raw(answered.body)
    headers_seen: Any = _Headers(headers_out)
    return AWSResponse(request.url, answered.status, headers_seen, raw)


class _Headers(dict[str, str]):
    """Case-insensitive look-up, as botocore's own."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())


_SESSION = boto3.session.Session()


def make_client(
    service: S3Service,
    *,
    account: Account | None = None,
    region: str = "us-east-1",
    endpoint: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> Any:
    """A boto3 client whose requests go to `service`. Without an endpoint it uses the names of AWS."""
    who = account or service.accounts.default
    client = _SESSION.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=who.access_key,
        aws_secret_access_key=who.secret_key,
        config=Config(retries={"total_max_attempts": 1}, **(config or {})),
    )

    def into_service(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return send(service, request)

    handler: Any = into_service
    client.meta.events.register("before-send.s3", handler)
    return client
