"""Where the facade of boto keeps ACLs: in the store where it can, else beside it; and what of them is true there."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.compat import boto
from dskit.compat.boto.exception import S3ResponseError
from dskit.wrappers import RecordingService

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.fixture(params=["memory", "disk"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Service]:
    """Services of the reference store, which keep ACLs."""
    with dskit.open_service("memory:" if request.param == "memory" else f"disk:{tmp_path}/store") as service:
        yield service


def rows(policy: Any) -> list[tuple[str | None, str]]:
    return [(grant.permission, grant.uri or grant.id) for grant in policy.acl.grants]


def stored(service: dskit.Service, access_key: str = "AKID") -> Any:
    """A bucket that the public may write to, with an object that it may read, by a connection of its own."""
    bucket: Any = boto.connect(service)(access_key).create_bucket("data", policy="public-read-write")
    bucket.new_key("key").set_contents_from_string("1", policy="public-read")
    return bucket


def test_another_connection_sees_them(service: dskit.Service) -> None:
    """Not only another of the same class: `connect` is called again, as another process would."""
    own = stored(service).connection.owner.id
    again: Any = boto.connect(service)("AKID").get_bucket("data")
    assert rows(again.get_acl()) == [("FULL_CONTROL", own), ("READ", ALL_USERS), ("WRITE", ALL_USERS)]
    assert rows(again.get_acl("key")) == [("FULL_CONTROL", own), ("READ", ALL_USERS)]
    assert repr(again.get_acl("key")) == f"<Policy: AKID (owner) = FULL_CONTROL, {ALL_USERS} = READ>"


def test_they_outlive_the_process(tmp_path: Path) -> None:
    for _ in range(2):
        with dskit.open_service(f"disk:{tmp_path}") as service:
            if not service.list_buckets():
                stored(service)
            bucket: Any = boto.connect(service)("AKID").get_bucket("data")
            assert [permission for permission, _ in rows(bucket.get_acl())] == ["FULL_CONTROL", "READ", "WRITE"]
            assert [permission for permission, _ in rows(bucket.get_acl("key"))] == ["FULL_CONTROL", "READ"]


def test_an_emulator_of_the_same_store_acts_on_them(s3_server: Any, tmp_path: Path) -> None:
    with dskit.open_service(f"disk:{tmp_path}") as service:
        stored(service).new_key("private").set_contents_from_string("2")
    with s3_server.endpoint(data=tmp_path, rules={"classic-acl"}) as endpoint:
        client = endpoint.client()
        shown = client.get_object_acl(Bucket="data", Key="key")["Grants"]
        assert [row["Grantee"].get("URI") for row in shown] == [None, ALL_USERS]
        assert len(client.get_bucket_acl(Bucket="data")["Grants"]) == 3
        with urllib.request.urlopen(f"{endpoint.url}/data/key") as answer:
            assert answer.read() == b"1"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{endpoint.url}/data/private")
        client.put_object_acl(Bucket="data", Key="private", ACL="public-read")
        mine = endpoint.account.canonical_id
    with dskit.open_service(f"disk:{tmp_path}") as service:
        bucket: Any = boto.connect(service)("AKID").get_bucket("data")
        assert rows(bucket.get_acl("private")) == [("FULL_CONTROL", mine), ("READ", ALL_USERS)]


def test_what_they_belong_to_stays_its_owners(service: dskit.Service) -> None:
    """Whoever has the store may change an ACL; the owner in it does not change with that."""
    bucket = stored(service)
    other: Any = boto.connect(service)("OTHER").get_bucket("data")
    other.get_key("key").set_canned_acl("authenticated-read")
    policy = bucket.get_acl("key")
    assert policy.owner.id == bucket.connection.owner.id != other.connection.owner.id
    assert rows(policy)[0] == ("FULL_CONTROL", bucket.connection.owner.id)
    policy.owner.id = other.connection.owner.id
    with pytest.raises(S3ResponseError, match="AccessDenied"):
        bucket.set_acl(policy, "key")
    assert bucket.get_acl("key").owner.id == bucket.connection.owner.id


def test_an_object_that_is_written_again_is_private_again(service: dskit.Service) -> None:
    bucket = stored(service)
    bucket.get_key("key").set_contents_from_string("1")
    assert len(bucket.get_acl("key").acl.grants) == 1
    bucket.set_canned_acl("private")
    assert service.head_bucket("data").configurations == {}
    assert len(bucket.get_acl().acl.grants) == 1


def test_grants_go_through_their_document(service: dskit.Service) -> None:
    bucket = stored(service)
    bucket.add_user_grant("READ_ACP", "f" * 64, recursive=True, display_name="somebody")
    bucket.get_key("key").add_user_grant("WRITE_ACP", "e" * 64)
    assert rows(bucket.get_acl())[-1] == ("READ_ACP", "f" * 64)
    assert rows(bucket.get_acl("key"))[-2:] == [("READ_ACP", "f" * 64), ("WRITE_ACP", "e" * 64)]
    before = bucket.get_xml_acl("key")
    bucket.set_xml_acl(before, "key")
    assert bucket.get_xml_acl("key") == before


def changed(old: str, new: str) -> Callable[[Any], None]:
    def send(bucket: Any) -> None:
        document = bucket.get_xml_acl("key").decode()
        assert old in document
        bucket.set_xml_acl(document.replace(old, new), "key")

    return send


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda bucket: bucket.add_email_grant("READ", "who@example.com"), "UnresolvableGrantByEmailAddress"),
        (changed(ALL_USERS, "http://example.com/group"), "InvalidArgument"),
        (changed("<Permission>READ<", "<Permission>LOOK<"), "MalformedACLError"),
        (changed("<Grantee ", "<Nobody "), "MalformedACLError"),
        (lambda bucket: bucket.set_xml_acl("<a/>", "key"), "MalformedACLError"),
        (lambda bucket: bucket.set_canned_acl("private", "absent"), "NoSuchKey"),
        (lambda bucket: bucket.get_acl("absent"), "NoSuchKey"),
        (lambda bucket: bucket.connection.get_bucket("absent", validate=False).get_acl(), "NoSuchBucket"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    service: dskit.Service, send: Callable[[Any], None], code: str
) -> None:
    bucket = stored(service)
    before = bucket.get_xml_acl(), bucket.get_xml_acl("key")
    with pytest.raises(S3ResponseError) as caught:
        send(bucket)
    assert caught.value.error_code == code
    assert (bucket.get_xml_acl(), bucket.get_xml_acl("key")) == before


def test_a_wrapper_of_such_a_store_keeps_them_too() -> None:
    with dskit.open_service("memory:") as inner:
        around = RecordingService(inner.service)
        stored(dskit.Service(around))
        assert rows(boto.connect(inner)("AKID").get_bucket("data").get_acl("key"))[1] == ("READ", ALL_USERS)
        assert {"put_access", "put_configuration"} <= {each.verb for each in around.calls}


def test_plain_files_keep_none_so_the_class_of_connections_does(tmp_path: Path) -> None:
    with dskit.open_service(f"file:{tmp_path}") as service:
        connection = boto.connect(service)
        bucket: Any = connection("AKID").create_bucket("data", policy="public-read")
        bucket.new_key("key").set_contents_from_string("1", policy="public-read")
        for found, count in ((connection("AKID"), 2), (boto.connect(service)("AKID"), 1)):
            again: Any = found.get_bucket("data")
            assert [len(again.get_acl(name).acl.grants) for name in ("", "key")] == [count, count]
