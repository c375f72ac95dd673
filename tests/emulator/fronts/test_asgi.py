"""The ASGI adapter over the same handler."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest

from dskit_emulator.fronts.asgi import AsgiApp
from tests.emulator.fronts.harness import SampleHandler, patterned


def call(handler: SampleHandler, method: str, url: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=AsgiApp(handler), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:9000") as client:
            return await client.request(method, url, **options)

    return asyncio.run(send())


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("size", [0, 10, 1_000_000])
def test_bodies_both_ways(blocking: bool, size: int) -> None:
    handler = SampleHandler(blocking=blocking)
    told = call(handler, "PUT", "/up", content=patterned(size)).json()
    assert told["md5"] == hashlib.md5(patterned(size)).hexdigest()
    for kind in ("bytes", "file"):
        answer = call(handler, "GET", f"/{kind}/{size}")
        assert answer.content == patterned(size)
        assert answer.headers["content-length"] == str(size) == str(len(answer.content))
    assert handler.log.count("body closed") == 2


def test_header_values_stay_on_their_line_and_may_be_any_text() -> None:
    """As on a socket."""
    answer = call(SampleHandler(), "GET", "/inject")
    assert answer.headers["x-value"] == "a  X-Forged: yes"
    assert "x-forged" not in answer.headers
    assert dict(answer.headers.raw)[b"x-wide"] == "\u20ac".encode()


def test_the_target_is_the_raw_path_and_query() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/head//a b/é",
        "raw_path": b"/head//a%20b/%C3%A9",
        "query_string": b"x=%2F&y",
        "headers": [(b"host", b"h")],
        "http_version": "1.1",
        "scheme": "http",
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(AsgiApp(SampleHandler())(scope, receive, send))
    assert json.loads(sent[1]["body"])[1] == "/head//a%20b/%C3%A9?x=%2F&y"
    del scope["raw_path"]
    asyncio.run(AsgiApp(SampleHandler())(scope, receive, send))
    assert json.loads(sent[3]["body"])[1] == "/head//a%20b/%C3%A9?x=%2F&y"


def test_head_has_the_length_and_no_body() -> None:
    answer = call(SampleHandler(), "HEAD", "/bytes/1000")
    assert (answer.headers["content-length"], answer.content) == ("1000", b"")


def test_refusals_and_crashes() -> None:
    handler = SampleHandler()
    assert call(handler, "PUT", "/refuse", content=b"abc").status_code == 403
    assert call(handler, "PUT", "/early", content=b"abc").status_code == 400
    for target in ("/crash", "/crash-feed", "/crash-finish"):
        answer = call(handler, "PUT", target, content=b"abc")
        assert (answer.status_code, b"secret" in answer.content) == (500, False)
    assert handler.log == ["aborted /early", "aborted /crash-feed", "aborted /crash-finish"]


def test_a_client_that_leaves_aborts_the_exchange() -> None:
    handler = SampleHandler()
    events = iter([{"type": "http.request", "body": b"abc", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(events)

    async def send(event: Any) -> None:
        raise AssertionError("nobody listens")

    scope = {"type": "http", "method": "PUT", "path": "/up", "headers": [], "query_string": b""}
    asyncio.run(AsgiApp(handler)(scope, receive, send))
    assert handler.log == ["aborted /up"]


def test_lifespan() -> None:
    closed: list[bool] = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> Any:
        return next(events)

    async def send(event: Any) -> None:
        sent.append(event["type"])

    asyncio.run(AsgiApp(SampleHandler(), close=lambda: closed.append(True))({"type": "lifespan"}, receive, send))
    assert (sent, closed) == (["lifespan.startup.complete", "lifespan.shutdown.complete"], [True])
