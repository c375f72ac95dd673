"""ForePaaS' page about its buckets connector. There is no package of it; minio-py, which it is built on, stands for it.

The page shows code for `connect` and `bucket.get`; of the other methods it shows the heading, with each parameter and
its default. Those are called here as they are headed.
"""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from minio import Minio
from minio.datatypes import Object
from urllib3.response import HTTPResponse

from dskit.compat.forepaas import BucketConnector, DataStoreConnector, modules
from tests.sdks.document import Document, Run, Stage, Stages

CSV = b"a;b\n1;2\n"


def facade(stage: Stage) -> None:
    stage.modules |= modules(stage.service)


def real(stage: Stage) -> None:
    account = stage.endpoint.account
    host = stage.endpoint.url.partition("://")[2]
    stage.modules |= modules(Minio(host, account.access_key, account.secret_key, secure=False))


class Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CSV)))
        self.end_headers()
        self.wfile.write(CSV)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests print nothing."""


def prepare(stage: Stage) -> None:
    """The page takes a bucket with two files, a local file and a URL for granted."""
    stage.service.create_bucket("my-bucket")
    server = HTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    stage.closing.callback(stop)
    (stage.folder / "file_path").write_bytes(CSV)
    stage.names |= {
        "file_name": "file_name.csv",
        "file_path": "file_path",
        "url": f"http://127.0.0.1:{server.server_port}/report.csv",
        "path": "path",
        "new_bucket": "new-bucket",
        "object_source": "file_name.csv",
    }


DOCUMENT = Document("ForePaaS: buckets (over minio-py)", facade, real, package="minio", prepare=prepare)
statement = DOCUMENT.statement


def stored(stage: Stage, key: str, bucket: str = "my-bucket") -> bytes:
    return stage.store(bucket).get(key).read()


# Connect to the Datastore


@statement("from forepaas.dwh import connect")
def _(stage: Stage) -> None:
    assert callable(stage["connect"])


@statement("cn_datastore = connect('data_store')")
def _(stage: Stage) -> None:
    assert isinstance(stage["cn_datastore"], DataStoreConnector)


@statement("from forepaas.dwh import connect")
def _(stage: Stage) -> None:
    assert callable(stage["connect"])


@statement('bucket_name = "name"')
def _(stage: Stage) -> None:
    assert stage["bucket_name"] == "name"


@statement("cn_bucket = connect('data_store/' + bucket_name)")
def _(stage: Stage) -> None:
    assert isinstance(stage["cn_bucket"], BucketConnector)
    stage.names["datastore"] = stage["cn_datastore"]
    stage.names["name"] = "name"


# Datastore Connector methods


@statement("datastore.list(return_type = 'array')")
def _(stage: Stage) -> None:
    assert stage.result == ["my-bucket"]
    assert stage["datastore"].list("str") == "my-bucket"


@statement("datastore.get_buckets()")
def _(stage: Stage) -> None:
    assert [type(each) for each in stage.result] == [BucketConnector]


@statement("datastore.get_bucket(name)")
def _(stage: Stage) -> None:
    assert isinstance(stage.result, BucketConnector)


@statement("datastore.create_bucket(name)")
def _(stage: Stage) -> None:
    assert stage.result is True
    assert "name" in [each.name for each in stage.service.list_buckets()]


@statement("datastore.remove_bucket(name)")
def _(stage: Stage) -> None:
    assert stage.result is True
    assert "name" not in [each.name for each in stage.service.list_buckets()]


@statement("datastore.bucket_exists(name)")
def _(stage: Stage) -> None:
    assert stage.result is False
    store = stage.store("my-bucket")
    store.put("file_name.csv", CSV, content_type="text/csv", metadata={"owner": "ada"})
    store.put("folder/file_name.csv", CSV)
    stage.names["bucket"] = stage["datastore"].get_bucket("my-bucket")


# Bucket Connector methods


@statement("bucket.list(metadata=True, recursive=True)")
def _(stage: Stage) -> None:
    assert [type(row) for row in stage.result] == [Object, Object]
    assert [row.object_name for row in stage.result] == ["file_name.csv", "folder/file_name.csv"]
    assert stage.result[0].metadata["x-amz-meta-owner"] == "ada"


@statement("bucket.list_filename(return_type='array', contains='', recursive=True)")
def _(stage: Stage) -> None:
    assert stage.result == ["file_name.csv", "folder/file_name.csv"]
    assert stage["bucket"].list_filename("str", contains="folder") == "folder/file_name.csv"


@statement("bucket.get(file_name)")
def _(stage: Stage) -> None:
    assert isinstance(stage.result, HTTPResponse)
    assert stage.result.read() == CSV


@statement("from forepaas.dwh import connect")
def _(stage: Stage) -> None:
    assert callable(stage["connect"])


@statement("ds = connect('data_store')")
def _(stage: Stage) -> None:
    assert isinstance(stage["ds"], DataStoreConnector)


@statement("bucket = ds.get_bucket('my_bucket')")
def _(stage: Stage) -> None:
    """An instance for any name, of which nothing is sent. No bucket can be made with this one (S3 user guide, "Bucket
    naming rules"; minio-py refuses it too): the page goes on with another."""
    assert stage["bucket"].name == "my_bucket"
    with pytest.raises(ValueError, match="invalid bucket name my_bucket"):
        stage["ds"].create_bucket("my_bucket")
    stage.names["bucket"] = stage["ds"].get_bucket("my-bucket")


@statement("bucket.get('folder/file_name.csv')")
def _(stage: Stage) -> None:
    assert stage.result.read() == CSV


@statement("data = bucket.get('file_name.csv')")
def _(stage: Stage) -> None:
    assert stage["data"].headers["content-type"] == "text/csv"


@statement(
    """
    for d in data.stream(32*1024):
        print(d)
    """
)
def _(stage: Stage) -> None:
    assert stage.output == f"{CSV!r}\n"
    stage.names["object_name"] = "file_name.csv"


@statement("bucket.fget(object_name, file_path)")
def _(stage: Stage) -> None:
    assert isinstance(stage.result, Object)
    assert (stage.folder / "file_path").read_bytes() == CSV
    assert [each.name for each in stage.folder.iterdir()] == ["file_path"]
    stage.names |= {"object_name": "object_name", "data": io.BytesIO(b"0123456789"), "length": 4}


@statement("bucket.put(object_name, data, length)")
def _(stage: Stage) -> None:
    assert stored(stage, "object_name") == b"0123"
    assert f'"{stage.result}"' == stage.store("my-bucket").head("object_name").etag


@statement("bucket.fput(object_name, file_path)")
def _(stage: Stage) -> None:
    assert stored(stage, "object_name") == CSV
    assert f'"{stage.result}"' == stage.store("my-bucket").head("object_name").etag


@statement("bucket.put_request(url, path, data={}, method='GET', headers={})")
def _(stage: Stage) -> None:
    assert stored(stage, "path") == CSV
    stage["bucket"].put_request(stage["url"], "")
    assert stored(stage, "report.csv") == CSV


@statement("bucket.delete(path)")
def _(stage: Stage) -> None:
    assert stage.result is None
    assert not stage.store("my-bucket").exists("path")
    stage["bucket"].delete(["report.csv", "absent"])
    assert not stage.store("my-bucket").exists("report.csv")
    stage.names["path"] = "file_name.csv"


@statement("bucket.stat(path)")
def _(stage: Stage) -> None:
    assert (stage.result.size, stage.result.content_type) == (len(CSV), "text/csv")
    assert [row.size for row in stage["bucket"].stat(["object_name", "file_name.csv"])] == [len(CSV), len(CSV)]
    stage.service.create_bucket("new-bucket")


@statement("bucket.fcopy_to(new_bucket, object_name, object_source)")
def _(stage: Stage) -> None:
    assert stored(stage, "object_name", "new-bucket") == CSV


@pytest.mark.parametrize("run", DOCUMENT.runs())
def test_statements(stages: Stages, run: Run) -> None:
    stages.perform(run)
