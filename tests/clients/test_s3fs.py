"""s3fs (fsspec over aiobotocore) with default settings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import s3fs

MIB = 1024 * 1024


@pytest.fixture
def fs(site: Any) -> Any:
    return s3fs.S3FileSystem(
        key=site.access_key,
        secret=site.secret_key,
        endpoint_url=site.url,
        client_kwargs={"region_name": "us-east-1"},
        skip_instance_cache=True,
        use_listings_cache=False,
    )


def test_files(site: Any, fs: Any) -> None:
    path = f"{site.bucket}/folder/file.txt"
    with fs.open(path, "w") as file:
        file.write("hello\nthere\n")
    with fs.open(path) as file:
        assert file.readlines() == [b"hello\n", b"there\n"]
    assert fs.cat(path) == b"hello\nthere\n"
    assert fs.cat_file(path, start=6, end=11) == b"there"
    assert fs.info(path)["size"] == 12
    assert fs.exists(path)
    assert fs.isdir(f"{site.bucket}/folder")
    assert fs.ls(f"{site.bucket}/folder") == [path]
    fs.rm(path)
    assert not fs.exists(path)


def test_trees(site: Any, fs: Any, tmp_path: Path) -> None:
    for name in ("a/1", "a/b/2", "c/3"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    root = f"{site.bucket}/tree"
    fs.put(f"{tmp_path / 'in'}/", root, recursive=True)
    assert fs.find(root) == [f"{root}/a/1", f"{root}/a/b/2", f"{root}/c/3"]
    assert fs.glob(f"{root}/*/b/*") == [f"{root}/a/b/2"]
    fs.cp(f"{root}/a/1", f"{root}/copy")
    fs.mv(f"{root}/c/3", f"{root}/moved")
    assert fs.cat(f"{root}/copy") == b"a/1"
    assert fs.find(root) == [f"{root}/a/1", f"{root}/a/b/2", f"{root}/copy", f"{root}/moved"]
    fs.get(f"{root}/", str(tmp_path / "out"), recursive=True)
    assert (tmp_path / "out" / "a" / "b" / "2").read_text() == "a/b/2"
    fs.rm(root, recursive=True)
    assert fs.find(site.bucket) == []


@pytest.mark.parametrize(
    "key", ["with space", "plus+plus", "per%cent", "a%2Fb", "é/€/日本語", "a//b", "new\nline", "😀"]
)
def test_odd_keys_stay_what_they_are(site: Any, fs: Any, key: str) -> None:
    path = f"{site.bucket}/{key}"
    fs.pipe_file(path, b"x")
    assert fs.cat_file(path) == b"x"
    assert fs.find(site.bucket) == [path]
    fs.cp_file(path, path + ".copy")
    assert fs.cat_file(path + ".copy") == b"x"
    fs.rm_file(path)
    assert not fs.exists(path)


def test_a_large_file_moves_in_parts(site: Any, fs: Any) -> None:
    data = hashlib.shake_256(b"s3fs").digest(21 * MIB + 11)
    path = f"{site.bucket}/large"
    with fs.open(path, "wb", block_size=8 * MIB) as file:
        for at in range(0, len(data), 3 * MIB):
            file.write(data[at : at + 3 * MIB])
    with fs.open(path, "rb", block_size=4 * MIB) as file:
        assert file.read(10) == data[:10]
        file.seek(20 * MIB)
        assert file.read() == data[20 * MIB :]
    assert fs.cat_file(path) == data


def test_many_objects(site: Any, fs: Any) -> None:
    keys = [f"{number:04d}" for number in range(1010)]
    site.fill(keys)
    fs.pipe({f"{site.bucket}/more-{number}": b"" for number in range(30)})
    paths = [f"{site.bucket}/{key}" for key in keys] + sorted(f"{site.bucket}/more-{number}" for number in range(30))
    assert fs.find(site.bucket) == paths
    fs.rm(paths)
    assert fs.find(site.bucket) == []


def test_errors_are_those_of_files(site: Any, fs: Any) -> None:
    with pytest.raises(FileNotFoundError):
        fs.cat_file(f"{site.bucket}/absent")
    with pytest.raises(FileNotFoundError):
        fs.info(f"{site.bucket}/absent")
    fs.pipe_file(f"{site.bucket}/k", b"1")
    with pytest.raises(OSError, match="pre-conditions"):
        fs.pipe_file(f"{site.bucket}/k", b"2", mode="create")
    wrong = s3fs.S3FileSystem(
        key=site.access_key, secret="not-the-secret", endpoint_url=site.url, skip_instance_cache=True
    )
    with pytest.raises(PermissionError):
        wrong.cat_file(f"{site.bucket}/k")
