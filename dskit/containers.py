"""A real MinIO server in a container, for as long as a block lasts: `MinioContainer`, over testcontainers.

``pip install "dskit[containers]"`` and a Docker engine are what it takes; docs/how-to/containers.md says the rest.
Importing this module without the extra raises `ConfigurationError`.
"""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from .clock import Clock, SystemClock
from .errors import BucketExistsError, ConfigurationError, StoreError, TimedOutError, UnavailableError
from .extras import explained
from .ids import Ids, RandomIds
from .service import Service
from .store import Store
from .urls import open_service

with explained():
    from docker.errors import DockerException
    from testcontainers.community.minio import MinioContainer as _MinioContainer
    from testcontainers.core.config import ConnectionMode, testcontainers_config
    from testcontainers.core.docker_client import get_docker_host

__all__ = ["DEFAULT_IMAGE", "IMAGE_VARIABLE", "ImageFacts", "MinioContainer", "default_image"]

DEFAULT_IMAGE = "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z"
"""The last image for amd64 and arm64 that MinIO published. Docker Hub has none any more."""

IMAGE_VARIABLE = "DSKIT_MINIO_IMAGE"
LOOPBACK = "127.0.0.1"
PORT = 9000
HEALTH = "/minio/health/cluster"
"""``live`` and ``ready`` say 200 up to 90 ms too early: a request in that gap is told to come back in a minute."""

