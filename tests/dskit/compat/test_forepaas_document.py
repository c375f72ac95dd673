"""The ForePaaS buckets connector: every statement of its document, in its order and spelling.

Each statement runs over dskit's stores and over a real minio-py client, to an endpoint and to a MinIO server where
there is one; the assertions are the same. One test is one section of the document.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from minio import Minio
from minio.datatypes import Object
from minio.error import S3Error
from urllib3.response import HTTPResponse

from dskit.compat.forepaas import BucketConnector, DataStoreConnector, provided
from tests.dskit.compat.conftest import made

KINDS = ("memory", "disk", "local", "s3", "minio-py", pytest.param("real-minio", marks=pytest.mark.minio))


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """What `connect` connects to: empty, and with ``forepaas.dwh`` provided over it."""
    if request.param == "minio-py":
        host = request.getfixturevalue("s3").url.partition("://")[2].rstrip("/")
        client: Any = Minio(host, "dskit", "dskit-secret", secure=False)
    elif request.param == "real-minio":
        server = request.getfixturevalue("real_minio")
        client = Minio(server.url.partition("://")[2], server.access_key, server.secret_key, secure=False)
    else:
        client = made(request.param, tmp_path / "store", request)
    with provided(client):
        yield client
        emptied()


def emptied() -> None:
    """A server that outlives the test gets its buckets back as they were."""
    from forepaas.dwh import connect  # type: ignore[import-not-found]

    for bucket in connect("data_store").get_buckets():
        bucket.delete(bucket.list_filename())
        connect("data_store").remove_bucket(bucket.name)


@pytest.fixture
def datastore(storage: Any) -> DataStoreConnector:
    from forepaas.dwh import connect

    found: DataStoreConnector = connect("data_store")
    return found


@pytest.fixture
def bucket(datastore: DataStoreConnector) -> BucketConnector:
    """A bucket with one file at the top and two in a folder."""
    datastore.create_bucket("my-bucket")
    bucket = datastore.get_bucket("my-bucket")
    for name in ("file_name.csv", "folder/file_name.csv", "folder/other.csv"):
        bucket.put(name, io.BytesIO(name.encode()), len(name))
    return bucket


def test_connect_to_the_datastore(storage: Any) -> None:
    from forepaas.dwh import connect

    cn_datastore = connect("data_store")
    assert isinstance(cn_datastore, DataStoreConnector)

    bucket_name = "name"
    cn_bucket = connect("data_store/" + bucket_name)
    assert isinstance(cn_bucket, BucketConnector)
    assert cn_bucket.name == "name"


def test_datastore_list(datastore: DataStoreConnector) -> None:
    assert datastore.list() == []
    datastore.create_bucket("beta")
    datastore.create_bucket("alpha")
    assert datastore.list(return_type="array") == ["alpha", "beta"]
    assert datastore.list(return_type="str") == "alpha,beta"
    with pytest.raises(ValueError, match="'array' or 'str'"):
        datastore.list(return_type="set")


def test_datastore_get_buckets(datastore: DataStoreConnector, bucket: BucketConnector) -> None:
    [found] = datastore.get_buckets()
    assert isinstance(found, BucketConnector)
    assert found.list_filename(contains="other") == ["folder/other.csv"]


def test_datastore_get_bucket(datastore: DataStoreConnector) -> None:
    """It gives an instance, whether or not the bucket is there; a call then tells."""
    absent = datastore.get_bucket("absent")
    assert isinstance(absent, BucketConnector)
    with pytest.raises(S3Error) as caught:
        absent.list()
    assert caught.value.code == "NoSuchBucket"


def test_datastore_create_bucket(datastore: DataStoreConnector) -> None:
    assert datastore.create_bucket("data") is True
    assert datastore.create_bucket("data") is False
    with pytest.raises(ValueError, match="invalid bucket name"):
        datastore.create_bucket("Not_A_Bucket")


def test_datastore_remove_bucket(datastore: DataStoreConnector, bucket: BucketConnector) -> None:
    assert datastore.remove_bucket("absent") is False
    assert datastore.remove_bucket("my-bucket") is False  # not empty
    bucket.delete(bucket.list_filename())
    assert datastore.remove_bucket("my-bucket") is True
    assert datastore.list() == []


def test_datastore_bucket_exists(datastore: DataStoreConnector) -> None:
    assert datastore.bucket_exists("data") is False
    datastore.create_bucket("data")
    assert datastore.bucket_exists("data") is True


def test_bucket_list(bucket: BucketConnector) -> None:
    bucket.put("tagged", io.BytesIO(b"x"), 1, content_type="text/plain", metadata={"colour": "red"})
    rows = bucket.list()
    assert all(isinstance(row, Object) for row in rows)
    names = [row.object_name for row in rows]
    assert names == ["file_name.csv", "folder/file_name.csv", "folder/other.csv", "tagged"]
    assert [row.size for row in rows] == [13, 20, 16, 1]
    assert rows[3].content_type == "text/plain"
    assert (rows[3].metadata or {})["x-amz-meta-colour"] == "red"
    assert rows[3].etag
    assert '"' not in rows[3].etag
    bare = bucket.list(metadata=False, recursive=False)
    assert {row.object_name: row.is_dir for row in bare} == {"file_name.csv": False, "folder/": True, "tagged": False}
    assert [row.content_type for row in bare] == [None, None, None]


def test_bucket_list_passes_its_keyword_arguments_on(bucket: BucketConnector) -> None:
    assert [row.object_name for row in bucket.list(prefix="folder/", start_after="folder/g")] == ["folder/other.csv"]
    with pytest.raises(TypeError):
        bucket.list(colour="red")


def test_bucket_list_filename(bucket: BucketConnector) -> None:
    assert bucket.list_filename() == ["file_name.csv", "folder/file_name.csv", "folder/other.csv"]
    assert bucket.list_filename(return_type="str", contains="file_name") == "file_name.csv,folder/file_name.csv"
    assert bucket.list_filename(recursive=False) == ["file_name.csv", "folder/"]
    assert bucket.list_filename(contains="FILE") == []
    assert bucket.list_filename(prefix="folder/o") == ["folder/other.csv"]


def test_bucket_get(bucket: BucketConnector, capsys: pytest.CaptureFixture[str]) -> None:
    from forepaas.dwh import connect

    ds = connect("data_store")
    bucket = ds.get_bucket("my-bucket")
    bucket.get("folder/file_name.csv").close()
    data = bucket.get("file_name.csv")
    for d in data.stream(32 * 1024):
        print(d)
    assert capsys.readouterr().out == "b'file_name.csv'\n"
    assert isinstance(data, HTTPResponse)
    assert data.status == 200
    assert data.headers["content-length"] == "13"
    assert bucket.get("file_name.csv", offset=5, length=4).data == b"name"


def test_bucket_fget(bucket: BucketConnector, tmp_path: Path) -> None:
    stat = bucket.fget("folder/other.csv", str(tmp_path / "made" / "other.csv"))
    assert isinstance(stat, Object)
    assert (stat.object_name, stat.size) == ("folder/other.csv", 16)
    assert (tmp_path / "made" / "other.csv").read_bytes() == b"folder/other.csv"
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["other.csv"]
    bucket.getobject("file_name.csv", str(tmp_path / "made" / "other.csv"))
    assert (tmp_path / "made" / "other.csv").read_bytes() == b"file_name.csv"


def test_bucket_put(bucket: BucketConnector) -> None:
    etag = bucket.put("new", io.BytesIO(b"0123456789"), 4, content_type="text/csv")
    assert isinstance(etag, str)
    assert bucket.get("new").headers["etag"] == f'"{etag}"'
    assert bucket.get("new").data == b"0123"
    assert bucket.get("new").headers["content-type"] == "text/csv"
    with pytest.raises(OSError, match="having not enough data"):
        bucket.put("short", io.BytesIO(b"0123"), 5)
    assert "short" not in bucket.list_filename()


def test_bucket_fput(bucket: BucketConnector, tmp_path: Path) -> None:
    (tmp_path / "local.txt").write_bytes(b"0123")
    etag = bucket.fput("new", str(tmp_path / "local.txt"))
    assert bucket.get("new").headers["etag"] == f'"{etag}"'
    assert bucket.get("new").data == b"0123"


class Web(BaseHTTPRequestHandler):
    """Answers the request's own method, body and a header of it; some paths are special."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        text = b"|".join([self.command.encode(), body, self.headers.get("x-colour", "").encode()])
        status = 404 if self.path.startswith("/missing") else 200
        self.send_response(status)
        self.send_header("Content-Length", str(len(text) + (10 if self.path.startswith("/short") else 0)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Tests print nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Web) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_bucket_put_request(bucket: BucketConnector, web: str) -> None:
    etag = bucket.put_request(web + "/reports/day.csv?k=v", "kept.csv")
    assert bucket.get("kept.csv").data == b"GET||"
    assert bucket.stat("kept.csv").etag == etag  # type: ignore[union-attr]
    bucket.put_request(web + "/reports/day.csv", "", data={"a": "1 2"}, method="POST", headers={"X-Colour": "red"})
    assert bucket.get("day.csv").data == b"POST|a=1+2|red"
    bucket.put_request(web + "/", "raw", data=b"bytes", method="POST", content_type="text/plain")
    assert bucket.get("raw").headers["content-type"] == "text/plain"


@pytest.mark.parametrize(("path", "told"), [("/missing", "answered 404"), ("/short", "IncompleteRead")])
def test_bucket_put_request_stores_nothing_where_the_answer_is_no_good(
    bucket: BucketConnector, web: str, path: str, told: str
) -> None:
    from urllib3.exceptions import HTTPError

    with pytest.raises(HTTPError, match=told):
        bucket.put_request(web + path + "?secret=1", "new")
    assert "new" not in bucket.list_filename()


def test_bucket_delete(bucket: BucketConnector) -> None:
    bucket.delete("file_name.csv")
    bucket.delete("file_name.csv")  # gone already
    assert bucket.list_filename() == ["folder/file_name.csv", "folder/other.csv"]
    bucket.delete([])
    bucket.delete(["folder/file_name.csv", "folder/other.csv"])
    assert bucket.list_filename() == []


def test_bucket_stat(bucket: BucketConnector) -> None:
    one = bucket.stat("file_name.csv")
    assert isinstance(one, Object)
    assert (one.bucket_name, one.object_name, one.size) == ("my-bucket", "file_name.csv", 13)
    assert one.last_modified is not None
    assert one.last_modified.tzinfo is not None
    several = bucket.stat(["folder/other.csv", "file_name.csv"])
    assert isinstance(several, list)
    assert [row.size for row in several] == [16, 13]
    for absent in ("absent", ["file_name.csv", "absent"]):
        with pytest.raises(S3Error) as caught:
            bucket.stat(absent)
        assert caught.value.code == "NoSuchKey"
        assert caught.value.object_name == "absent"


def test_bucket_fcopy_to(datastore: DataStoreConnector, bucket: BucketConnector) -> None:
    datastore.create_bucket("archive")
    bucket.fcopy_to("archive", "2026/file.csv", "folder/file_name.csv")
    assert datastore.get_bucket("archive").get("2026/file.csv").data == b"folder/file_name.csv"
    with pytest.raises(S3Error) as caught:
        bucket.fcopy_to("archive", "new", "absent")
    assert caught.value.code == "NoSuchKey"
