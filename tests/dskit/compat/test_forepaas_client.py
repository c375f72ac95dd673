"""`StoreClient` is minio-py's client to its callers: signatures, results and exceptions of both on the same calls."""

from __future__ import annotations

import dataclasses
import inspect
import io
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.commonconfig import CopySource, Tags
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from urllib3 import HTTPHeaderDict, HTTPResponse

import dskit
from dskit.compat.forepaas import BucketConnector, DataStoreConnector, StoreClient

METHODS = sorted(name for name, _ in inspect.getmembers(StoreClient, inspect.isfunction) if not name.startswith("_"))


@pytest.mark.parametrize("name", METHODS)
def test_signatures_are_those_of_minio_py(name: str) -> None:
    def shape(method: Any) -> list[tuple[str, Any, Any]]:
        return [(each.name, each.kind, each.default) for each in inspect.signature(method).parameters.values()]

    assert shape(getattr(StoreClient, name)) == shape(getattr(Minio, name))


def test_the_connectors_have_the_documents_signatures() -> None:
    def told(method: Any) -> str:
        signature = inspect.signature(method)
        bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()][1:]
        return str(signature.replace(parameters=bare, return_annotation=signature.empty))

    store = ("list", "get_buckets", "get_bucket", "create_bucket", "remove_bucket", "bucket_exists")
    assert {name: told(getattr(DataStoreConnector, name)) for name in store} == {
        "list": "(return_type='array')",
        "get_buckets": "()",
        "get_bucket": "(name)",
        "create_bucket": "(name)",
        "remove_bucket": "(name)",
        "bucket_exists": "(name)",
    }
    assert {name: told(getattr(BucketConnector, name)) for name in ("list", "list_filename", "get", "fget")} == {
        "list": "(metadata=True, recursive=True, **kwargs)",
        "list_filename": "(return_type='array', contains='', recursive=True, **kwargs)",
        "get": "(file_name, **kwargs)",
        "fget": "(object_name, file_path, **kwargs)",
    }
    assert {name: told(getattr(BucketConnector, name)) for name in ("put", "fput", "put_request", "delete")} == {
        "put": "(object_name, data, length, **kwargs)",
        "fput": "(object_name, file_path, **kwargs)",
        "put_request": "(url, path, data={}, method='GET', headers={}, **kwargs)",
        "delete": "(path, **kwargs)",
    }
    assert {name: told(getattr(BucketConnector, name)) for name in ("stat", "fcopy_to")} == {
        "stat": "(path, **kwargs)",
        "fcopy_to": "(new_bucket, object_name, object_source, **kwargs)",
    }


