"""Plane *craft_ai* on the wire: every call, the older shapes, every refusal. The package itself: `tests/sdks/`."""

from __future__ import annotations

import base64
import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from dskit.clock import ManualClock, SystemClock
from dskit.errors import ConfigurationError
from dskit_emulator import Server
from dskit_emulator.control.access import AccessLog
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.craft_ai import CraftAiPlane
from dskit_emulator.planes.json_api import BODY_LIMIT
from tests.emulator.transport import Answered, call

ANN, BOB = "ann:ann-access:ann-secret-key", "bob:bob-access:bob-secret-key"
CLIENT = {"craft-ai-client": "craft-ai-sdk@0.74.7"}
FORM = "application/x-www-form-urlencoded"
MIB = 1 << 20


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(accounts=[ANN, BOB]) as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(server: Server, clock: ManualClock) -> Iterator[Endpoint]:
    with server.endpoint(planes=["craft_ai"], buckets=["data"], clock=clock, rules=["small-parts"]) as opened:
        yield opened


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


# Tokens


def test_an_access_token_is_a_well_formed_jwt_by_the_clock_of_the_endpoint(
    endpoint: Endpoint, clock: ManualClock
) -> None:
    """The package needs numeric ``exp`` and ``iat``; their difference is how long it uses the token."""
    header, claims, signature = token(endpoint).split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert read["iat"] == int(clock.now().timestamp())
    assert read["exp"] - read["iat"] == 900
    assert header
    assert signature


def test_a_user_is_the_account(endpoint: Endpoint) -> None:
    bearer = {"authorization": f"Bearer {token(endpoint, 'bob-secret-key')}"}
    user = told(control(endpoint, "GET", "users/me", **bearer))
    bob = next(account for account in endpoint.accounts if account.name == "bob")
    assert user == {"id": bob.account_id, "name": "bob", "email": bob.email}


def test_refused_credentials_say_why_and_show_nothing_of_themselves(endpoint: Endpoint, clock: ManualClock) -> None:
    old = token(endpoint)
    clock.advance(timedelta(minutes=15))
    answers = [
        (control(endpoint, "POST", "auth/refresh", {"refresh_token": "a-guess"}), "belongs to no account", "a-guess"),
        (ask(endpoint, "GET", "list", bearer=old), "the token expired at 20", old),
        (ask(endpoint, "GET", "list", bearer="not.a-token"), "the token is malformed", "not.a-token"),
        (ask(endpoint, "GET", "list", bearer="e30.e30.e30"), "was not issued by this endpoint", "e30.e30"),
        (control(endpoint, "GET", "users/me"), "No access token was sent", "ann-secret-key"),
    ]
    for answer, text, secret in answers:
        error = told(answer, 401)
        assert error["name"] == "Unauthorized"
        assert text in error["message"]
        assert secret not in f"{answer.body!r}{answer.reason}"


@pytest.mark.parametrize("body", [b"", b"{", [], {}, {"refresh_token": 7}, b" " * (BODY_LIMIT + 1)])
def test_a_refresh_that_is_none(endpoint: Endpoint, body: Any) -> None:
    assert told(control(endpoint, "POST", "auth/refresh", body), 400)["name"] == "BadRequest"


def test_an_account_sees_no_more_than_s3_would_show_it(endpoint: Endpoint) -> None:
    endpoint.direct("data").put("k", b"x")
    bob = token(endpoint, "bob-secret-key")
    assert told(ask(endpoint, "GET", "list", bearer=bob), 403)["name"] == "AccessDenied"
    assert told(ask(endpoint, "POST", "information", {"path_to_object": "k"}, bearer=bob), 403)
    assert told(ask(endpoint, "DELETE", "delete", {"path_to_object": "k"}, bearer=bob, form=True), 403)
    url = told(ask(endpoint, "POST", "download", {"path_to_object": "k"}, bearer=bob, form=True))["signed_url"]
    assert fetch(endpoint, url).status == 403
    form = told(ask(endpoint, "GET", "upload?path_to_object=k", bearer=bob))
    assert post_form(endpoint, form, b"y").status == 403
    assert endpoint.direct("data").get("k").read() == b"x"


