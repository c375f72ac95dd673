"""Plane *craft_ai*: who asks, with which token, and what is kept out of logs."""

from __future__ import annotations

import base64
import contextlib
import json
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest

from dskit.clock import ManualClock, SystemClock
from dskit_emulator import Server
from dskit_emulator.control.access import AccessLog
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.json_api import BODY_LIMIT
from tests.emulator.planes.craft_ai.calls import CLIENT, ask, control, fetch, post_form, token, told

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
            with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=60) as answer:
                document = json.loads(answer.read())
                secrets += [document["access_token"]] if "access_token" in document else []
                if "signed_url" in document:
                    secrets.append(document["signed_url"].rpartition("=")[2])
                    with contextlib.suppress(urllib.error.HTTPError):
                        urllib.request.urlopen(document["signed_url"], timeout=60)
    assert len(lines) == 7
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []
