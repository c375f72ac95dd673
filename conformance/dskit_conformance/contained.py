"""Targets that are started for the run: ``container:minio?image=NAME``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from dskit.errors import ConfigurationError

if TYPE_CHECKING:
    from dskit.containers import MinioContainer

__all__ = ["SCHEME", "container_of", "is_contained", "with_image"]

SCHEME = "container:"
FORM = "a server in a container is container:minio or container:minio?image=NAME"


def is_contained(target: Any) -> bool:
    return isinstance(target, str) and target.startswith(SCHEME)


def container_of(target: str) -> MinioContainer:
    """The container of a target, not started yet.

    Raises `ConfigurationError` for another form and without the extra ``containers``, `UnavailableError` where no
    engine answers.
    """
    image = _image_of(target)
    from dskit.containers import MinioContainer

    return MinioContainer(image)


def with_image(target: str, image: str) -> str:
    """The target with an image that was given beside it. Raises `ConfigurationError` where it takes none."""
    if not is_contained(target):
        raise ConfigurationError(f"--image goes with container:minio, not with {target.partition(':')[0]}:")
    if _image_of(target) is not None:
        raise ConfigurationError("the target names an image already, and so does --image")
    return f"{target.removesuffix('?')}?image={quote(image, safe='/:@')}"


def _image_of(target: str) -> str | None:
    kind, _, query = target.removeprefix(SCHEME).partition("?")
    given = parse_qsl(query, keep_blank_values=True)
    if kind != "minio" or [name for name, _ in given] not in ([], ["image"]) or any(not value for _, value in given):
        raise ConfigurationError(f"{FORM}, not {target}")
    return given[0][1] if given else None
