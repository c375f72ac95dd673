"""A Docker engine and an image of MinIO for tests with containers, or the reason why there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import ModuleType

import pytest

from dskit.ids import RandomIds
from tests.tools import tool


def minio_image() -> str:
    """The name of an image that the engine has; skips where there is no engine or no image. Pulls nothing."""
    import docker

    name = os.environ.get("DSKIT_MINIO_IMAGE") or str(image_tool().NAME)
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        pytest.skip(f'no Docker engine answers: eval "$(tools/ensure_docker.sh)" starts one ({error})')
    with closing(client):
        try:
            client.images.get(name)
        except docker.errors.ImageNotFound:
            pytest.skip(f"the engine has no image {name}: python tools/minio_image.py makes one")
    return name


@contextmanager
def image_of_our_own() -> Iterator[str]:
    """`minio_image` under a name that nobody else uses, so that `containers_of` are those of one test."""
    import docker

    image = minio_image()
    repository, tag = "localhost/dskit-minio", f"test-{RandomIds().token(6).hex()}"
    with closing(docker.from_env()) as client:
        client.images.get(image).tag(repository, tag)
        try:
            yield f"{repository}:{tag}"
        finally:
            client.images.remove(f"{repository}:{tag}")  # the name alone: the image has another


def containers_of(image: str) -> list[str]:
    """Ids of all containers that were made of an image by this name, also of those that ended."""
    import docker

    with closing(docker.from_env()) as client:
        return [str(found["Id"]) for found in client.api.containers(all=True) if found["Image"] == image]


def image_tool() -> ModuleType:
    """`tools/minio_image.py`."""
    return tool("minio_image")
