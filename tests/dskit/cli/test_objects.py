"""`dskit cat`, `stat`, `rm`, `sign`, `mb`, `rb`, and how keys and errors pass through a command."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

import dskit
from dskit.cli.locations import parse
from tests.dskit.cli.conftest import Place, Run


def test_cat_joins_objects_and_cuts_ranges(place: Place, run: Run) -> None:
    place.store.put("a", bytes(range(256)))
    place.store.put("b", b"0123456789")
    assert run("cat", place.url("a"), place.url("b")).data == bytes(range(256)) + b"0123456789"
    for span, expected in (("2-4", b"234"), ("7-", b"789"), ("-2", b"89")):
        assert run("cat", "--range", span, place.url("b")).data == expected
    for span in ("4-2", "x", "-", "1", "²-3"):
        assert run("cat", "--range", span, place.url("b")).code == 2


@pytest.mark.parametrize("command", ["cat", "stat", "rm"])
def test_a_missing_object_is_code_1_and_named(place: Place, run: Run, command: str) -> None:
    answer = run(command, place.url("absent"))
    assert answer.code == 1
    assert "absent" in answer.err
    assert answer.out == ""


def test_stat_tells_what_is_stored(place: Place, run: Run) -> None:
    place.store.put("k", b"data", content_type="text/plain", metadata={"colour": "blue"}, checksum="SHA256")
    told = run("stat", place.url("k")).out
    for part in ("text/plain", "metadata colour:", "blue", "size:", "checksums SHA256:"):
        assert part in told
    (record,) = run("stat", "--json", place.url("k")).rows
    assert (record["size"], record["metadata"], record["content_type"]) == (4, {"colour": "blue"}, "text/plain")
    assert record["etag"] == place.store.head("k").etag


def test_rm_of_one(place: Place, run: Run) -> None:
    place.store.put("k", b"x")
    assert run("rm", "-n", place.url("k")).lines == ["would remove k"]
    assert place.store.exists("k")
    assert run("rm", place.url("k")).lines == ["removed k"]
    assert not place.store.exists("k")
    assert run("rm", "-f", place.url("k")).code == 0


def test_rm_below_asks_or_needs_yes(place: Place, run: Run) -> None:
    for key in ("d/1", "d/2", "dd"):
        place.store.put(key, b"x")
    refused = run("rm", "-r", place.url("d/"))
    assert refused.code == 2
    assert "--yes" in refused.err
    assert len(list(place.store.list())) == 3
    assert run("rm", "-r", "-y", place.url("d/")).lines == ["removed d/1", "removed d/2"]
    assert [row.key for row in place.store.list()] == ["dd"]
    assert run("rm", "-r", "-y", place.url("d/")).code == 1


def test_rm_of_a_whole_bucket_must_be_meant(place: Place, run: Run) -> None:
    place.store.put("k", b"x")
    assert run("rm", "-y", place.url()).code == 2
    assert place.store.exists("k")
    assert run("rm", "-ry", place.url()).code == 0
    assert not place.store.exists("k")


def test_buckets_are_made_and_removed(place: Place, run: Run) -> None:
    url = f"{place.base}?bucket=other" if place.kind == "disk" else f"s3://other{place.query}"
    other = dskit.Service(place.store.service).bucket("other")
    assert run("mb", url).lines == ["made other"]
    assert run("mb", url).code == (1 if place.kind == "disk" else 0)  # us-east-1 lets the owner make it again
    other.put("k", b"x")
    other.create_multipart_upload("k")
    refused = run("rb", url)
    assert (refused.code, "--force removes what is in it" in refused.err) == (1, True)
    assert run("rb", "-f", url).code == 2
    assert other.exists("k")
    assert run("rb", "-fy", url).lines == ["removed other"]
    assert run("rb", url).code == 1
    assert run("mb", place.url("key")).code == 2


def test_a_signed_url_works(place: Place, run: Run) -> None:
    place.store.put("k", b"data")
    answer = run("sign", "-e", "60", place.url("k"))
    if place.kind == "disk":
        assert answer.code == 2
        assert "`dskit serve` makes an endpoint of a disk: store" in answer.err
        return
    with urllib.request.urlopen(answer.out.strip()) as opened:
        assert opened.read() == b"data"
    signed = run("sign", "-X", "PUT", "--content-type", "text/plain", place.url("n")).out.strip()
    put = urllib.request.Request(signed, data=b"new", method="PUT", headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(put):
        assert place.store.get("n").read() == b"new"


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("s3://b/a//b", "b", "a//b"),
        ("s3://b//a", "b", "/a"),
        ("s3://b/a%20b%2Fc%3F?region=x", "b", "a b/c?"),
        ("s3://b", "b", ""),
        ("s3://?endpoint=http://127.0.0.1:1", None, ""),
        ("dav+https://h/folder#a%20b", None, "a b"),
        ("minio://h:1/b/../x", "b", "../x"),
        ("disk:p?bucket=b#a/../b", "b", "a/../b"),
        ("disk:p", None, ""),
    ],
)
def test_keys_are_taken_from_urls_byte_for_byte(text: str, bucket: str | None, key: str) -> None:
    location = parse(text)
    assert (location.bucket, location.key) == (bucket, key)


@pytest.mark.parametrize("text", ["a.txt", "./s3:x", "/tmp/x", "-", "a/b:c"])
def test_anything_else_is_a_local_path(text: str) -> None:
    assert parse(text).path == Path(text)


@pytest.mark.parametrize(
    ("key", "written"), [("a//b", "a//b"), ("../x", "../x"), ("é?#%", "%C3%A9%3F%23%25"), (" ", "%20")]
)
def test_odd_keys_go_through_unaltered(place: Place, run: Run, tmp_path: Path, key: str, written: str) -> None:
    (tmp_path / "f").write_bytes(b"x")
    assert run("cp", "-q", tmp_path / "f", place.url(written)).code == 0
    assert [row.key for row in place.store.list()] == [key]
    assert run("cat", place.url(written)).data == b"x"
