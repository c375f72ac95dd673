"""Domino Data Lab's page about object store data sources."""

from __future__ import annotations

import io

import pytest

from dskit.compat.domino.shim import modules
from tests.sdks.document import Document, Run, Stage, Stages

STORED = b"what the bucket holds"
LOCAL = "path/to/local/file"


def prepare(stage: Stage) -> None:
    """The page takes a data source, a key, a prefix and a folder for granted."""
    stage.service.create_bucket("s3-dev")
    store = stage.store("s3-dev")
    for key in ("key", "path_prefix/one", "path_prefix/two"):
        store.put(key, STORED)
    (stage.folder / LOCAL).parent.mkdir(parents=True)
    stage.names["io"] = io


def facade(stage: Stage) -> None:
    stage.modules |= modules(stage.service)


def real(stage: Stage) -> None:
    stage.environment |= stage.endpoint.env("domino")


DOCUMENT = Document("Domino: object store data sources", facade, real, package="domino.data_sources", prepare=prepare)
statement = DOCUMENT.statement


def stored(stage: Stage) -> bytes:
    """What the bucket holds under the page's key, seen from behind."""
    return stage.store("s3-dev").get("key").read()


def local(stage: Stage) -> bytes:
    """The page's local file, of which there is never a part beside it."""
    file = stage.folder / LOCAL
    assert list(file.parent.iterdir()) == [file]
    return file.read_bytes()


# List


@statement("from domino.data_sources import DataSourceClient")
def _(stage: Stage) -> None:
    assert stage["DataSourceClient"].__name__ == "DataSourceClient"


@statement('s3_dev = DataSourceClient().get_datasource("s3-dev")')
def _(stage: Stage) -> None:
    source = stage["s3_dev"]
    assert (source.name, source.datasource_type, source.config["bucket"]) == ("s3-dev", "S3Config", "s3-dev")


@statement("objects = s3_dev.list_objects()")
def _(stage: Stage) -> None:
    assert [each.key for each in stage["objects"]] == ["key", "path_prefix/one", "path_prefix/two"]


@statement('objects_under_path = s3_dev.list_objects("path_prefix")')
def _(stage: Stage) -> None:
    assert [each.key for each in stage["objects_under_path"]] == ["path_prefix/one", "path_prefix/two"]


# Read, from the data source


@statement('content = s3_dev.get("key")')
def _(stage: Stage) -> None:
    assert stage["content"] == STORED


@statement('s3_dev.download_file("key", "./path/to/local/file")')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert local(stage) == STORED


@statement("f = io.BytesIO()")
def _(stage: Stage) -> None:
    assert stage["f"].getvalue() == b""


@statement('s3_dev.download_fileobj("key", f)')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert (stage["f"].getvalue(), stage["f"].tell()) == (STORED, len(STORED))


# Read, from the object


@statement('my_key = s3_dev.Object("key")')
def _(stage: Stage) -> None:
    assert (stage["my_key"].key, repr(stage["my_key"])) == ("key", "_Object(key='key')")
    assert stage["my_key"] == stage["objects"][0]
    stage.store("s3-dev").put("key", b"changed meanwhile")


@statement("content = my_key.get()")
def _(stage: Stage) -> None:
    assert stage["content"] == b"changed meanwhile"


@statement('my_key.download_file("./path/to/local/file")')
def _(stage: Stage) -> None:
    assert local(stage) == b"changed meanwhile"


@statement("f = io.BytesIO()")
def _(stage: Stage) -> None:
    assert stage["f"].getvalue() == b""


@statement("my_key.download_fileobj(f)")
def _(stage: Stage) -> None:
    assert stage["f"].getvalue() == b"changed meanwhile"


# Write, from the data source


@statement('s3_dev.put("key", b"content")')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stored(stage) == b"content"
    (stage.folder / LOCAL).write_bytes(b"a local file")


@statement('s3_dev.upload_file("key", "./path/to/local/file")')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stored(stage) == local(stage) == b"a local file"


@statement('f = io.BytesIO(b"content")')
def _(stage: Stage) -> None:
    assert stage["f"].getvalue() == b"content"


@statement('s3_dev.upload_fileobj("key", f)')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stored(stage) == b"content"
    stage.store("s3-dev").delete("key")


# Write, from the object


@statement('my_key = s3_dev.Object("key")')
def _(stage: Stage) -> None:
    assert not stage.store("s3-dev").exists("key")  # an object entity is a name


@statement('my_key.put(b"content")')
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stored(stage) == b"content"


@statement('my_key.upload_file("./path/to/local/file")')
def _(stage: Stage) -> None:
    assert stored(stage) == b"a local file"


@statement("f = io.BytesIO()")
def _(stage: Stage) -> None:
    assert stage["f"].getvalue() == b""


@statement("my_key.upload_fileobj(f)")
def _(stage: Stage) -> None:
    assert stored(stage) == b""


@pytest.mark.parametrize("run", DOCUMENT.runs())
def test_statements(stages: Stages, run: Run) -> None:
    stages.perform(run)
