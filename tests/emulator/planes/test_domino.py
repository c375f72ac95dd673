"""Plane *domino* on the wire: every status, every credential, every override. The package itself: `tests/sdks/`."""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from dskit.clock import ManualClock, SystemClock
from dskit.errors import ConfigurationError
from dskit_emulator import Server
from dskit_emulator.control.access import AccessLog
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.domino import DataSource, DominoPlane
from dskit_emulator.planes.json_api import BODY_LIMIT
from tests.emulator.transport import Answered, call

ANN, BOB = "ann:ann-access:ann-secret-key", "bob:bob-access:bob-secret-key"
KEY = {"x-domino-api-key": "ann-secret-key"}
SOURCES = {"reports": DataSource("s3-dev", "a/b"), "dangling": DataSource("not-made")}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(accounts=[ANN, BOB]) as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(server: Server, clock: ManualClock) -> Iterator[Endpoint]:
    planes = [partial(DominoPlane, sources=SOURCES)]
    with server.endpoint(planes=planes, buckets=["s3-dev"], clock=clock) as opened:
        yield opened


def describe(endpoint: Endpoint, name: str, headers: dict[str, str]) -> Answered:
    return call(endpoint.handler, "GET", f"/v4/datasource/name/{name}", headers)


def ask(endpoint: Endpoint, path: str, body: Any, headers: dict[str, str] = KEY) -> Answered:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call(
        endpoint.handler, "POST", f"/objectstore/{path}", {"host": f"127.0.0.1:{endpoint.port}", **headers}, sent
    )


def error(answer: Answered) -> tuple[int, str, str]:
    document = json.loads(answer.body)
    return answer.status, document["errorType"], document["rawError"]


def url_for(endpoint: Endpoint, key: str, *, write: bool = False, **more: Any) -> str:
    answer = ask(endpoint, "key", {"datasourceId": "ds-s3-dev", "objectKey": key, "isReadWrite": write, **more})
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body))


def fetch(endpoint: Endpoint, url: str, method: str = "GET", body: bytes = b"") -> Answered:
    host = {"host": f"127.0.0.1:{endpoint.port}"}
    return call(endpoint.handler, method, url.removeprefix(endpoint.url), host, body)


# Credentials


def test_any_valid_credential_is_enough(endpoint: Endpoint) -> None:
    """The package sends stale ones of earlier clients along."""
    token = endpoint.plane("domino").tokens.issue(endpoint.accounts.default, timedelta(minutes=1))  # type: ignore[attr-defined]
    for headers in (
        KEY,
        {"authorization": f"Bearer {token}"},
        {"x-domino-jwt": token},
        {**KEY, "authorization": "Bearer stale"},
        {"x-domino-api-key": "stale", "authorization": f"Bearer {token}"},
        {"authorization": "Bearer stale", "x-domino-jwt": token},
    ):
        assert describe(endpoint, "s3-dev", headers).status == 200
        assert ask(endpoint, "list", {"datasourceId": "ds-s3-dev"}, headers).status == 200


def test_refused_credentials_say_why_and_show_nothing_of_themselves(endpoint: Endpoint, clock: ManualClock) -> None:
    tokens = endpoint.plane("domino").tokens  # type: ignore[attr-defined]
    account = endpoint.accounts.default
    old = tokens.issue(account, timedelta(minutes=1))
    forged = old[:-2] + ("AA" if not old.endswith("AA") else "BB")
    unsigned = ".".join([*old.split(".")[:2], "AA"])
    clock.advance(60)
    for headers, text in (
        ({}, "no credential was sent"),
        ({"x-domino-api-key": "wrong-one"}, "the API key belongs to no account"),
        ({"x-domino-jwt": "not.a-token"}, "the token is malformed"),
        ({"x-domino-jwt": "e30.e30.e30"}, "the token was not issued by this endpoint"),
        ({"authorization": f"Bearer {forged}"}, "the token was not issued by this endpoint"),
        ({"authorization": f"Bearer {unsigned}"}, "the token was not issued by this endpoint"),
        ({"authorization": f"Bearer {old}"}, "the token expired at 20"),
        ({"authorization": "Basic YTpi"}, "no credential was sent"),
    ):
        answers = (describe(endpoint, "s3-dev", headers), ask(endpoint, "list", {}, headers))
        assert answers[0].status == 401
        assert text in json.loads(answers[0].body)["message"]
        assert error(answers[1])[:2] == (400, "Unauthenticated")
        assert text in error(answers[1])[2]
        for answer in answers:
            shown = f"{answer.body!r}{answer.reason}"
            assert all(value.rpartition(" ")[2] not in shown for value in headers.values())


