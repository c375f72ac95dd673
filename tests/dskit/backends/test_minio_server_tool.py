"""`tools/minio_server.py`: which server is used, and why there is none."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def bare(minio_tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without MinIO and without Go; the folder given is all that is on PATH."""
    monkeypatch.delenv("DSKIT_MINIO", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(minio_tool, "CACHED", tmp_path / "cache" / "minio")
    return tmp_path


def program(path: Path, text: str = "#!/bin/sh\nexit 3\n") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_machine_without_one_says_what_to_do(minio_tool: ModuleType, bare: Path) -> None:
    assert minio_tool.find_minio() is None
    assert "minio_server.py build" in minio_tool.why_not()
    with pytest.raises(minio_tool.MinioError, match="DSKIT_MINIO"), minio_tool.running_minio():
        pass


def test_the_order_of_the_search(minio_tool: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> tuple[str, str]:
        way = minio_tool.find_minio()
        return way.kind, way.value

    built = program(bare / "cache" / "minio")
    assert found() == ("binary", str(built))
    on_path = program(bare / "minio")
    assert found() == ("binary", str(on_path))
    other = program(bare / "other")
    for given, expected in {
        str(other): ("binary", str(other)),
        "http://127.0.0.1:9000": ("url", "http://127.0.0.1:9000"),
        "container:image:tag": ("container", "image:tag"),
    }.items():
        monkeypatch.setenv("DSKIT_MINIO", given)
        assert found() == expected
    monkeypatch.setenv("DSKIT_MINIO", "/nowhere/minio")
    assert minio_tool.find_minio() is None
    assert "/nowhere/minio" in minio_tool.why_not()


def test_a_secret_in_a_url_is_not_shown(minio_tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSKIT_MINIO", "http://user:secret@127.0.0.1:9000")
    way = minio_tool.find_minio()
    assert "secret" not in f"{way} {way!r}"


def test_a_server_that_ends_at_once_is_reported_with_what_it_said(
    minio_tool: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSKIT_MINIO", str(program(bare / "broken", "#!/bin/sh\necho out of luck\nexit 3\n")))
    with pytest.raises(minio_tool.MinioError, match="status 3; it said: out of luck"), minio_tool.running_minio():
        pass


def test_building_without_go_is_one_line(minio_tool: ModuleType, bare: Path) -> None:
    with pytest.raises(minio_tool.MinioError, match=r"Go 1\.24"):
        minio_tool.build(bare / "target")


@pytest.mark.parametrize(
    ("version", "toolchain", "fits"),
    [
        ("go1.26.8", "local", True),
        ("go1.24", "local", True),
        ("go1.22.1", "auto", True),
        ("go1.22.1", "local", False),
        ("2:1.19~1", "auto", False),
        ("", "auto", False),
    ],
)
def test_which_go_can_build_it(
    go_build: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str, toolchain: str, fits: bool
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", toolchain)
    assert go_build.go_fits(version) is fits


@pytest.mark.minio
def test_a_running_server_is_usable_at_once(real_minio: Any) -> None:
    from dskit.backends.minio import minio_service

    service = minio_service(real_minio.url, access_key=real_minio.access_key, secret_key=real_minio.secret_key)
    assert isinstance(service.list_buckets(), list)