@pytest.fixture
def clients(s3: Any) -> Iterator[tuple[StoreClient, Minio]]:
    """Over memory, and real minio-py to an endpoint; both with a bucket and an object that has metadata."""
    with dskit.open_service("memory:") as service:
        pair = (
            StoreClient(service),
            Minio(s3.url.partition("://")[2].rstrip("/"), "dskit", "dskit-secret", secure=False),
        )
        for client in pair:
            client.make_bucket("data")
            client.put_object("data", "a/b", io.BytesIO(b"0123"), 4, metadata={"Colour": "red"})
            client.put_object("data", "c", io.BytesIO(b""), 0, content_type="text/plain")
        yield pair


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gave, without what differs between any two calls: times, request ids, headers of the server."""
    try:
        return shown(call())
    except S3Error as error:
        return S3Error, error.code  # which names are in the document differs from error to error; ours always are
    except (MinioException, ValueError) as error:
        return type(error), str(error)
    except (OSError, AttributeError, TypeError) as error:
        return type(error), getattr(error, "errno", None)


def shown(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        rows = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        for name in ("last_modified", "creation_date"):
            if name in rows:
                rows[name] = type(rows[name])
        headers = rows.pop("http_headers", {}), rows.pop("metadata", {})
        kept = [
            {name.lower(): text for name, text in (each or {}).items() if name.lower() in ("etag", "x-amz-meta-colour")}
            for each in headers
        ]
        owned = {name: rows.pop(name, None) for name in ("owner_id", "owner_name")}
        return type(value), rows, kept, bool(owned)
    if hasattr(value, "stream"):
        named = ("content-type", "content-length", "etag", "x-amz-meta-colour", "content-range")
        kind = isinstance(value, HTTPResponse)  # ours is of a class below it (test_forepaas_response.py)
        return kind, value.status, {name: value.headers.get(name) for name in named}, value.read()
    if isinstance(value, list | Iterator):
        return [shown(each) for each in value]
    return value


SOURCE = CopySource("data", "a/b")
PAST = datetime(2000, 1, 1, tzinfo=UTC)
CALLS: dict[str, Callable[[Any], Any]] = {
    "list_buckets": lambda client: client.list_buckets(),
    "bucket_exists": lambda client: client.bucket_exists("data"),
    "bucket_exists, no": lambda client: client.bucket_exists("absent"),
    "make_bucket, bad name": lambda client: client.make_bucket("No"),
    "remove_bucket, full": lambda client: client.remove_bucket("data"),
    "remove_bucket, missing": lambda client: client.remove_bucket("absent"),
    "list_objects": lambda client: client.list_objects("data"),
    "list_objects, deep": lambda client: client.list_objects("data", recursive=True),
    "list_objects, folder": lambda client: client.list_objects("data", prefix="a/", recursive=False),
    "list_objects, after": lambda client: client.list_objects("data", recursive=True, start_after="a/b"),
    "list_objects, missing": lambda client: client.list_objects("absent"),
    "get_object": lambda client: client.get_object("data", "a/b"),
    "get_object, empty": lambda client: client.get_object("data", "c"),
    "get_object, part": lambda client: client.get_object("data", "a/b", 1, 2),
    "get_object, tail": lambda client: client.get_object("data", "a/b", 1),
    "get_object, suffix": lambda client: client.get_object("data", "a/b", request_headers={"Range": "bytes=-1"}),
    "get_object, beyond": lambda client: client.get_object("data", "a/b", 10),
    "get_object, missing": lambda client: client.get_object("data", "absent"),
    "get_object, bad name": lambda client: client.get_object("data", "a/../b"),
    "get_object, dot": lambda client: client.get_object("data", "./b"),
    "get_object, dots in a name": lambda client: client.get_object("data", "a/..b/.c"),
    "get_object, no name": lambda client: client.get_object("data", ""),
    "get_object, blank name": lambda client: client.get_object("data", " "),
    "get_object, bytes": lambda client: client.get_object("data", b"c"),
    "get_object, None": lambda client: client.get_object("data", None),
    "get_object, if-match": lambda client: client.get_object("data", "c", request_headers={"If-Match": '"x"'}),
    "get_object, named": lambda client: client.get_object(
        "data", "c", extra_query_params={"response-content-type": "a/b"}
    ),
    "stat_object": lambda client: client.stat_object("data", "a/b"),
    "stat_object, missing": lambda client: client.stat_object("data", "absent"),
    "stat_object, no bucket": lambda client: client.stat_object("absent", "absent"),
    "put_object": lambda client: client.put_object("data", "new", io.BytesIO(b"0123"), 2),
    "put_object, all": lambda client: client.put_object("data", "new", io.BytesIO(b"01"), -1, part_size=5 * 1024**2),
    "put_object, no part size": lambda client: client.put_object("data", "new", io.BytesIO(b"01"), -1),
    "put_object, short": lambda client: client.put_object("data", "new", io.BytesIO(b"01"), 3),
    "put_object, no bucket": lambda client: client.put_object("absent", "new", io.BytesIO(b"01"), 2),
    "put_object, no file": lambda client: client.put_object("data", "new", object(), 2),
    "fput_object, missing": lambda client: client.fput_object("data", "new", "/absent/file"),
    "fput_object, folder": lambda client: client.fput_object("data", "new", "/"),
    "fget_object, folder": lambda client: client.fget_object("data", "c", "/tmp"),
    "copy_object": lambda client: client.copy_object("data", "new", SOURCE),
    "copy_object, replace": lambda client: client.copy_object(
        "data", "new", SOURCE, metadata={"colour": "blue"}, metadata_directive="REPLACE"
    ),
    "copy_object, onto itself": lambda client: client.copy_object("data", "a/b", SOURCE),
    "copy_object, changed": lambda client: client.copy_object(
        "data", "new", CopySource("data", "a/b", match_etag="x", unmodified_since=PAST)
    ),
    "copy_object, missing": lambda client: client.copy_object("data", "new", CopySource("data", "absent")),
    "copy_object, str": lambda client: client.copy_object("data", "new", "/data/a/b"),
    "remove_object": lambda client: client.remove_object("data", "c"),
    "remove_object, missing": lambda client: client.remove_object("data", "absent"),
    "remove_objects": lambda client: client.remove_objects("data", [DeleteObject("c"), DeleteObject("absent")]),
}


@pytest.mark.parametrize("name", CALLS)
def test_results_are_those_of_minio_py(clients: tuple[StoreClient, Minio], name: str) -> None:
    ours, theirs = (outcome(lambda client=client: CALLS[name](client)) for client in clients)  # type: ignore[misc]
    assert ours == theirs


def test_what_needs_a_server_is_refused_by_name(clients: tuple[StoreClient, Minio]) -> None:
    tags = Tags.new_object_tags()
    with pytest.raises(S3Error, match="cannot honour tags") as caught:
        clients[0].put_object("data", "new", io.BytesIO(b""), 0, tags=tags)
    assert caught.value.code == "NotImplemented"
    assert clients[0].bucket_exists("data")
    with pytest.raises(S3Error, match="x-amz-acl"):
        clients[0].put_object("data", "new", io.BytesIO(b""), 0, metadata={"x-amz-acl": "private"})


def test_progress_is_told(clients: tuple[StoreClient, Minio], tmp_path: Path) -> None:
    class Progress:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def set_meta(self, object_name: str, total_length: int) -> None:
            self.seen.append((object_name, total_length))

        def update(self, size: int) -> None:
            self.seen.append(size)

    put, got = Progress(), Progress()
    clients[0].put_object("data", "new", io.BytesIO(b"0123456789"), 10, progress=put)
    clients[0].fget_object("data", "new", str(tmp_path / "file"), progress=got)
    assert [put.seen[0], sum(put.seen[1:])] == [("new", 10), 10]
    assert got.seen == [("new", 10), 10]


def test_headers_made_late_are_urllib3s_headers(clients: tuple[StoreClient, Minio]) -> None:
    headers: Any = clients[0].stat_object("data", "a/b").metadata
    assert isinstance(headers, HTTPHeaderDict)
    assert headers["X-Amz-Meta-Colour"] == headers.get("x-amz-meta-colour") == "red"
    again = HTTPHeaderDict(clients[0].stat_object("data", "a/b").metadata)
    assert again == headers == HTTPHeaderDict(dict(headers.items()))
    assert "ETag" in headers
    assert len(list(headers)) == len(headers) >= 5
    headers["new"] = "1"
    assert pickle.loads(pickle.dumps(headers))["new"] == "1"


def test_objects_are_as_minio_pys_own_initialiser_makes_them(clients: tuple[StoreClient, Minio]) -> None:
    stat = clients[0].stat_object("data", "a/b")
    (row,) = clients[0].list_objects("data", prefix="a/b", recursive=True)
    for made in (stat, row):
        fields = {each.name: getattr(made, each.name) for each in dataclasses.fields(made) if each.init}
        assert vars(made) == vars(type(made)(**fields))
        assert dataclasses.replace(made, size=9).size == 9
        with pytest.raises(dataclasses.FrozenInstanceError):
            made.size = 9  # type: ignore[misc]


def test_names_are_those_of_the_objects(clients: tuple[StoreClient, Minio]) -> None:
    """Of a client over a store the connector asks for names alone."""
    clients[0].put_object("data", "a/c/d", io.BytesIO(b""), 0)
    bucket = BucketConnector(clients[0], "data")
    cases: list[dict[str, Any]] = [
        {},
        {"recursive": False},
        {"prefix": "a/", "recursive": False},
        {"start_after": "a/b"},
    ]
    for options in cases:
        merged: Any = {"recursive": True, **options}
        rows = clients[0].list_objects("data", **merged)
        assert bucket.list_filename(**options) == [row.object_name for row in rows]
    with pytest.raises(S3Error, match="include_version"):
        bucket.list_filename(include_version=True)


def test_a_buckets_name_is_checked_before_anything_else(clients: tuple[StoreClient, Minio]) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid bucket name"):
            clients[0].stat_object("d", "a/b")