def test_an_account_sees_no_more_than_s3_would_show_it(endpoint: Endpoint) -> None:
    bob = {"x-domino-api-key": "bob-secret-key"}
    assert error(ask(endpoint, "list", {"datasourceId": "ds-s3-dev"}, bob))[:2] == (400, "AccessDenied")
    url = json.loads(ask(endpoint, "key", {"datasourceId": "ds-s3-dev", "objectKey": "k"}, bob).body)
    assert fetch(endpoint, url).status == 403


def test_the_sidecar_gives_a_token_of_the_default_account(endpoint: Endpoint, clock: ManualClock) -> None:
    token = call(endpoint.handler, "GET", "/access-token").body.decode("ascii")
    assert json.loads(describe(endpoint, "s3-dev", {"x-domino-jwt": token}).body)["ownerInfo"]["ownerName"] == "ann"
    clock.advance(timedelta(minutes=5))
    assert describe(endpoint, "s3-dev", {"x-domino-jwt": token}).status == 401


def test_a_token_is_of_one_account_and_one_endpoint(server: Server, endpoint: Endpoint) -> None:
    with server.endpoint(planes=["domino"], accounts=["ann:ann-access:another-secret"]) as other:
        token = other.plane("domino").tokens.issue(other.accounts.default, timedelta(hours=1))  # type: ignore[attr-defined]
        assert describe(endpoint, "s3-dev", {"x-domino-jwt": token}).status == 401


def test_no_line_of_the_log_holds_a_secret(server: Server) -> None:
    lines: list[str] = []
    observer = AccessLog(lines.append, SystemClock())
    with server.endpoint(planes=["domino"], buckets=["s3-dev"], observer=observer) as endpoint:
        tokens = endpoint.plane("domino").tokens  # type: ignore[attr-defined]
        secrets = ["ann-secret-key", "guessed-key", tokens.issue(endpoint.accounts.default, timedelta(-1))]
        for headers in (
            {"X-Domino-Api-Key": secrets[0]},
            {"X-Domino-Api-Key": secrets[1]},
            {"X-Domino-Jwt": secrets[2]},
        ):
            body = b'{"datasourceId": "ds-s3-dev", "objectKey": "k", "prefix": ""}'
            for path in ("/v4/datasource/name/s3-dev", "/access-token", "/objectstore/list", "/objectstore/key"):
                sent = body if path.startswith("/objectstore") else None
                request = urllib.request.Request(endpoint.url + path, sent, headers)
                with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=60) as answer:
                    given = answer.read().decode()
                    if path == "/access-token":
                        secrets.append(given)
                    if path == "/objectstore/key":
                        url = json.loads(given)
                        secrets.append(url.rpartition("=")[2])
                        with contextlib.suppress(urllib.error.HTTPError):
                            urllib.request.urlopen(url, timeout=60)
    assert len(lines) == 13
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []


# Data sources


def test_a_bucket_is_a_data_source(endpoint: Endpoint) -> None:
    document = json.loads(describe(endpoint, "s3-dev", KEY).body)
    assert (document["id"], document["name"], document["status"]) == ("ds-s3-dev", "s3-dev", "Active")
    assert (document["dataSourceType"], document["authType"]) == ("S3Config", "AWSIAMBasic")
    assert document["config"] == {"bucket": "s3-dev", "region": "us-east-1"}
    assert json.loads(describe(endpoint, "reports?runId=1", KEY).body)["config"]["subfolder"] == "a/b"


@pytest.mark.parametrize("name", ["missing", "no/such", "%C3%B6", "%FF", "", "a" * 300])
def test_an_unknown_data_source_is_404_with_a_message(endpoint: Endpoint, name: str) -> None:
    answer = describe(endpoint, name, KEY)
    assert answer.status == 404
    assert "There is no data source" in json.loads(answer.body)["message"]