def test_no_line_of_the_log_holds_a_secret(server: Server) -> None:
    lines: list[str] = []
    with server.endpoint(
        planes=["craft_ai"], buckets=["data"], observer=AccessLog(lines.append, SystemClock())
    ) as endpoint:
        secrets = ["ann-secret-key", "guessed-key", token(endpoint)]
        for path, body, bearer in (
            ("/api/v1/auth/refresh", {"refresh_token": secrets[0]}, ""),
            ("/api/v1/auth/refresh", {"refresh_token": secrets[1]}, ""),
            ("/api/v1/users/me", None, secrets[2]),
            ("/craft_ai/data/api/v1/data-store/list", None, secrets[2]),
            ("/craft_ai/data/api/v1/data-store/list", None, secrets[2][:-2]),
            ("/craft_ai/data/api/v1/data-store/download", {"path_to_object": "k"}, secrets[2]),
        ):
            sent = None if body is None else json.dumps(body).encode()
            headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
            request = urllib.request.Request(endpoint.url + path, sent, CLIENT | headers)
            with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=10) as answer:
                document = json.loads(answer.read())
                secrets += [document["access_token"]] if "access_token" in document else []
                if "signed_url" in document:
                    secrets.append(document["signed_url"].rpartition("=")[2])
                    with contextlib.suppress(urllib.error.HTTPError):
                        urllib.request.urlopen(document["signed_url"], timeout=10)
    assert len(lines) == 7
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []


# Where


def test_env_names_an_environment(server: Server) -> None:
    with server.endpoint(planes=["craft_ai"]) as endpoint:
        assert endpoint.env("craft_ai")["CRAFT_AI_ENVIRONMENT_URL"] == f"{endpoint.url}/craft_ai/default"
        for bucket in ("second", "first"):
            endpoint.create_bucket(bucket)
        assert endpoint.env("craft_ai", account="bob") == {
            "CRAFT_AI_SDK_TOKEN": "bob-secret-key",
            "CRAFT_AI_ENVIRONMENT_URL": f"{endpoint.url}/craft_ai/default",
            "CRAFT_AI_CONTROL_URL": endpoint.url,
        }
        assert endpoint.env("craft_ai")["CRAFT_AI_ENVIRONMENT_URL"] == f"{endpoint.url}/craft_ai/first"
        endpoint.backend.create_bucket("a-first-without-owner")
        assert endpoint.env("craft_ai")["CRAFT_AI_ENVIRONMENT_URL"].endswith("/craft_ai/a-first-without-owner")
    with server.endpoint(planes=[partial(CraftAiPlane, bucket="chosen")], buckets=["first"]) as endpoint:
        assert endpoint.env("craft_ai")["CRAFT_AI_ENVIRONMENT_URL"] == f"{endpoint.url}/craft_ai/chosen"


@pytest.mark.parametrize("bucket", ["missing", "Not_a_bucket", "%2e%2e", "x" * 300])
def test_an_environment_that_is_not_there_is_named(endpoint: Endpoint, bucket: str) -> None:
    error = told(ask(endpoint, "GET", "list", bucket=bucket), 404)
    assert error["name"] in ("NoSuchBucket", "InvalidBucketName")
    assert f"no environment '{bucket[:200]}'" in error["message"]
    assert error["additional_data"] == {"environment": bucket}
    assert len(error["request_id"]) == 16


def test_an_environment_url_without_an_environment_is_told_what_it_should_be(endpoint: Endpoint) -> None:
    answer = control(endpoint, "GET", "data-store/list", host=f"127.0.0.1:{endpoint.port}")
    assert f"{endpoint.url}/craft_ai/BUCKET" in told(answer, 404)["message"]


def test_other_calls_of_an_environment_are_not_there(endpoint: Endpoint) -> None:
    for method, path in (("GET", "nothing"), ("PUT", "list"), ("DELETE", "upload/multipart/id")):
        assert told(ask(endpoint, method, path), 404)["name"] == "NotFound"


