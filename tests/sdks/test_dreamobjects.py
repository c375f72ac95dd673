"""DreamObjects' page about boto, in Python 3 (`print` is a function).

The page talks to a host of DreamObjects. The facade needs none; the real package is given a proxy, by its own settings,
behind which the endpoint answers for that host: so host, port and URLs are those of the page.
"""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from dskit.compat.boto import modules
from tests.sdks.document import Document, Run, Stage, Stages

HOST = "objects-us-west-1.dream.io"
PLANS = b"buy low, sell high"
POEM = b"%PDF ode to a camel"


def facade(stage: Stage) -> None:
    stage.modules |= modules(stage.service)
    stage.names["connected"] = lambda: None


def real(stage: Stage) -> None:
    """boto reads its proxy from the environment, and from its configuration, when it connects, that there is no TLS."""
    import boto  # type: ignore[import-untyped, import-not-found, unused-ignore]

    boto.config.add_section("Boto")
    boto.config.set("Boto", "is_secure", "False")
    stage.names["connected"] = lambda: boto.config.remove_section("Boto")
    stage.environment["http_proxy"] = stage.endpoint.url
    stage.environment["no_proxy"] = ""


DOCUMENT = Document("DreamObjects: boto", facade, real, package="boto", endpoint={"rules": ["classic-acl"]})
statement = DOCUMENT.statement


def served(stage: Stage) -> bool:
    """Whether anybody answers for the host of the page: not over memory and files."""
    return stage.has_endpoint


def fetched(stage: Stage, url: str) -> int | bytes:
    """What an unsigned GET of a URL of the page's host gives: the status of an error, or the bytes."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": stage.endpoint.url}))
    try:
        with opener.open(url, timeout=10) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def readers(stage: Stage, key: str) -> list[str]:
    """The groups that may read a key."""
    return [grant.uri for grant in stage["bucket"].get_acl(key).acl.grants if grant.uri]


# Creating a connection


@statement("import boto")
def _(stage: Stage) -> None:
    assert stage["boto"].__name__ == "boto"


@statement("import boto.s3.connection")
def _(stage: Stage) -> None:
    assert stage["boto"].s3.connection.OrdinaryCallingFormat


@statement("access_key = 'put your access key here!'")
def _(stage: Stage) -> None:
    stage.names["access_key"] = stage.endpoint.account.access_key if served(stage) else "access"


@statement("secret_key = 'put your secret key here!'")
def _(stage: Stage) -> None:
    stage.names["secret_key"] = stage.endpoint.account.secret_key if served(stage) else "secret"


@statement(
    """
    conn = boto.connect_s3(
        aws_access_key_id = access_key,
        aws_secret_access_key = secret_key,
        host = 'objects-us-west-1.dream.io',
        calling_format = boto.s3.connection.OrdinaryCallingFormat(),
        )
    """
)
def _(stage: Stage) -> None:
    stage["connected"]()
    assert type(stage["conn"]).__name__ == "S3Connection"
    stage.service.create_bucket("mahbuckat1")
    stage.service.create_bucket("mahbuckat2")


# Listing owned buckets


@statement(
    r"""
    for bucket in conn.get_all_buckets():
        print("{name}\t{created}".format(
            name = bucket.name,
            created = bucket.creation_date,
            ))
    """
)
def _(stage: Stage) -> None:
    rows = [line.split("\t") for line in stage.output.splitlines()]
    assert [name for name, _ in rows] == ["mahbuckat1", "mahbuckat2"]
    assert all(len(created) == len("2011-04-21T18:05:39.000Z") and created.endswith(".000Z") for _, created in rows)


# Creating a bucket


@statement("bucket = conn.create_bucket('my-new-bucket')")
def _(stage: Stage) -> None:
    assert stage["bucket"].name == "my-new-bucket"
    assert "my-new-bucket" in [each.name for each in stage.service.list_buckets()]
    for name, data in (("myphoto1.jpg", b"1"), ("myphoto2.jpg", b"22")):
        stage.store("my-new-bucket").put(name, data)


# Listing a bucket's content


@statement(
    r"""
    for key in bucket.list():
        print("{name}\t{size}\t{modified}".format(
            name = key.name,
            size = key.size,
            modified = key.last_modified,
            ))
    """
)
def _(stage: Stage) -> None:
    rows = [line.split("\t") for line in stage.output.splitlines()]
    assert [row[:2] for row in rows] == [["myphoto1.jpg", "1"], ["myphoto2.jpg", "2"]]
    assert all(modified.endswith(".000Z") for *_, modified in rows)
    stage.store("my-new-bucket").delete_many(["myphoto1.jpg", "myphoto2.jpg"])


# Deleting a bucket


@statement("conn.delete_bucket(bucket.name)")
def _(stage: Stage) -> None:
    assert "my-new-bucket" not in [each.name for each in stage.service.list_buckets()]
    stage.service.create_bucket("my-new-bucket")  # the page goes on with it


# Creating an object


@statement("key = bucket.new_key('hello.txt')")
def _(stage: Stage) -> None:
    assert not stage.store("my-new-bucket").exists("hello.txt")


@statement("key.set_contents_from_string('Hello World!')")
def _(stage: Stage) -> None:
    assert stage.result == 12
    store = stage.store("my-new-bucket")
    assert store.get("hello.txt").read() == b"Hello World!"
    assert store.head("hello.txt").content_type == "application/octet-stream"
    assert stage["key"].etag == store.head("hello.txt").etag
    for name, data in (("secret_plans.txt", PLANS), ("perl_poetry.pdf", POEM), ("goodbye.txt", b"")):
        store.put(name, data)


# Change an object's ACL


@statement("hello_key = bucket.get_key('hello.txt')")
def _(stage: Stage) -> None:
    assert (stage["hello_key"].name, stage["hello_key"].size) == ("hello.txt", 12)


@statement("hello_key.set_canned_acl('public-read')")
def _(stage: Stage) -> None:
    assert readers(stage, "hello.txt") == ["http://acs.amazonaws.com/groups/global/AllUsers"]


@statement("plans_key = bucket.get_key('secret_plans.txt')")
def _(stage: Stage) -> None:
    assert stage["plans_key"].size == len(PLANS)


@statement("plans_key.set_canned_acl('private')")
def _(stage: Stage) -> None:
    assert readers(stage, "secret_plans.txt") == []


# Download an object (to a file)


@statement("key = bucket.get_key('perl_poetry.pdf')")
def _(stage: Stage) -> None:
    assert stage["key"].etag == stage.store("my-new-bucket").head("perl_poetry.pdf").etag
    (stage.folder / "home/larry/documents").mkdir(parents=True)


@statement("key.get_contents_to_filename('home/larry/documents/perl_poetry.pdf')")
def _(stage: Stage) -> None:
    """The page's folder is an absolute one; this is below the current one."""
    folder = stage.folder / "home/larry/documents"
    assert [path.name for path in folder.iterdir()] == ["perl_poetry.pdf"]
    assert (folder / "perl_poetry.pdf").read_bytes() == POEM
    written = stage.store("my-new-bucket").head("perl_poetry.pdf").last_modified
    assert int((folder / "perl_poetry.pdf").stat().st_mtime) == int(written.timestamp())


