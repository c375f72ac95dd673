"""`dskit.compat.domino` beside the real package: the same signatures, and the same results of the same calls."""

from __future__ import annotations

import importlib
import inspect
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dskit import Service, open_service
from dskit.compat import domino
from dskit_emulator import Server
from tests.sdks.document import needs

pytestmark = needs("domino_data")

CLASSES = {
    "DataSourceClient": ("get_datasource", "list_keys", "get_key_url", "execute"),
    "ObjectStoreDatasource": (
        "Object",
        "list_objects",
        "get_key_url",
        "get",
        "download_file",
        "download",
        "download_fileobj",
        "put",
        "upload_file",
        "upload_fileobj",
        "update",
        "reset_config",
        "http",
        "pool_manager",
    ),
    "_Object": (
        "get",
        "download_file",
        "download",
        "download_fileobj",
        "put",
        "upload_file",
        "upload_fileobj",
        "http",
        "pool_manager",
    ),
    "Config": ("config", "credential"),
    "S3Config": ("config", "credential"),
    "GenericS3Config": (),
    "GCSConfig": (),
    "ADLSConfig": (),
    "AzureBlobStorageConfig": (),
    "DatasetConfig": (),
    "NetAppVolumeConfig": (),
}


def real_module() -> Any:
    return importlib.import_module("domino_data.data_sources")


