"""A Docker engine and an image of MinIO for tests with containers, or the reason why there is none."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"


def minio_image() -> str:
    """The name of an image that the engine has; skips where there is no engine or no image. Pulls nothing."""
    import docker

    tool = image_tool()
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        pytest.skip(f'no Docker engine answers: eval "$(tools/ensure_docker.sh)" starts one ({error})')
    name = os.environ.get("DSKIT_MINIO_IMAGE") or str(tool.NAME)
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        pytest.skip(f"the engine has no image {name}: python tools/minio_image.py makes one")
    finally:
        client.close()
    return name


def image_tool() -> ModuleType:
    """`tools/minio_image.py`."""
    if str(TOOLS) not in sys.path:
        sys.path.append(str(TOOLS))  # a tool finds another as when it is run
    return importlib.import_module("minio_image")


def containers_of(image: str) -> list[str]:
    """Ids of all containers made of an image, also of those that ended. Tests share one xdist group for this."""
    import docker

    client = docker.from_env()
    try:
        return [str(found["Id"]) for found in client.api.containers(all=True, filters={"ancestor": image})]
    finally:
        client.close()
