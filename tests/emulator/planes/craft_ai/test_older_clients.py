"""Plane *craft_ai*: the shapes that older versions of the package send and understand."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.craft_ai import CraftAiPlane
from tests.emulator.planes.craft_ai.calls import ask, fetch, told

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
