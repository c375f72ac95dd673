"""Scenarios: the calls that a recording was made with, made again, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from botocore.exceptions import ClientError

from dskit.clock import ManualClock, SystemClock
from dskit.ids import SeededIds
from dskit.reference import memory_service
from dskit_emulator.service import S3Service
from tests.emulator.transport import Answered, call, make_client

__all__ = ["RECORDINGS", "Case", "arguments", "document", "load_recordings", "scenario", "scenarios", "simplify"]

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "reference" / "aws-recorded"

Scenario = Callable[["Case"], None]


@cache
def load_recordings() -> dict[str, dict[str, Any]]:
    """Test name to label to response; the later recording of a name that occurs twice. {} where there are none."""
    found: dict[str, dict[str, Any]] = {}
    dates: dict[str, str] = {}
    for path in sorted(RECORDINGS.glob("*.snapshot.json")):
        for identifier, row in json.loads(path.read_text()).items():
            name = identifier.rpartition("::")[2]
            day, month, year = row["recorded-date"][:10].split("-")
            date = f"{year}-{month}-{day}{row['recorded-date'][10:]}"
            if date >= dates.get(name, ""):
                found[name], dates[name] = row["recorded-content"], date
    return found


class Case:
    """One scenario in progress: a service with nothing in it, and the answers collected so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.clock = ManualClock(SystemClock().now())
        ids = SeededIds(name)
        self.store = memory_service(clock=self.clock, ids=ids)
        self.service = S3Service(self.store, clock=self.clock, ids=ids)
        self.open_service = S3Service(self.store, clock=self.clock, ids=ids, rules=["anonymous"])
        self.answers: dict[str, Any] = {}
        self._count = 0
        self._clients: dict[Any, Any] = {}

    def client(self, region: str = "us-east-1", **config: Any) -> Any:
        """A boto3 client at AWS's own name of a region."""
        key = (region, json.dumps(config, sort_keys=True))
        if key not in self._clients:
            self._clients[key] = make_client(self.service, region=region, config=config)
        return self._clients[key]

    @property
    def s3(self) -> Any:
        return self.client()

    def new_name(self) -> str:
        self._count += 1
        return f"recorded-{self._count}"

    def bucket(self, region: str = "us-east-1") -> str:
        name = self.new_name()
        extra = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.client(region).create_bucket(Bucket=name, **extra)
        return name

    def put(self, bucket: str, key: str, body: bytes | str = b"", **params: Any) -> Any:
        """Store an object without collecting the answer."""
        return self.s3.put_object(Bucket=bucket, Key=key, Body=body, **params)

    def fetch(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"", *, anonymous: bool = True
    ) -> Answered:
        """A request as it is, without boto3; `anonymous` for buckets that were public when the recording was made."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        service = self.open_service if anonymous else self.service
        return call(service, method, target or "/", {"host": parts.netloc, **(headers or {})}, body, secure=True)

    def tick(self, seconds: float = 1) -> None:
        self.clock.advance(seconds)

    def say(self, label: str, value: Any) -> Any:
        """Collect an answer."""
        self.answers[label] = simplify(value)
        return value

    def do(self, label: str, operation: str, /, *, by: Any = None, **params: Any) -> Any:
        """Call an operation and collect its answer or its error. Returns the raw answer, {} for an error."""
        try:
            answer = getattr(by or self.s3, operation)(**params)
        except ClientError as error:
            self.answers[label] = simplify(error.response)
            return {}
        if "Body" in answer:
            answer["Body"] = answer["Body"].read().decode("utf-8", "replace")
        self.answers[label] = simplify(answer)
        return answer


def document(body: bytes, *, namespace: bool = True) -> Any:
    """An XML answer as the recordings show it: elements as a mapping, repeated ones as a list, empty ones as None."""
    root = ElementTree.fromstring(body)
    space, _, tag = root.tag.rpartition("}")
    value = _element(root)
    if space and namespace:
        value = {"@xmlns": space[1:], **(value or {})}
    return {tag: value}


def _element(node: ElementTree.Element) -> Any:
    children = list(node)
    if not children:
        return node.text or None
    found: dict[str, Any] = {}
    for child in children:
        tag, value = child.tag.rpartition("}")[2], _element(child)
        if tag not in found:
            found[tag] = value
        elif isinstance(found[tag], list):
            found[tag].append(value)
        else:
            found[tag] = [found[tag], value]
    return found


def simplify(value: Any) -> Any:
    """An answer in the form of the recordings: of the metadata only the status is kept."""
    if isinstance(value, dict):
        kept = {name: simplify(item) for name, item in value.items()}
        if isinstance(kept.get("Deleted"), list):
            kept["Deleted"].sort(key=lambda row: row["Key"])  # recorded in this order, whatever S3's was
        metadata = value.get("ResponseMetadata")
        if isinstance(metadata, dict):
            kept["ResponseMetadata"] = {"HTTPHeaders": {}, "HTTPStatusCode": metadata["HTTPStatusCode"]}
        return kept
    if isinstance(value, (list, tuple)):
        return [simplify(item) for item in value]
    return value


_SCENARIOS: dict[str, Scenario] = {}


def scenario(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare the scenario of a recording, or of several: with brackets, what stands in them is passed as arguments."""

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        for name in names:
            if name in _SCENARIOS:
                raise ValueError(f"{name} has two scenarios")
            _SCENARIOS[name] = function
        return function

    return declare


def scenarios() -> dict[str, Scenario]:
    return dict(_SCENARIOS)


def arguments(name: str) -> list[str]:
    """What stands in the brackets of a name."""
    _, bracket, rest = name.partition("[")
    return [rest.removesuffix("]")] if bracket else []