# Delete an object


@statement("bucket.delete_key('goodbye.txt')")
def _(stage: Stage) -> None:
    assert stage.result.name == "goodbye.txt"
    assert not stage.store("my-new-bucket").exists("goodbye.txt")


# Generate object download URLs (signed and unsigned)


@statement("hello_key = bucket.get_key('hello.txt')")
def _(stage: Stage) -> None:
    assert stage["hello_key"].content_type == "application/octet-stream"


@statement("hello_url = hello_key.generate_url(0, query_auth=False, force_http=True)")
def _(stage: Stage) -> None:
    assert stage["hello_url"] == f"http://{HOST}/my-new-bucket/hello.txt"


@statement("print(hello_url)")
def _(stage: Stage) -> None:
    if served(stage):
        assert fetched(stage, stage.output.strip()) == b"Hello World!"
        assert fetched(stage, f"http://{HOST}/my-new-bucket/secret_plans.txt") == 403


@statement("plans_key = bucket.get_key('secret_plans.txt')")
def _(stage: Stage) -> None:
    assert stage["plans_key"].name == "secret_plans.txt"


@statement("plans_url = plans_key.generate_url(3600, query_auth=True, force_http=True)")
def _(stage: Stage) -> None:
    base, _, query = stage["plans_url"].partition("?")
    assert base == f"http://{HOST}/my-new-bucket/secret_plans.txt"
    assert [pair.partition("=")[0] for pair in query.split("&")] == ["Signature", "Expires", "AWSAccessKeyId"]


@statement("print(plans_url)")
def _(stage: Stage) -> None:
    if served(stage):
        url = stage.output.strip()
        assert fetched(stage, url) == PLANS
        assert fetched(stage, url.replace("Expires=1", "Expires=2")) == 403
        assert fetched(stage, url.replace("secret_plans", "perl_poetry")) == 403


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ImportWarning")
@pytest.mark.parametrize("run", DOCUMENT.runs())
def test_statements(stages: Stages, run: Run) -> None:
    stages.perform(run)
