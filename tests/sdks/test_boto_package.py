"""boto's facade beside the package: signatures, and what both give and raise on the same calls."""

from __future__ import annotations

import importlib
import inspect
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dskit.compat import boto as facade
from dskit_emulator import Server
from tests.sdks.document import needs

pytestmark = [
    needs("boto"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ImportWarning"),
]

CLASSES = {
    "connection": (
        "S3Connection",
        "OrdinaryCallingFormat",
        "SubdomainCallingFormat",
        "VHostCallingFormat",
        "ProtocolIndependentOrdinaryCallingFormat",
        "Location",
    ),
    "bucket": ("Bucket",),
    "key": ("Key",),
    "acl": ("ACL", "Grant", "Policy"),
    "multipart": ("MultiPartUpload", "CompleteMultiPartUpload", "Part"),
    "multidelete": ("MultiDeleteResult", "Deleted", "Error"),
    "prefix": ("Prefix",),
    "user": ("User",),
}
ABSENT = (  # noqa: SIM905
    # what reads the XML of an answer, which the facade never sees
    "startElement endElement handle_encryption_headers handle_storage_class_header handle_version_headers "
    "handle_restore_headers handle_addl_headers make_request should_retry send_file get_md5_from_hexdigest compute_md5 "
    "set_subresource get_subresource validate_get_all_versions_params "
    # operations that no store has (docs/compat/boto.md)
    "list_versions get_all_versions set_xml_logging enable_logging disable_logging get_logging_status "
    "set_as_logging_target get_request_payment set_request_payment configure_versioning get_versioning_status "
    "configure_lifecycle get_lifecycle_config delete_lifecycle_configuration configure_website "
    "set_website_configuration set_website_configuration_xml get_website_configuration get_website_configuration_obj "
    "get_website_configuration_with_xml get_website_configuration_xml delete_website_configuration "
    "get_website_endpoint get_policy set_policy delete_policy set_cors_xml set_cors get_cors_xml get_cors delete_cors "
    "get_tags get_xml_tags set_xml_tags set_tags delete_tags get_torrent_file restore change_storage_class "
    "get_redirect set_redirect set_remote_metadata build_post_policy build_post_form_args generate_url_sigv4 "
    # of AWSAuthConnection
    "auth_region_name aws_access_key_id aws_secret_access_key build_base_http_request get_http_connection "
    "get_proxy_auth_header get_proxy_url_with_auth gs_access_key_id gs_secret_access_key handle_proxy "
    "new_http_connection prefix_proxy_to_path profile_name proxy_ssl put_http_connection server_name "
    "set_host_header set_request_hook skip_proxy access_key secret_key connection auth_service_name"
).split()


def pairs() -> Iterator[Any]:
    for module, names in CLASSES.items():
        for name in names:
            yield pytest.param(module, name, id=name)


def methods(kind: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") or name == "__init__"
    }


def shape(method: Any) -> list[tuple[str, Any, Any]]:
    rows = inspect.signature(method).parameters.values()
    return [(row.name, row.kind, comparable(row.default)) for row in rows]


def comparable(default: Any) -> Any:
    return default.__name__ if inspect.isclass(default) else default


@pytest.mark.parametrize(("module", "name"), list(pairs()))
def test_signatures_are_the_packages(module: str, name: str) -> None:
    theirs = methods(getattr(importlib.import_module(f"boto.s3.{module}"), name))
    theirs = {each: method for each, method in theirs.items() if method.__name__ != "wrapper"}  # hides its signature
    ours = methods(getattr(importlib.import_module(facade_module(module)), name))
    assert {each: shape(ours[each]) for each in ours if each in theirs} == {
        each: shape(theirs[each]) for each in theirs if each in ours
    }
    assert set(theirs) - set(ours) - set(ABSENT) == set()


def facade_module(module: str) -> str:
    return f"dskit.compat.boto.s3.{module}"


def test_exceptions_form_the_packages_tree() -> None:
    theirs: Any = importlib.import_module("boto.exception")
    for name in facade.exception.__all__:
        ours = getattr(facade.exception, name)
        if isinstance(ours, type):
            tree = [each.__name__ for each in getattr(theirs, name).__mro__]
            assert [each.__name__ for each in ours.__mro__] == tree


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def buckets(server: Server) -> Iterator[tuple[Any, Any]]:
    """A bucket of the facade over memory, and one of the package over the wire, with the same objects."""
    real: Any = importlib.import_module("boto.s3.connection")
    with server.endpoint() as endpoint:
        options: Any = {"host": "127.0.0.1", "port": endpoint.port, "is_secure": False}
        keys = (endpoint.account.access_key, endpoint.account.secret_key)
        theirs = real.S3Connection(*keys, calling_format=real.OrdinaryCallingFormat(), **options)
        ours = facade.connect("memory:")(*keys, calling_format="boto.s3.connection.OrdinaryCallingFormat", **options)
        made = []
        for connection in (ours, theirs):
            bucket = connection.create_bucket("data")
            for name in ("a/1", "a/2", "b"):
                bucket.new_key(name).set_contents_from_string(name)
            key = bucket.new_key("rich")
            key.set_metadata("colour", "rot & größer")
            key.set_metadata("Content-Language", "de")
            key.set_contents_from_string("ünïcödé", headers={"Content-Type": "text/plain", "Cache-Control": "no-store"})
            made.append(bucket)
        yield made[0], made[1]


SHOWN = (  # noqa: SIM905
    "name key size etag content_type content_language cache_control content_encoding metadata version_id delete_marker "
    "part_number key_name bucket_name is_truncated next_marker code message status reason error_code resource bucket "
    "id type uri permission closed mode content_length md5 base64md5"
).split()


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return shown(call())
    except Exception as error:
        facts = {name: getattr(error, name, None) for name in ("status", "reason", "error_code")}
        return type(error).__name__, facts


def shown(value: Any) -> Any:
    """A result without what differs from run to run: times, owners, upload ids."""
    if isinstance(value, str | bytes | int | float | None | tuple):
        return value
    rows = [shown(each) for each in value] if isinstance(value, list) or "ResultSet" in type(value).__name__ else None
    facts = {
        name: found if isinstance(found, str | bytes | int | dict | None) else type(found).__name__
        for name in SHOWN
        if (found := getattr(value, name, None)) is not None and not callable(found)
    }
    if type(value).__name__ == "MultiPartUpload":
        facts.pop("id", None)
    return type(value).__name__, facts, rows


def uploaded(bucket: Any, *, complete: bool = True) -> Any:
    upload = bucket.initiate_multipart_upload("big", metadata={"colour": "red"})
    upload.upload_part_from_file(io.BytesIO(b"x" * (5 * 1024**2)), 1)
    upload.copy_part_from_key("data", "b", 2)
    return [list(upload), upload.complete_upload()] if complete else upload.cancel_upload()


def read_slowly(bucket: Any) -> Any:
    key = bucket.get_key("rich")
    return [key.read(3), key.next(), key.read(), key.closed, key.resp is None]


def told(bucket: Any) -> Any:
    seen: list[Any] = []
    bucket.get_key("rich").get_contents_as_string(cb=lambda done, size: seen.append((done, size)))
    bucket.new_key("new").set_contents_from_string("0123", cb=lambda done, size: seen.append((done, size)))
    return tuple(seen)


CALLS: dict[str, Callable[[Any], Any]] = {
    "buckets": lambda b: [each.name for each in b.connection.get_all_buckets()],
    "iterate": lambda b: [each.name for each in b.connection],
    "in": lambda b: ("data" in b.connection, "absent" in b.connection, "b" in b, "absent" in b),
    "get_bucket": lambda b: b.connection.get_bucket("data"),
    "get_bucket, missing": lambda b: b.connection.get_bucket("absent"),
    "get_bucket, unchecked": lambda b: b.connection.get_bucket("absent", validate=False).get_key("x"),
    "lookup, missing": lambda b: b.connection.lookup("absent"),
    "create_bucket": lambda b: b.connection.create_bucket("new"),
    "create_bucket, region": lambda b: b.connection.create_bucket("new", location="us-west-1").get_location(),
    "create_bucket, upper": lambda b: b.connection.create_bucket("New"),
    "create_bucket, bad name": lambda b: b.connection.create_bucket("a_b"),
    "delete_bucket, full": lambda b: b.connection.delete_bucket("data"),
    "delete_bucket, missing": lambda b: b.connection.delete_bucket("absent"),
    "get_location": lambda b: b.get_location(),
    "list": lambda b: b.list(),
    "list, prefix": lambda b: b.list(prefix="a/"),
    "list, delimiter": lambda b: b.list(delimiter="/"),
    "list, marker": lambda b: b.list(marker="a/1"),
    "iterate bucket": lambda b: [key.name for key in b],
    "get_all_keys": lambda b: b.get_all_keys(maxkeys=2),
    "get_all_keys, groups": lambda b: b.get_all_keys(max_keys=1, delimiter="/"),
    "get_all_keys, typo": lambda b: b.get_all_keys(maxkey=1),
    "get_all_keys, missing": lambda b: b.connection.get_bucket("absent", validate=False).get_all_keys(),
    "get_key": lambda b: b.get_key("rich"),
    "get_key, missing": lambda b: b.get_key("absent"),
    "get_key, unchecked": lambda b: b.get_key("absent", validate=False),
    "get_key, unchecked with headers": lambda b: b.get_key("absent", headers={"a": "b"}, validate=False),
    "get_key, condition": lambda b: b.get_key("rich", headers={"If-Match": '"x"'}),
    "new_key, empty": lambda b: b.new_key(""),
    "delete_key, empty": lambda b: b.delete_key(""),
    "delete_key": lambda b: b.delete_key("b"),
    "delete_key, missing": lambda b: b.delete_key("absent"),
    "delete_keys": lambda b: [(len(r.deleted), len(r.errors)) for r in [b.delete_keys(["b", "absent", ("a/1", None)])]],
    "delete_keys, quiet": lambda b: b.delete_keys(["b"], quiet=True).deleted,
    "delete_keys, odd": lambda b: b.delete_keys([5]).errors,
    "set string": lambda b: b.new_key("new").set_contents_from_string("ü"),
    "set bytes": lambda b: b.new_key("new").set_contents_from_string(b"\x00"),
    "set empty": lambda b: b.new_key("new").set_contents_from_string(""),
    "set keeps": lambda b: (b.new_key("b").set_contents_from_string("x", replace=False), b.get_key("b").size),
    "set file": lambda b: b.new_key("new").set_contents_from_file(io.BytesIO(b"0123"), size=2),
    "set file, at its end": lambda b: b.new_key("new").set_contents_from_file(at_end()),
    "set file, rewind": lambda b: b.new_key("new").set_contents_from_file(at_end(), rewind=True),
    "set filename, missing": lambda b: b.new_key("new").set_contents_from_filename("/absent/file"),
    "set stream": lambda b: b.new_key("new").set_contents_from_stream(io.BytesIO(b"x")),
    "set, no bucket": lambda b: b.connection.get_bucket("absent", False).new_key("x").set_contents_from_string("x"),
    "string": lambda b: b.get_key("rich").get_contents_as_string(),
    "string, encoding": lambda b: b.get_key("rich").get_contents_as_string(encoding="utf-8"),
    "string, range": lambda b: b.get_key("b").get_contents_as_string(headers={"Range": "bytes=0-0"}),
    "string, bad range": lambda b: b.get_key("b").get_contents_as_string(headers={"Range": "bytes=9-"}),
    "string, missing": lambda b: b.new_key("absent").get_contents_as_string(),
    "read": read_slowly,
    "iterate key": lambda b: list(b.get_key("rich")),
    "after get": lambda b: [key for key in [b.get_key("rich")] if key.get_contents_as_string()],
    "open, mode": lambda b: b.get_key("b").open("x"),
    "open, write": lambda b: b.get_key("b").open("w"),
    "callbacks": told,
    "exists": lambda b: (b.new_key("b").exists(), b.new_key("absent").exists()),
    "copy_key": lambda b: b.copy_key("new", "data", "rich"),
    "copied": lambda b: [b.copy_key("new", "data", "rich") and b.get_key("new")],
    "copy_key, metadata": lambda b: [b.copy_key("new", "data", "rich", metadata={"a": "b"}) and b.get_key("new")],
    "copy_key, missing": lambda b: b.copy_key("new", "data", "absent"),
    "copy": lambda b: b.get_key("rich").copy("data", "new"),
    "metadata": lambda b: (b.get_key("rich").get_metadata("colour"), b.get_key("rich").get_metadata("none")),
    "slashes": lambda b: [b.new_key("//x//y/").set_contents_from_string("1") and b.list(prefix="x")],
    "slashes read": lambda b: [b.new_key("x/y").set_contents_from_string("1") and b.get_key("/x//y")],
    "multipart": uploaded,
    "multipart, cancelled": lambda b: (uploaded(b, complete=False), len(list(b.list_multipart_uploads()))),
    "multipart, listed": lambda b: [b.initiate_multipart_upload("big") and list(b.list_multipart_uploads())],
    "multipart, part 0": lambda b: b.initiate_multipart_upload("big").upload_part_from_file(io.BytesIO(b""), 0),
    "repr": lambda b: (repr(b), repr(b.new_key("x")), repr(b.initiate_multipart_upload("big"))),
    "unsigned": lambda b: b.new_key("a b/ü+").generate_url(0, query_auth=False).rpartition(":")[2].partition("/")[2],
    "canned acl, unknown": lambda b: b.set_canned_acl("nobody"),
}


def at_end() -> io.BytesIO:
    file = io.BytesIO(b"0123")
    file.read()
    return file


@pytest.mark.parametrize("name", CALLS)
def test_results_are_the_packages(buckets: tuple[Any, Any], name: str) -> None:
    ours, theirs = buckets
    assert outcome(lambda: CALLS[name](ours)) == outcome(lambda: CALLS[name](theirs))


@pytest.mark.parametrize("form", ["OrdinaryCallingFormat", "SubdomainCallingFormat", "VHostCallingFormat"])
@pytest.mark.parametrize("key", ["hello.txt", "a b/ü+?&", "//a//b/"])
def test_signed_urls_are_the_packages_to_the_letter(form: str, key: str) -> None:
    real: Any = importlib.import_module("boto.s3.connection")
    urls = []
    for module in (facade.connect("memory:"), real.S3Connection):
        connection = module("AKID", "secret", host="h.example", calling_format=f"boto.s3.connection.{form}")
        bucket = connection.get_bucket("data", validate=False)
        urls.append(
            [
                bucket.new_key(key).generate_url(2_000_000_000, expires_in_absolute=True, **options)
                for options in (
                    {},
                    {"method": "PUT", "headers": {"Content-Type": "text/plain", "x-amz-meta-a": "b c"}},
                    {"response_headers": {"response-content-type": "text/html; charset=utf-8"}},
                    {"version_id": "v1", "force_http": True},
                    {"query_auth": False, "policy": "public-read"},
                )
            ]
            + [bucket.generate_url(2_000_000_000, expires_in_absolute=True)]
        )
    assert urls[0] == urls[1]
