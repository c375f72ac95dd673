"""`dskit ls`, `du`, `tree`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dskit.cli.conftest import Place, Run

KEYS = {"a.txt": 5, "photos/may/1.jpg": 1500, "photos/may/2.jpg": 10, "photos/x": 1, "z\x1b[2J": 0}


@pytest.fixture
def filled(place: Place) -> Place:
    for key, size in KEYS.items():
        place.store.put(key, b"x" * size)
    return place


def test_one_level(filled: Place, run: Run) -> None:
    assert run("ls", filled.url()).lines == ["a.txt", "photos/", "z\\x1b[2J"]
    assert run("ls", filled.url("photos/")).lines == ["may/", "x"]
    assert run("ls", filled.url("photos")).lines == ["may/", "x"]
    assert run("ls", filled.url("photos/may/1")).lines == ["1.jpg"]


def test_everything_below(filled: Place, run: Run) -> None:
    assert run("ls", "-r", filled.url("photos/")).lines == ["photos/may/1.jpg", "photos/may/2.jpg", "photos/x"]


def test_json_has_the_key_byte_for_byte_and_the_rest(filled: Place, run: Run) -> None:
    rows = run("ls", "--json", filled.url()).rows
    assert [row.get("key", row.get("prefix")) for row in rows] == ["a.txt", "photos/", "z\x1b[2J"]
    assert rows[0]["size"] == 5
    assert rows[0]["etag"] == filled.store.head("a.txt").etag
    assert rows[0]["last_modified"].endswith("Z")


def test_long_rows_have_time_and_size(filled: Place, run: Run) -> None:
    (line,) = run("ls", "-lH", filled.url("photos/may/1")).lines
    assert line.split()[2:] == ["1.5K", "1.jpg"]


def test_nothing_there_is_code_1_and_an_empty_bucket_is_not(place: Place, run: Run) -> None:
    assert run("ls", place.url()).code == 0
    answer = run("ls", place.url("absent/"))
    assert (answer.code, answer.out) == (1, "")
    assert "absent/" in answer.err


def test_buckets(filled: Place, run: Run) -> None:
    arguments = ["--buckets", filled.base] if filled.kind == "disk" else [f"s3://{filled.query}"]
    assert run("ls", *arguments).lines == [filled.store.bucket]


def test_sums(filled: Place, run: Run) -> None:
    rows = run("du", "--json", "-d", "2", filled.url()).rows
    assert [(row["prefix"], row["size"], row["objects"]) for row in rows] == [
        ("photos/", 1511, 3),
        ("photos/may/", 1510, 2),
        ("", 1516, 5),
    ]
    assert run("du", filled.url("photos/x")).lines[0].split()[:2] == ["1", "1"]


def test_a_tree(filled: Place, run: Run) -> None:
    assert run("tree", filled.url("photos/")).lines[1:] == [
        "├── may/",
        "│   ├── 1.jpg",
        "│   └── 2.jpg",
        "└── x",
        "",
        "1 group, 3 objects",
    ]
    assert run("tree", "-L", "1", filled.url()).lines[1:-2] == ["├── a.txt", "├── photos/", "└── z\\x1b[2J"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://host/x", "no backend for 'ftp'"),
        ("", "empty argument"),
        ("some/folder", "local path"),
        ("minio://127.0.0.1:1", "no bucket"),
        ("s3://bucket/a#b", "%23"),
        ("disk:x?prefix=a", "prefix"),
        ("disk:x#%ff", "UTF-8"),
        ("s3://bucket?colour=blue", "colour"),
    ],
)
def test_an_argument_that_names_no_store_is_code_2(
    url: str, told: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.setenv(name, "example-key")
    answer = run("du", url)
    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""


def test_a_secret_in_a_url_is_not_printed(run: Run) -> None:
    answer = run("cat", "s3://access:very-secret@bucket?endpoint=http://127.0.0.1:1")
    assert "names no key" in answer.err
    assert "very-secret" not in answer.err


def test_a_secret_in_a_url_is_warned_of(filled: Place, run: Run) -> None:
    if filled.kind == "s3":
        answer = run("ls", f"s3://dskit:dskit-secret@data{filled.query}")
        assert answer.lines[0] == "a.txt"
        (warning,) = answer.err.splitlines()
        assert "carries a secret" in warning
        assert "dskit-secret" not in warning
