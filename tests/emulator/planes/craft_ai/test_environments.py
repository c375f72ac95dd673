"""Plane *craft_ai*: which environment an address names; options of the plane, and its defects."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from dskit.errors import ConfigurationError
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.craft_ai import CraftAiPlane
from tests.emulator.planes.craft_ai.calls import ask, control, token, told
from tests.emulator.transport import call

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