def test_a_bucket_that_is_called_like_the_control_server_is_s3s(endpoint: Endpoint) -> None:
    endpoint.direct("api").put("v1/users/me", b"object")
    client = endpoint.client()
    assert client.get_object(Bucket="api", Key="v1/users/me")["Body"].read() == b"object"
    assert b"<Code>AccessDenied</Code>" in call(endpoint.handler, "GET", "/api/v1/users/me").body
    assert told(ask(endpoint, "GET", "list", bucket="api"))["items"][0]["path"] == "v1/users/me"


# Calls


def test_a_small_object_goes_there_and_back(endpoint: Endpoint) -> None:
    key = "a b/ö+%.txt"
    form = told(ask(endpoint, "GET", f"upload?{urlencode({'path_to_object': key})}"))
    assert next(iter(form["fields"])) == "key"
    assert post_form(endpoint, form, b"content").status == 204
    assert endpoint.direct("data").get(key).read() == b"content"
    item = told(ask(endpoint, "POST", "information", {"path_to_object": key}))
    assert (item["path"], item["size"]) == (key, 7)
    assert told(ask(endpoint, "GET", "list")) == {"items": [item], "continuation_token": None}
    url = told(ask(endpoint, "POST", "download", {"path_to_object": key}, form=True))["signed_url"]
    assert fetch(endpoint, url).body == b"content"
    assert told(ask(endpoint, "DELETE", "delete", {"path_to_object": key}, form=True)) == {"path": key}
    assert told(ask(endpoint, "DELETE", "delete", {"path_to_object": key}, form=True)) == {"path": key}
    assert told(ask(endpoint, "POST", "information", {"path_to_object": key}), 404)["name"] == "NoSuchKey"


def test_signatures_expire_by_the_clock_of_the_endpoint(endpoint: Endpoint, clock: ManualClock) -> None:
    form = told(ask(endpoint, "GET", "upload?path_to_object=k"))
    url = told(ask(endpoint, "POST", "download", {"path_to_object": "k"}, form=True))["signed_url"]
    clock.advance(timedelta(hours=1, seconds=1))
    assert b"expired" in post_form(endpoint, form, b"x").body
    assert b"expired" in fetch(endpoint, url).body
    assert not endpoint.direct("data").exists("k")


def test_a_folder_is_what_is_below_it(endpoint: Endpoint) -> None:
    for key in ("a", "a/", "a/b", "a/b/c", "ab/c", "ö/x"):
        endpoint.direct("data").put(key, b"")

    def listed(**query: str) -> list[str]:
        answer = told(ask(endpoint, "GET", f"list?{urlencode(query)}"))
        return [item["path"] for item in answer["items"]]

    assert listed(folder_path="a") == listed(folder_path="a/") == ["a/", "a/b", "a/b/c"]
    assert listed(folder_path="ö") == ["ö/x"]
    assert listed(folder_path="a/b/c") == []
    assert len(listed(folder_path="")) == 6


def test_listings_come_in_pages(server: Server) -> None:
    with server.endpoint(planes=[partial(CraftAiPlane, page_size=2)], buckets=["data"]) as endpoint:
        keys = [f"f/{number}" for number in range(5)]
        for key in keys:
            endpoint.direct("data").put(key, b"")
        seen, query, pages = [], {"folder_path": "f/"}, 0
        while True:
            answer = told(ask(endpoint, "GET", f"list?{urlencode(query)}"))
            seen += [item["path"] for item in answer["items"]]
            pages += 1
            if answer["continuation_token"] is None:
                break
            query["continuation_token"] = answer["continuation_token"]
        assert (seen, pages) == (keys, 3)
        assert told(ask(endpoint, "GET", "list?continuation_token=none"), 400)["name"] == "InvalidArgument"


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("POST", "information", False),
        ("POST", "download", True),
        ("DELETE", "delete", True),
        ("POST", "upload/multipart", False),
    ],
)
def test_a_path_that_cannot_be_is_refused(endpoint: Endpoint, method: str, path: str, form: bool) -> None:
    for body, name in (
        ({}, "BadRequest"),
        ({"path_to_object": ""}, "InvalidURI"),
        ({"path_to_object": "k" * 1025}, "KeyTooLongError"),
        (b"\xff" if form else b"{", "BadRequest"),
        (b"path_to_object=%FF" if form else b"[]", "BadRequest"),
    ):
        error = told(ask(endpoint, method, path, body, form=form), 400)
        assert error["name"] == name
        assert error["message"]
    assert endpoint.direct("data").list_uploads().uploads == []


def test_an_upload_that_a_form_cannot_name_is_refused(endpoint: Endpoint) -> None:
    """S3 would put the name of the file there."""
    error = told(ask(endpoint, "GET", "upload?path_to_object=a/${filename}"), 400)
    assert "S3 replaces ${filename}" in error["message"]
    assert told(ask(endpoint, "GET", "upload"), 400)["message"] == "path_to_object is missing"
    assert told(ask(endpoint, "GET", "upload?path_to_object=%FF"), 400)["name"] == "BadRequest"


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


def test_an_upload_in_parts(endpoint: Endpoint) -> None:
    upload = start(endpoint)
    parts = [put_part(endpoint, upload, 1, b"1234"), put_part(endpoint, upload, 2, b"56", size=6)]
    assert told(end(endpoint, upload, parts)) == {"path": "big"}
    assert endpoint.direct("data").get("big").read() == b"123456"
    assert told(end(endpoint, upload, parts), 404)["name"] == "NoSuchUpload"


def test_a_key_that_xml_cannot_hold_is_uploaded_in_parts_too(endpoint: Endpoint) -> None:
    upload = start(endpoint, "\x00\x1f")
    assert told(end(endpoint, upload, [put_part(endpoint, upload, 1, b"1", size=1)])) == {"path": "\x00\x1f"}
    gone = {**upload, "multipart_upload_configuration": {"upload_id": "\x01"}}
    assert told(end(endpoint, gone, [{"number": 1, "metadata": "\x02"}]), 404)["name"] == "NoSuchUpload"


@pytest.mark.parametrize(("announced", "text"), [({}, "no part announced its total size"), ({"size": 5}, "4 came")])
def test_an_end_without_its_last_byte_is_refused(endpoint: Endpoint, announced: dict[str, int], text: str) -> None:
    """What craft-ai-sdk 0.74.7 does with a file one byte longer than its parts: no size, and a byte less."""
    upload = start(endpoint)
    parts = [put_part(endpoint, upload, 1, b"1234", **announced)]
    error = told(end(endpoint, upload, parts), 400)
    assert error["name"] == "IncompleteUpload"
    assert text in error["message"]
    assert nothing_is_left(endpoint)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ([], "BadRequest"),
        ("no list", "BadRequest"),
        (["1"], "BadRequest"),
        ([{"metadata": '"x"'}], "BadRequest"),
        ([{"number": 1}], "IncompleteUpload"),
        ([{"number": 1, "metadata": '"00000000000000000000000000000000"'}], "InvalidPart"),
        ([{"number": 1, "metadata": "<&>"}], "InvalidPart"),
    ],
)
def test_an_end_that_cannot_be_leaves_nothing(endpoint: Endpoint, parts: Any, name: str) -> None:
    upload = start(endpoint)
    put_part(endpoint, upload, 1, b"1234", size=4)
    assert told(end(endpoint, upload, parts), 400)["name"] == name
    assert nothing_is_left(endpoint)


def test_a_part_of_no_upload_is_refused_before_it_is_sent(endpoint: Endpoint) -> None:
    """The package does not look at the status of its PUT."""
    upload = start(endpoint)

    def refused(status: int, **changes: Any) -> str:
        body = {**upload, "chunk_size": 4, "part_number": 1, **changes}
        return str(told(ask(endpoint, "POST", "upload/multipart/part", body), status)["name"])

    assert refused(404, path_to_object="other") == "NoSuchUpload"
    assert refused(404, multipart_upload_configuration={"upload_id": "none"}) == "NoSuchUpload"
    changes: list[dict[str, Any]] = [
        {"multipart_upload_configuration": None},
        {"multipart_upload_configuration": {}},
        {"part_number": 0},
        {"part_number": 10_001},
        {"part_number": "1"},
        {"part_number": True},
        {"size": -1},
        {"size": "4"},
    ]
    for change in changes:
        assert refused(400, **change) == "BadRequest"