def shape(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults of parameters. A default that is made anew for each call shows only that it is one."""
    made = "a factory"
    return [
        (
            parameter.name,
            parameter.kind,
            made
            if type(parameter.default).__name__ in ("_Nothing", "_HAS_DEFAULT_FACTORY_CLASS")
            else parameter.default,
        )
        for parameter in inspect.signature(function).parameters.values()
    ]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_constructors_and_methods_have_the_packages_signatures(name: str) -> None:
    mine, theirs = getattr(domino, name), getattr(real_module(), name)
    assert shape(mine) == shape(theirs)
    for method in CLASSES[name]:
        assert shape(getattr(mine, method)) == shape(getattr(theirs, method)), method


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_no_public_name_of_the_package_is_missing(name: str) -> None:
    """`from_dto` builds a data source from an answer of Domino's server, of which the facade has none."""
    wire = {"from_dto", "domino", "proxy", "proxy_http"}
    theirs = {each for each in dir(getattr(real_module(), name)) if not each.startswith("_")} - wire
    mine = {each for each in dir(getattr(domino, name)) if not each.startswith("_")}
    fields = set(inspect.signature(getattr(domino, name)).parameters)
    assert theirs <= mine | fields


class Sides:
    """The same bucket contents behind the facade and behind the package."""

    def __init__(self, folder: Path, facade: Any, package: Any, services: tuple[Service, Service]) -> None:
        self.folder = folder
        self.each = (facade, package)
        self.services = services

    def both(self, call: Callable[..., Any]) -> tuple[Any, Any]:
        """What `call(data source, module)` gives on each side: a value, or the kind of error and its text."""
        return outcome(call, self.each[0], domino), outcome(call, self.each[1], real_module())

    def same(self, call: Callable[..., Any]) -> Any:
        mine, theirs = self.both(call)
        assert mine == theirs
        return mine


class Failed(tuple[str, ...]):
    """Names of the classes of an error, without object and the facade's own."""

    __slots__ = ()


def outcome(call: Callable[..., Any], source: Any, module: Any) -> Any:
    try:
        return call(source, module)
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        return Failed((*(kind.__name__ for kind in type(error).__mro__), str(status)))


@pytest.fixture
def sides(tmp_path: Path, sdk_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    with sdk_server.endpoint(buckets=["s3-dev", "other"]) as endpoint, open_service("memory:") as service:
        for bucket in ("s3-dev", "other"):
            service.create_bucket(bucket)
        for name, value in endpoint.env("domino").items():
            monkeypatch.setenv(name, value)
        services = (service, Service(endpoint.backend))
        for each in services:
            each.bucket("s3-dev").put("key", b"content")
            each.bucket("s3-dev").put("folder/inner", b"inner")
            each.bucket("s3-dev").put("a b+c é//x", b"odd")
            each.bucket("other").put("elsewhere", b"other")
        facade = domino.connect(service)().get_datasource("s3-dev")
        package = real_module().DataSourceClient().get_datasource("s3-dev")
        yield Sides(tmp_path, facade, package, services)


def test_a_data_source_looks_the_same(sides: Sides) -> None:
    for name in ("auth_type", "datasource_type", "identifier", "name", "owner"):
        sides.same(lambda source, _, name=name: getattr(source, name))
    assert repr(sides.each[0]).replace("'bucket': 's3-dev'", "") == repr(sides.each[1]).replace(
        "'bucket': 's3-dev', 'region': 'us-east-1'", ""
    )


def test_listings(sides: Sides) -> None:
    for arguments in ((), ("folder",), ("folder/",), ("none",), ("", 1), ("", 0), ("a b+", 2)):
        sides.same(lambda source, _, given=arguments: [repr(each) for each in source.list_objects(*given)])
    sides.same(lambda source, _: isinstance(source.list_objects(), list))


def test_objects_are_equal_sortable_and_unhashable(sides: Sides) -> None:
    sides.same(lambda source, _: source.Object("key") == source.list_objects("key")[0])
    sides.same(lambda source, _: source.Object("a") < source.Object("b"))
    sides.same(lambda source, _: hash(source.Object("a")))
    sides.same(lambda source, _: repr(source.Object("a", include_auth_headers=True)))


def test_reads(sides: Sides) -> None:
    for key in ("key", "folder/inner", "a b+c é//x", "missing", "folder", "k" * 1024, "k" * 1025, ""):
        sides.same(lambda source, _, key=key: source.get(key))


@pytest.mark.parametrize(
    "content",
    [b"bytes", "text é", b"", bytearray(b"x"), memoryview(b"x"), 7, {}],
    ids=lambda it: type(it).__name__,
)
def test_puts(sides: Sides, content: Any) -> None:
    sides.same(lambda source, _: source.put("written", content))
    assert len({each.bucket("s3-dev").exists("written") for each in sides.services}) == 1
    sides.same(lambda source, _: source.get("written"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: io.BytesIO(b"file"),
        io.BytesIO,
        lambda: iter([b"a", b"b"]),
        lambda: [b"a", b"b"],
        lambda: b"bytes",
        lambda: "text",
        lambda: bytearray(b"x"),
        lambda: 7,
    ],
)
def test_uploads_of_file_objects(sides: Sides, make: Callable[[], Any]) -> None:
    sides.same(lambda source, _: source.upload_fileobj("written", make()))
    sides.same(lambda source, _: source.get("written"))


def test_transfers_of_files(sides: Sides) -> None:
    local, folder, absent = sides.folder / "file", sides.folder / "folder", sides.folder / "none" / "file"
    folder.mkdir()
    local.write_bytes(b"from a file")
    sides.same(lambda source, _: source.upload_file("up", str(local)))
    sides.same(lambda source, _: source.get("up"))
    for method in ("download_file", "download"):
        sides.same(lambda source, _, name=method: getattr(source, name)("up", str(local)))
        assert local.read_bytes() == b"from a file"
        sides.same(lambda source, _, name=method: getattr(source, name)("up", str(folder)))
        sides.same(lambda source, _, name=method: getattr(source, name)("up", str(absent)))
    sides.same(lambda source, _: source.upload_file("up", str(folder)))
    sides.same(lambda source, _: source.upload_file("up", str(absent)))
    sides.same(lambda source, _: source.download("up", str(local), 0))


def test_a_parallel_download_of_parts(sides: Sides) -> None:
    content = bytes(range(256)) * 65537 * 2  # two parts of 16 MiB and a rest
    for service in sides.services:
        service.bucket("s3-dev").put("large", content)
    local = sides.folder / "large"
    for source in sides.each:
        source.download("large", str(local), max_workers=3)
        assert local.read_bytes() == content
        local.unlink()


def test_configurations(sides: Sides) -> None:
    sides.same(lambda _, module: module.S3Config(bucket="b", region="r", aws_access_key_id="a").config())
    sides.same(lambda _, module: module.S3Config(aws_access_key_id="a", aws_session_token="t").credential())
    sides.same(lambda _, module: module.GCSConfig(bucket="b", private_key_json="p").credential())
    sides.same(lambda _, module: repr(module.S3Config(bucket="b")))
    sides.same(lambda _, module: module.S3Config("b"))
    sides.same(lambda _, module: module.S3Config(bucket="b") == module.S3Config(bucket="b"))


def test_overrides(sides: Sides) -> None:
    def elsewhere(source: Any, module: Any) -> Any:
        source.update(module.S3Config(bucket="other"))
        listed = [each.key for each in source.list_objects()], source.get("elsewhere")
        source.reset_config()
        return listed, source.get("key")

    def folder(source: Any, module: Any) -> Any:
        source.update(module.S3Config(subfolder="folder"))
        source.put("new", b"n")
        listed = [each.key for each in source.list_objects()], source.get("inner")
        source.reset_config()
        return listed, source.get("folder/new")

    def missing(source: Any, module: Any) -> Any:
        source.update(module.S3Config(bucket="not-made"))
        try:
            return [outcome(each, source, module) for each in (lambda s, _: s.list_objects(), lambda s, _: s.get("k"))]
        finally:
            source.reset_config()

    sides.same(elsewhere)
    sides.same(folder)
    assert all(isinstance(each, Failed) for each in sides.same(missing))


def test_unknown_data_sources_and_ids(sides: Sides) -> None:
    for name in ("missing", "no/such", ""):
        sides.same(lambda source, _, name=name: source.client.get_datasource(name))
    sides.same(lambda source, _: source.client.list_keys("ds-none", "", 10, {}, {}))
    sides.same(lambda source, _: source.client.get_key_url("ds-none", "k", False, {}, {}))


def test_values_that_cannot_be(sides: Sides) -> None:
    sides.same(lambda source, _: source.list_objects("", -1))
    sides.same(lambda source, _: source.list_objects("", "7"))


def test_where_the_package_is_broken_the_facade_is_right(sides: Sides) -> None:
    """Each is a line of docs/compat/domino.md; here it is seen that the package still does it."""
    facade, package = sides.each
    local = sides.folder / "file"
    # A missing object: its error page becomes the file's content, or a KeyError.
    for source in sides.each:
        mine = source is facade
        local.write_bytes(b"kept")
        error = outcome(lambda source, _: source.download_file("missing", str(local)), source, None)
        assert (isinstance(error, Failed) and "HTTPStatusError" in error) == mine
        assert (local.read_bytes() == b"kept") == mine
        error = outcome(lambda source, _: source.download("missing", str(local)), source, None)
        assert ("HTTPStatusError" in error) == mine
        buffer = io.BytesIO()
        outcome(lambda source, _, buffer=buffer: source.download_fileobj("missing", buffer), source, None)
        assert (buffer.getvalue() == b"") == mine
    # A file that stands elsewhere than at its beginning: announced whole, sent in part.
    for source in sides.each:
        half = io.BytesIO(b"0123456789")
        half.seek(5)
        failed = isinstance(
            outcome(lambda source, _, half=half: source.upload_fileobj("half", half), source, None), Failed
        )
        assert failed == (source is package)
    assert facade.get("half") == b"56789"
    assert not sides.services[1].bucket("s3-dev").exists("half")
    # No content at all: stored as an empty object before the error.
    for source in sides.each:
        assert "TypeError" in outcome(lambda source, _: source.put("none", None), source, None)
    assert [each.bucket("s3-dev").exists("none") for each in sides.services] == [False, True]
