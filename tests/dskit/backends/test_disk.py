"""`DiskStore`: what it adds to the reference store on disk, which has its own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import dskit


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    with dskit.DiskStore(tmp_path / "data") as store:
        etag = store.put("a//b", b"hello", metadata={"x": "y"}).etag
        upload = store.create_multipart_upload("m")
        part = store.upload_part("m", upload.upload_id, 1, b"part")
    with dskit.DiskStore(tmp_path / "data") as again:
        meta = again.head("a//b")
        assert (meta.etag, dict(meta.metadata)) == (etag, {"x": "y"})
        again.complete_multipart_upload("m", upload.upload_id, [part])
        assert [entry.key for entry in again.list()] == ["a//b", "m"]


def test_two_stores_of_one_folder_see_each_other(tmp_path: Path) -> None:
    with dskit.DiskStore(tmp_path / "data") as one, dskit.DiskStore(tmp_path / "data", "other") as two:
        one.put("k", b"x")
        two.copy("k", "c", source_bucket="default")
        assert dskit.Store(two.service, "default").get("k").read() == two.get("c").read() == b"x"


def test_durability_is_declared(tmp_path: Path) -> None:
    with dskit.DiskStore(tmp_path / "a") as sure, dskit.DiskStore(tmp_path / "b", durability="process") as fast:
        assert sure.capabilities.semantics.durability == "power"
        assert fast.capabilities.semantics.durability == "process"


@pytest.mark.parametrize("path", [None, ""])
def test_a_path_is_needed(path: str | None) -> None:
    with pytest.raises(dskit.ConfigurationError, match="path"):
        dskit.DiskStore(path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(dskit.ConfigurationError):
        dskit.DiskStore(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"mine"