def test_an_upload_that_broke_off_goes_when_none_of_its_urls_is_good_any_more(
    endpoint: Endpoint, clock: ManualClock
) -> None:
    """The package aborts nothing. Whoever begins the next one finds it gone."""
    broken, slow = start(endpoint, "broken"), start(endpoint, "slow")
    put_part(endpoint, broken, 1, b"1234")
    clock.advance(timedelta(minutes=40))
    parts = [put_part(endpoint, slow, 1, b"1234", size=4)]
    clock.advance(timedelta(minutes=40))
    start(endpoint, "next")
    assert sorted(upload.key for upload in endpoint.direct("data").list_uploads().uploads) == ["next", "slow"]
    assert told(end(endpoint, slow, parts)) == {"path": "slow"}
    clock.advance(timedelta(hours=2))
    endpoint.direct("data").delete("slow")
    endpoint.direct("data").abort_multipart_upload("next", endpoint.direct("data").list_uploads().uploads[0].upload_id)
    start(endpoint, "last")
    assert [upload.key for upload in endpoint.direct("data").list_uploads().uploads] == ["last"]


def test_a_size_that_was_announced_stays_announced(endpoint: Endpoint) -> None:
    upload = start(endpoint)
    last = put_part(endpoint, upload, 2, b"5", size=5)
    assert told(end(endpoint, upload, [put_part(endpoint, upload, 1, b"1234"), last])) == {"path": "big"}


# Older clients


def test_clients_up_to_0_28_are_given_a_bare_list(server: Server) -> None:
    with server.endpoint(planes=[partial(CraftAiPlane, page_size=2)], buckets=["data"]) as endpoint:
        for number in range(5):
            endpoint.direct("data").put(f"{number}", b"")
        for client in ("craft-ai-sdk@0.21.1", "craft-ai-sdk@0.28.0"):
            items = told(ask(endpoint, "GET", "list", client=client))
            assert [item["path"] for item in items] == ["0", "1", "2", "3", "4"]
        paged = told(ask(endpoint, "GET", "list?include_continuation_token=t", client="craft-ai-sdk@0.45.0"))
        assert len(paged["items"]) == 2
        assert "items" in told(ask(endpoint, "GET", "list", client="curl"))


def test_parts_as_clients_up_to_0_45_send_them(endpoint: Endpoint) -> None:
    """The start is a form, a part's URL is asked for by GET, ETags come back without quotes and sizes not at all."""
    begun = told(ask(endpoint, "POST", "upload/multipart", {"path_to_object": "a b"}, form=True))
    upload = f"upload/multipart/{begun['multipart_upload_id']}"
    parts = []
    for number, data in ((1, b"1234"), (2, b"5")):
        query = urlencode({"path_to_object": "a b", "part_number": number})
        url = told(ask(endpoint, "GET", f"{upload}?{query}"))["signed_url"]
        etag = fetch(endpoint, url, "PUT", data).headers["etag"].strip('"')
        parts.append({"number": number, "metadata": etag})
    assert told(ask(endpoint, "GET", f"{upload}?path_to_object=a+b&part_number=x"), 400)["name"] == "BadRequest"
    assert told(ask(endpoint, "POST", upload, {"path_to_object": "a b", "parts": parts})) == {"path": "a b"}
    assert endpoint.direct("data").get("a b").read() == b"12345"


# Options and defects


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url_lifetime": timedelta(0)}, "from a second to a week"),
        ({"url_lifetime": timedelta(days=8)}, "from a second to a week"),
        ({"token_lifetime": timedelta(0)}, "a second at least"),
        ({"page_size": 0}, "1 to 1000"),
        ({"page_size": 1001}, "1 to 1000"),
    ],
)
def test_an_option_that_cannot_be(server: Server, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        server.endpoint(planes=[partial(CraftAiPlane, **options)])


def test_a_defect_is_500_with_a_text(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError("secret detail")

    bearer = token(endpoint)
    monkeypatch.setattr("dskit_emulator.wire.presigning.Presigner.form", broken)
    answer = ask(endpoint, "GET", "upload?path_to_object=k", bearer=bearer)
    assert told(answer, 500)["name"] == "InternalError"
    assert b"secret detail" not in answer.body