# Keys


def test_listings_are_of_string_prefixes_and_end_at_page_size(endpoint: Endpoint) -> None:
    store = endpoint.direct("s3-dev")
    for key in ("a//b", "a/b/c", "a/b/d e+f", "ab", "ö\n", "z"):
        store.put(key, b"")

    def listed(**more: Any) -> Any:
        return json.loads(ask(endpoint, "list", {"datasourceId": "ds-s3-dev", **more}).body)

    assert listed() == ["a//b", "a/b/c", "a/b/d e+f", "ab", "z", "ö\n"]
    assert listed(prefix="a/b", page_size=1) == ["a/b/c"]
    assert listed(page_size=0) == []
    assert listed(configOverwrites={"subfolder": "a/b/"}) == ["c", "d e+f"]
    assert json.loads(ask(endpoint, "list", {"datasourceId": "ds-reports", "prefix": "d"}).body) == ["d e+f"]


def test_a_page_may_be_longer_than_one_of_s3(endpoint: Endpoint) -> None:
    store = endpoint.direct("s3-dev")
    for number in range(1100):
        store.put(f"{number:04}", b"")
    keys = json.loads(ask(endpoint, "list", {"datasourceId": "ds-s3-dev", "page_size": 1050}).body)
    assert keys == [f"{number:04}" for number in range(1050)]


def test_signed_urls_move_bytes_of_the_same_bucket(endpoint: Endpoint) -> None:
    url = url_for(endpoint, "a b/ö+%", write=True)
    assert url.startswith(endpoint.url + "/s3-dev/")
    assert fetch(endpoint, url, "PUT", b"content").status == 200
    assert endpoint.direct("s3-dev").get("a b/ö+%").read() == b"content"
    assert fetch(endpoint, url_for(endpoint, "a b/ö+%")).body == b"content"
    assert fetch(endpoint, url_for(endpoint, "a b/ö+%"), "PUT", b"other").status == 403
    assert fetch(endpoint, url).status == 403


def test_a_signed_url_expires_by_the_clock_of_the_endpoint(endpoint: Endpoint, clock: ManualClock) -> None:
    endpoint.direct("s3-dev").put("k", b"x")
    url = url_for(endpoint, "k")
    clock.advance(timedelta(minutes=59, seconds=59))
    assert fetch(endpoint, url).status == 200
    clock.advance(2)
    assert b"Request has expired" in fetch(endpoint, url).body


def test_overrides_change_bucket_folder_and_account(endpoint: Endpoint) -> None:
    endpoint.create_bucket("other")
    credentials = {"accessKeyID": "bob-access", "secretAccessKey": "bob-secret-key"}
    url = url_for(endpoint, "k", configOverwrites={"bucket": "other", "subfolder": "f", "region": "us-east-1"})
    assert url.startswith(endpoint.url + "/other/f/k?")
    assert "bob-access" in url_for(endpoint, "k", credentialOverwrites=credentials)


@pytest.mark.parametrize(
    ("request_body", "kind", "text"),
    [
        (b"", "BadRequest", "not JSON"),
        (b"[" * 100_000, "BadRequest", "not JSON"),
        (b"\xff", "BadRequest", "not JSON"),
        ([], "BadRequest", "not a JSON object"),
        ({}, "BadRequest", "datasourceId is missing"),
        ({"datasourceId": 7}, "BadRequest", "datasourceId is not a string"),
        ({"datasourceId": "ds-missing"}, "NotFound", "'ds-missing'"),
        ({"datasourceId": "ds-dangling"}, "NoSuchBucket", ""),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": {"bucket": "nope"}}, "NoSuchBucket", ""),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": {"bucket": "N/O"}}, "InvalidBucketName", ""),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": {"region": "eu-west-1"}}, "BadRequest", "us-east-1"),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": {"host": "x"}}, "BadRequest", "'host' cannot be honoured"),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": []}, "", ""),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": [1]}, "BadRequest", "configOverwrites is not an object"),
        ({"datasourceId": "ds-s3-dev", "configOverwrites": {"bucket": 1}}, "BadRequest", "'bucket' is not a string"),
        ({"datasourceId": "ds-s3-dev", "credentialOverwrites": {"accessKeyID": "x"}}, "InvalidAccessKeyId", ""),
        (
            {
                "datasourceId": "ds-s3-dev",
                "credentialOverwrites": {"accessKeyID": "bob-access", "secretAccessKey": "x"},
            },
            "SignatureDoesNotMatch",
            "",
        ),
        ({"datasourceId": "ds-s3-dev", "credentialOverwrites": {"sessionToken": "x"}}, "BadRequest", "'sessionToken'"),
    ],
)
def test_what_cannot_be_done_is_400_with_a_type_and_a_text(
    endpoint: Endpoint, request_body: Any, kind: str, text: str
) -> None:
    """The package's message is ``errorType: rawError``; it fails on any other status but 500."""
    for path, more in (("list", {"prefix": ""}), ("key", {"objectKey": "k"})):
        sent = request_body | more if isinstance(request_body, dict) else request_body
        answer = ask(endpoint, path, sent)
        if not kind:
            assert answer.status == 200
            continue
        assert error(answer)[:2] == (400, kind)
        assert text in error(answer)[2]


