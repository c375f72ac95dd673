"""Calls of plane *craft_ai* as its package sends them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from dskit_emulator.endpoint import Endpoint
from tests.emulator.transport import Answered, call

ANN, BOB = "ann:ann-access:ann-secret-key", "bob:bob-access:bob-secret-key"
CLIENT = {"craft-ai-client": "craft-ai-sdk@0.74.7"}
FORM = "application/x-www-form-urlencoded"
MIB = 1 << 20


def control(endpoint: Endpoint, method: str, path: str, body: Any = None, **headers: str) -> Answered:
    sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return call(endpoint.handler, method, f"/api/v1/{path}", CLIENT | headers, sent)


def token(endpoint: Endpoint, secret: str = "ann-secret-key") -> str:
    answer = control(endpoint, "POST", "auth/refresh", {"refresh_token": secret})
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body)["access_token"])


def ask(
    endpoint: Endpoint,
    method: str,
    path: str,
    body: Any = None,
    *,
    bucket: str = "data",
    bearer: str | None = None,
    client: str = "craft-ai-sdk@0.74.7",
    form: bool = False,
) -> Answered:
    """`body` is sent as JSON, as a form, or as the bytes that it is."""
    sent = b"" if body is None else body
    if not isinstance(sent, bytes):
        sent = urlencode(sent).encode() if form else json.dumps(sent).encode()
    headers = {
        "host": f"127.0.0.1:{endpoint.port}",
        "craft-ai-client": client,
        "authorization": f"Bearer {bearer or token(endpoint)}",
        "content-type": FORM if form else "application/json",
    }
    return call(endpoint.handler, method, f"/craft_ai/{bucket}/api/v1/data-store/{path}", headers, sent)


def told(answer: Answered, status: int = 200) -> Any:
    assert answer.status == status, answer.body
    return json.loads(answer.body)


def fetch(endpoint: Endpoint, url: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answered:
    assert url.startswith(endpoint.url + "/data")
    host = {"host": f"127.0.0.1:{endpoint.port}"}
    return call(endpoint.handler, method, url.removeprefix(endpoint.url), host | headers, body)


def post_form(endpoint: Endpoint, signed: dict[str, Any], content: bytes) -> Answered:
    boundary = "b0und4ry"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in signed["fields"].items()
    ]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'.encode()
    body = b"".join([*parts, file, content, f"\r\n--{boundary}--\r\n".encode()])
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return fetch(endpoint, signed["signed_url"], "POST", body, **kind)


# Uploads in parts


def start(endpoint: Endpoint, key: str = "big") -> dict[str, Any]:
    configuration = told(ask(endpoint, "POST", "upload/multipart", {"path_to_object": key}))
    return {"path_to_object": key, "multipart_upload_configuration": configuration}


def put_part(endpoint: Endpoint, upload: dict[str, Any], number: int, data: bytes, **more: Any) -> dict[str, Any]:
    body = {**upload, "chunk_size": 4, "part_number": number, **more}
    signed = told(ask(endpoint, "POST", "upload/multipart/part", body))
    assert signed["headers"] == {}
    return {"number": number, "metadata": fetch(endpoint, signed["signed_url"], "PUT", data).headers["etag"]}


def end(endpoint: Endpoint, upload: dict[str, Any], parts: Any) -> Answered:
    return ask(endpoint, "POST", "upload/multipart/end", {**upload, "parts": parts})


def nothing_is_left(endpoint: Endpoint) -> bool:
    store = endpoint.direct("data")
    return list(store.list()) == [] and store.list_uploads().uploads == []
