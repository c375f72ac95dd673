"""`MinioContainer`: usable once started, on loopback alone, gone afterwards; precise where it cannot be had."""

from __future__ import annotations

import importlib
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.clock import SystemClock
from dskit.containers import DEFAULT_IMAGE, MinioContainer, default_image
from tests.engine import containers_of, image_of_our_own, image_tool

NOBODY = "unix:///nowhere/docker.sock"


class LateOnce(SystemClock):
    """A minute passes as soon as something is so."""

    def __init__(self, so: Callable[[], bool]) -> None:
        self.so = so
        self.asked = False

    def monotonic(self) -> float:
        asked, self.asked = self.asked, True
        return 60.0 if asked and self.so() else 0.0


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    with image_of_our_own() as name:
        yield name


class TestWithoutAnEngine:
    @pytest.fixture(autouse=True)
    def _nobody_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", NOBODY)

    def test_is_one_error_that_names_where_it_was_looked_for(self) -> None:
        with pytest.raises(dskit.UnavailableError, match="DOCKER_HOST") as caught:
            MinioContainer()
        assert NOBODY in str(caught.value)
        assert not caught.value.retryable

    @pytest.mark.parametrize("host", ["tcp://192.0.2.1:2375", "ssh://someone@engine.example.org"])
    def test_an_engine_elsewhere_is_refused_before_it_is_asked(
        self, host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A port on the loopback address of another machine cannot be reached from here."""
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(dskit.ConfigurationError, match="publish="):
            MinioContainer()

    def test_a_loopback_engine_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
        with pytest.raises(dskit.UnavailableError, match=r"127\.0\.0\.1:1"):
            MinioContainer()


@pytest.mark.parametrize("library", ["testcontainers", "docker"])
def test_without_the_extra_it_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "dskit.containers")
    with pytest.raises(dskit.ConfigurationError, match=r'pip install "dskit\[containers\]"'):
        importlib.import_module("dskit.containers")


def test_the_default_image_can_be_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSKIT_MINIO_IMAGE", raising=False)
    assert default_image() == DEFAULT_IMAGE
    monkeypatch.setenv("DSKIT_MINIO_IMAGE", "registry.example.org/minio:1")
    assert default_image() == "registry.example.org/minio:1"


def test_the_image_is_the_server_and_the_folders_that_it_writes_to(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x7fELF")
    image_tool().write_root(tmp_path / "root.tar", binary)
    with tarfile.open(tmp_path / "root.tar") as root:
        assert root.getnames() == ["usr", "usr/bin", "data", "tmp", "usr/bin/minio"]
        assert root.getmember("usr/bin/minio").mode == 0o755
        assert root.extractfile("usr/bin/minio").read() == b"\x7fELF"  # type: ignore[union-attr]


@pytest.mark.containers
@pytest.mark.xdist_group("containers")
class TestStarted:
    @pytest.fixture(scope="class")
    @staticmethod
    def minio(image: str) -> Any:
        with MinioContainer(image).with_exposed_ports(9001) as started:
            yield started

    def test_every_client_is_served_at_once(self, minio: MinioContainer, monkeypatch: pytest.MonkeyPatch) -> None:
        with minio.open_store("every-client") as store:
            store.put("a/b", b"hello")
            minio.get_client().stat_object("every-client", "a/b")
            for name, value in minio.environment().items():
                monkeypatch.setenv(name, value)
            for url in (minio.store_url("every-client"), minio.url.replace("http:", "minio:") + "/every-client"):
                options = {"secure": False} if url.startswith("minio:") else {}
                with dskit.open_store(url, **options) as other:
                    assert other.get("a/b").read() == b"hello"

    def test_a_bucket_that_is_there_is_opened(self, minio: MinioContainer) -> None:
        with minio.open_store("twice") as first, minio.open_store("twice", prefix="in/") as second:
            second.put("key", b"1")
            assert [row.key for row in first.list()] == ["in/key"]
        with minio.open_service() as service:
            assert "twice" in [bucket.name for bucket in service.list_buckets()]

    def test_every_port_is_on_loopback_alone(self, minio: MinioContainer) -> None:
        wrapped = minio.get_wrapped_container()
        wrapped.reload()
        published = {port: {row["HostIp"] for row in rows} for port, rows in wrapped.ports.items() if rows}
        assert published == {"9000/tcp": {"127.0.0.1"}, "9001/tcp": {"127.0.0.1"}}
        assert minio.url.startswith("http://127.0.0.1:")

    def test_the_image_is_known_by_its_id(self, minio: MinioContainer, image: str) -> None:
        facts = minio.image_facts
        assert facts.name == image
        assert facts.id == minio.get_docker_client().client.images.get(image).id
        assert facts.id.startswith("sha256:")

    def test_it_is_started_once(self, minio: MinioContainer) -> None:
        with pytest.raises(dskit.ConfigurationError, match="started already"):
            minio.start()


@pytest.mark.containers
@pytest.mark.xdist_group("containers")
class TestLeavesNothing:
    @pytest.fixture(autouse=True)
    @staticmethod
    def _none_left(image: str) -> Iterator[None]:
        yield
        assert containers_of(image) == []

    def test_volumes_go_with_the_container(self, image: str) -> None:
        import docker

        with MinioContainer(image) as minio:
            wrapped = minio.get_wrapped_container()
            wrapped.reload()
            (volume,) = [mount["Name"] for mount in wrapped.attrs["Mounts"]]
        with closing(docker.from_env()) as client, pytest.raises(docker.errors.NotFound):
            client.volumes.get(volume)

    def test_after_the_block_also_when_it_raises(self, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """testcontainers' setting for its reaper is given back, and proxies are not asked for loopback."""
        from testcontainers.core.config import testcontainers_config

        monkeypatch.delenv("TESTCONTAINERS_RYUK_DISABLED", raising=False)
        monkeypatch.setattr(testcontainers_config, "_ryuk_disabled", False)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        minio = MinioContainer(image)
        with pytest.raises(dskit.ConfigurationError, match="not been started"):
            assert minio.image_facts
        with pytest.raises(KeyError), minio:
            raise KeyError(*containers_of(image))
        assert testcontainers_config.ryuk_disabled is False
        minio.stop()

    def test_a_server_that_ends_is_told_with_what_it_said(self, image: str) -> None:
        container = MinioContainer(image).with_command("server --no-such-flag /data")
        with pytest.raises(dskit.UnavailableError, match="no-such-flag") as caught, container:
            pass
        assert "ended with status" in str(caught.value)
        assert image in str(caught.value)

    def test_a_server_that_is_not_usable_in_time_is_told_with_what_it_said(self, image: str) -> None:
        clock = LateOnce(lambda: b":9005" in b"".join(container.get_logs()))
        container = MinioContainer(image, seconds=30, clock=clock).with_command("server /data --address :9005")
        with pytest.raises(dskit.TimedOutError, match="within 30 s") as caught:
            container.start()
        assert ":9005" in str(caught.value)

    def test_a_program_that_is_not_in_the_image_is_told(self, image: str) -> None:
        with pytest.raises(dskit.UnavailableError, match="/no/program"):
            MinioContainer(image).with_kwargs(entrypoint="/no/program").start()

    def test_an_image_that_is_not_to_be_had_is_told(self, image: str) -> None:
        with pytest.raises(dskit.ConfigurationError, match="DSKIT_MINIO_IMAGE") as caught:
            MinioContainer("localhost/dskit-none:1").start()
        assert "localhost/dskit-none:1" in str(caught.value)
