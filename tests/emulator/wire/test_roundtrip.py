"""Every operation of the model against botocore's own parser and serializer."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dskit_emulator.messages import RequestHead
from dskit_emulator.wire import overlay
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.codec import Codec
from tests.emulator.wire.shapes import codec, inputs, outputs, service

# Two members of the deprecated notification document share an element name; botocore reads both from either.
AMBIGUOUS = {"GetBucketNotification", "PutBucketNotification"}
MODELLED = sorted(set(codec().operations) - set(overlay.OPERATIONS) - AMBIGUOUS)
ROUTED = sorted(set(MODELLED) - set(overlay.UNROUTED))
# Bodies that are no document: one value without a root of its own, and a stream of events.
SPECIAL = set(overlay.UNWRAPPED) | {"SelectObjectContent"}
quick = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", sorted(set(MODELLED) - SPECIAL))
@quick
@given(data=st.data())
def test_botocore_reads_back_every_output(name: str, data: st.DataObject) -> None:
    output = data.draw(outputs(name))
    status, headers, body = codec().encode(codec().operations[name], output)
    shape = service().operation_model(name).output_shape
    response = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    parsed = create_parser("rest-xml").parse(response, shape)  # type: ignore[arg-type]
    parsed.pop("ResponseMetadata", None)
    # The front writes Content-Length; botocore adds an empty Metadata and the streamed payload.
    expected = {key: value for key, value in output.items() if key != "ContentLength"}
    for key in ("Metadata", "Body", "AnnotationPayload"):
        if not expected.get(key) and not parsed.get(key):
            expected.pop(key, None)
            parsed.pop(key, None)
    if (
        shape is not None
        and shape.serialization.get("payload")
        and expected.get(shape.serialization["payload"]) is None
    ):
        parsed.pop(shape.serialization["payload"], None)  # botocore makes {} of an empty root
    # A body is XML for botocore too, so an answer whose type is in a header is one that has no document.
    if "ContentType" not in expected:
        parsed.pop("ContentType", None)
    assert parsed == expected


def sent(name: str, params: dict[str, Any]) -> tuple[Codec, RequestHead, bytes]:
    """What botocore puts on the wire."""
    model = service().operation_model(name)
    request = create_serializer("rest-xml", include_validation=False).serialize_to_request(params, model)
    body = request["body"]
    prepare_request_dict(request, "http://s3.localhost")
    target = request["url"].removeprefix("http://s3.localhost")
    headers = [(key.lower(), str(value)) for key, value in request["headers"].items()]
    return codec(), RequestHead(request["method"], target, headers), body if isinstance(body, bytes) else b""


@pytest.mark.parametrize("name", MODELLED)
@quick
@given(data=st.data())
def test_we_read_every_request_of_botocore(name: str, data: st.DataObject) -> None:
    operation = codec().operations[name]
    shape = operation.input
    assert shape is not None
    params = data.draw(inputs(name))
    place = {member: f"the-{member.lower()}" for member, row in shape.members.items() if row.location == "uri"}
    wire, head, body = sent(name, {**params, **place})
    address = Addressing().parse(head)
    if name in ROUTED:
        assert wire.route(head.method, operation.level, address.params, head.index) is operation
        assert {"Bucket": address.bucket, "Key": address.key} == {"Bucket": None, "Key": None, **place}
    found = wire.decode_head(operation, address.query, head.index) | wire.decode_body(operation, body)
    if not params.get("Metadata"):
        found.pop("Metadata", None)
        params.pop("Metadata", None)
    assert found == params