POLL_SECONDS = 0.05
LOG_TAIL = 600  # characters of the server's log in a message
ENDED = ("exited", "dead", "removing")
_ENGINE_ERRORS = (DockerException, OSError)  # docker's own, and those of requests


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Which image a container was made of: `name` as it was asked for, `id` the hash of its configuration
    (``sha256:…``), `digest` that of its manifest in a registry (``NAME@sha256:…``), empty for one made here."""

    name: str
    id: str
    digest: str


def default_image() -> str:
    """What ``DSKIT_MINIO_IMAGE`` names, else `DEFAULT_IMAGE`."""
    return os.environ.get(IMAGE_VARIABLE) or DEFAULT_IMAGE


class MinioContainer(_MinioContainer):
    """testcontainers' container of the same name, with all its methods, but usable as soon as it has started.

    ::

        with MinioContainer() as minio:
            store = minio.open_store("data")

    `image` must have MinIO's own entry point; it is pulled where the engine has it not. `access_key` and `secret_key`
    are those of the root user, the second random unless given. `seconds` is the longest wait for the server after its
    container runs. Every port is published on the address `publish` alone. Further keywords go to testcontainers.

    The container is removed with its volumes at the end of the block, and when starting it fails; a process that is
    killed leaves it. Ryuk, which would remove it then, is an image to pull and a privileged container: it is started
    only if ``TESTCONTAINERS_RYUK_DISABLED`` is set, to ``false``.

    Raises `UnavailableError` where no engine answers, `ConfigurationError` for an engine on another machine whose
    loopback address is not ours.
    """

    def __init__(
        self,
        image: str | None = None,
        *,
        access_key: str = "dskit",
        secret_key: str | None = None,
        seconds: float = 60.0,
        publish: str = LOOPBACK,
        clock: Clock | None = None,
        ids: Ids | None = None,
        **options: Any,
    ) -> None:
        secret_key = secret_key or (ids or RandomIds()).token(16).hex()
        self.seconds = seconds
        self.publish = publish
        self._clock = clock or SystemClock()
        self._image_facts: ImageFacts | None = None
        engine = get_docker_host() or "unix:///var/run/docker.sock"
        if publish == LOOPBACK and _elsewhere(engine):
            raise ConfigurationError(
                f"the Docker engine at {engine} is on another machine, where {LOOPBACK} cannot be reached from here: "
                'say publish="0.0.0.0", which opens the port to its network'
            )
        try:
            super().__init__(
                image or default_image(), port=PORT, access_key=access_key, secret_key=secret_key, **options
            )
        except _ENGINE_ERRORS as error:
            raise UnavailableError(
                f"no Docker engine answers at {engine}: start one, or name another in DOCKER_HOST ({error})",
                retryable=False,
            ) from error
        for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):  # deprecated: the server warns
            self.env.pop(name, None)
        self.with_envs(
            MINIO_ROOT_USER=access_key, MINIO_ROOT_PASSWORD=secret_key, MINIO_BROWSER="off", MINIO_UPDATE="off"
        )
        self._wait_strategy = None  # `start` waits itself; one set with `waiting_for` comes on top

    def start(self) -> Self:
        """Pull the image where it is missing, start it, wait until it can be used.

        Raises `ConfigurationError` for an image that is not to be had, `UnavailableError` for a container that cannot
        be started or ends, `TimedOutError` for a server that is not usable in time; the last two with the end of its
        log. Nothing is left running then.
        """
        if self._container is not None:
            raise ConfigurationError("this container has been started already")
        self._image_facts = self._find_image()
        try:
            # In a thread, so that a signal's exception does not come between the making of a container and knowing it.
            # That thread runs before: one that is just being started is not waited for when the block is left.
            with _reaper_as_told(), ThreadPoolExecutor(1) as aside:
                aside.submit(int).result()
                aside.submit(super().start).result()
            self._wait_until_usable()
        except _ENGINE_ERRORS as error:
            self._remove()
            if isinstance(error, StoreError):
                raise
            raise UnavailableError(
                f"a container of {self.image} could not be started: {_reason(error)}", retryable=False
            ) from error
        except BaseException:
            self._remove()
            raise
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """End and remove the container. May be called again."""
        container, self._container = self._container, None
        try:
            if container is not None:
                container.remove(force=force, v=delete_volume)
        finally:
            self.get_docker_client().client.close()

    def get_container_host_ip(self) -> str:
        """Where its ports are: loopback, also inside of a container image that has an engine of its own; the address
        in their common network where this process runs in a container of the same engine."""
        if self.publish == LOOPBACK and self.get_docker_client().get_connection_mode() is not ConnectionMode.bridge_ip:
            return LOOPBACK
        return super().get_container_host_ip()

    @property
    def image_facts(self) -> ImageFacts:
        """Which image it was made of. Raises `ConfigurationError` before `start`."""
        if self._image_facts is None:
            raise ConfigurationError("this container has not been started")
        return self._image_facts

    @property
    def url(self) -> str:
        """``http://HOST:PORT`` of the S3 endpoint."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}"

    def store_url(self, bucket: str) -> str:
        """For `dskit.open_store` and the command line, with the credentials of `environment`."""
        return f"s3://{bucket}?endpoint={self.url}"

    def environment(self) -> dict[str, str]:
        """Environment variables with which other programs (aws-cli, SDKs, s3fs, `dskit`) reach it."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "MINIO_ACCESS_KEY": self.access_key,
            "MINIO_SECRET_KEY": self.secret_key,
        }

    def open_service(self, **options: Any) -> Service:
        """All its buckets, through boto3; `options` are those of `dskit.S3Store`."""
        settings = {
            "endpoint": self.url,
            "region": "us-east-1",
            "access_key": self.access_key,
            "secret_key": self.secret_key,
        }
        return open_service("s3:", **(settings | options))

    def open_store(self, bucket: str = "default", *, prefix: str = "", **options: Any) -> Store:
        """One bucket, made unless it is there."""
        whole = self.open_service(**options)
        try:
            whole.create_bucket(bucket)
        except BucketExistsError:
            pass
        except BaseException:
            whole.close()
            raise
        return whole.bucket(bucket, prefix=prefix)

    def _configure(self) -> None:
        """testcontainers' hook before a start. Its ports would be published on every address of the machine."""
        for port, host in self.ports.items():
            if not isinstance(host, tuple):
                self.ports[port] = (self.publish, host)  # type: ignore[assignment]  # docker's form, untold by its types

    def _find_image(self) -> ImageFacts:
        images = self.get_docker_client().client.images
        try:
            try:
                found = images.get(self.image)
            except DockerException:
                images.pull(self.image)
                found = images.get(self.image)
        except _ENGINE_ERRORS as error:
            raise ConfigurationError(
                f"the engine has no image {self.image} and cannot pull it: {_reason(error)}; name another with `image` "
                f"or {IMAGE_VARIABLE}"
            ) from error
        digests: list[str] = found.attrs.get("RepoDigests") or []
        return ImageFacts(self.image, str(found.id), digests[0] if digests else "")

    def _wait_until_usable(self) -> None:
        pause = threading.Event()
        end = self._clock.monotonic() + self.seconds
        while True:
            self.reload()
            if self.status == "running" and self._answers():
                return
            if self.status in ENDED:
                code = self.get_wrapped_container().attrs["State"]["ExitCode"]
                raise UnavailableError(
                    f"MinIO in a container of {self.image} ended with status {code}; it said: {self._said()}",
                    retryable=False,
                )
            if self._clock.monotonic() > end:
                raise TimedOutError(
                    f"MinIO in a container of {self.image} was not usable within {self.seconds:g} s; it said: "
                    f"{self._said()}",
                    retryable=False,
                )
            pause.wait(POLL_SECONDS)

    def _answers(self) -> bool:
        """Asked without the proxies that the environment may name. False also where it has just ended."""
        try:
            host, port = self.get_container_host_ip(), self._get_exposed_port(self.port)
            with closing(http.client.HTTPConnection(host, port, timeout=5)) as connection:
                connection.request("GET", HEALTH)
                return connection.getresponse().status == 200
        except (*_ENGINE_ERRORS, http.client.HTTPException):
            return False

    def _said(self) -> str:
        text = self.get_wrapped_container().logs().decode(errors="replace").strip()
        return text[-LOG_TAIL:] or "nothing"

    def _remove(self) -> None:
        """After a failure, which is what the caller is told."""
        with suppress(*_ENGINE_ERRORS):
            self.stop()


_STARTING = threading.Lock()


@contextmanager
def _reaper_as_told() -> Iterator[None]:
    """testcontainers has one setting for the process, which is given back. Nothing waits in here for a server."""
    if "TESTCONTAINERS_RYUK_DISABLED" in os.environ:
        yield
        return
    with _STARTING:
        before = testcontainers_config.ryuk_disabled
        testcontainers_config.ryuk_disabled = True
        try:
            yield
        finally:
            testcontainers_config.ryuk_disabled = before


def _elsewhere(engine: str) -> bool:
    parts = urlsplit(engine)
    return parts.scheme in ("tcp", "http", "https", "ssh") and parts.hostname not in ("localhost", LOOPBACK, "::1")


def _reason(error: BaseException) -> str:
    return str(getattr(error, "explanation", None) or error)
