"""Plane *craft_ai* on the wire: calls about objects, and every refusal. The package itself: `tests/sdks/`."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

import pytest

from dskit.clock import ManualClock
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.craft_ai import CraftAiPlane
from tests.emulator.planes.craft_ai.calls import ask, fetch, post_form, told

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
