"""Plane *craft_ai*: uploads in parts, ended, refused and broken off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dskit.clock import ManualClock
from dskit_emulator.endpoint import Endpoint
from tests.emulator.planes.craft_ai.calls import ask, end, nothing_is_left, put_part, start, told


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