@pytest.mark.parametrize("size", [-1, "7", None, 1.5, True, 10**9])
def test_a_page_size_that_is_none(endpoint: Endpoint, size: Any) -> None:
    assert error(ask(endpoint, "list", {"datasourceId": "ds-s3-dev", "page_size": size}))[:2] == (400, "BadRequest")


@pytest.mark.parametrize("key", ["", "k" * 1025, "\ud800"])
def test_a_key_that_cannot_be(endpoint: Endpoint, key: str) -> None:
    assert error(ask(endpoint, "key", {"datasourceId": "ds-s3-dev", "objectKey": key}))[0] == 400


@pytest.mark.parametrize("half", ["\ud800", "a\udc80"])
def test_half_a_surrogate_is_no_text(endpoint: Endpoint, half: str) -> None:
    """JSON can write it, and UTF-8 cannot."""
    answer = ask(endpoint, "list", {"datasourceId": "ds-s3-dev", "prefix": half})
    assert error(answer) == (400, "BadRequest", "the body has a lone surrogate, which is no character")
    assert ask(endpoint, "list", {"datasourceId": "ds-s3-dev", "prefix": "\U0001f600"}).status == 200


def test_a_document_without_end_is_cut_off(endpoint: Endpoint) -> None:
    assert error(ask(endpoint, "key", b" " * (BODY_LIMIT + 1)))[1:] == (
        "BadRequest",
        f"the body is longer than {BODY_LIMIT} bytes",
    )


def test_a_url_names_the_region_of_its_bucket(endpoint: Endpoint) -> None:
    endpoint.backend.create_bucket("far", region="eu-west-1", owner=endpoint.accounts.default.canonical_id)
    endpoint.direct("far").put("k", b"x")
    url = url_for(endpoint, "k", configOverwrites={"bucket": "far"})
    assert "%2Feu-west-1%2Fs3" in url
    assert fetch(endpoint, url).body == b"x"
    assert json.loads(ask(endpoint, "list", {"datasourceId": "ds-far"}).body) == ["k"]
    assert json.loads(describe(endpoint, "far", KEY).body)["config"]["region"] == "eu-west-1"
    there = {"datasourceId": "ds-far", "configOverwrites": {"region": "eu-west-1"}}
    assert json.loads(ask(endpoint, "list", there).body) == ["k"]


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=7, seconds=1)])
def test_a_lifetime_that_s3_would_refuse(server: Server, lifetime: timedelta) -> None:
    with pytest.raises(ConfigurationError, match="from a second to a week"):
        server.endpoint(planes=[partial(DominoPlane, url_lifetime=lifetime)])


def test_metrics_are_taken(endpoint: Endpoint) -> None:
    answer = call(endpoint.handler, "HEAD", "/objectstore/metric?t=S3Config&b=7&m=write", KEY)
    assert (answer.status, answer.body) == (200, b"")


def test_a_defect_is_500_with_a_text(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dskit_emulator.wire.presigning.Presigner.url", broken)
    answer = ask(endpoint, "key", {"datasourceId": "ds-s3-dev", "objectKey": "k"})
    assert error(answer)[:2] == (500, "InternalError")
    assert b"secret detail" not in answer.body
