"""A Docker engine and an image of MinIO for tests with containers, or the reason why there is none."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

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
    """`tools/minio_image.py`, with what it imports from its own folder."""
    tool: Any = None
    for name in ("minio_server", "minio_image"):
        found = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
        assert found is not None
        assert found.loader is not None
        tool = importlib.util.module_from_spec(found)
        sys.modules.setdefault(name, tool)
        found.loader.exec_module(tool)
    assert isinstance(tool, ModuleType)
    return tool


def containers_of(image: str) -> list[str]:
    """Ids of all containers made of an image, also of those that ended. Tests share one xdist group for this."""
    import docker

    client = docker.from_env()
    try:
        return [str(found["Id"]) for found in client.api.containers(all=True, filters={"ancestor": image})]
    finally:
        client.close()
