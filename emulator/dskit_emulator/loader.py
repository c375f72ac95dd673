"""Fill an endpoint from a folder of files."""

from __future__ import annotations

import contextlib
import mimetypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from dskit.backend import PushService
from dskit.errors import BucketExistsError, ConfigurationError, InvalidKeyError
from dskit.keys import check_key
from dskit.types import Attributes, PutOptions

__all__ = ["Loaded", "load_folder"]

_CHUNK = 1 << 20


class Loaded(NamedTuple):
    buckets: int
    objects: int
    bytes: int
    whole: bool = True


def load_folder(
    service: PushService,
    folder: str | Path,
    *,
    bucket: str | None = None,
    owner: str | None = None,
    region: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Loaded:
    """Store each file below `folder` as an object.

    With `bucket` the keys are the paths below `folder`; without, each folder in `folder` is a bucket and the keys
    are the paths below it. Content types are guessed from names. Symbolic links and what is not a file are skipped.
    `stopped` is asked before every piece of at most 1 MiB: once it says so, the file under way is dropped, what was
    stored before stays, and `Loaded.whole` is false.
    Raises `ConfigurationError` for a folder that is none or, without `bucket`, holds files at its top, and for a name
    that is not UTF-8 or too long for a key; the errors of the store otherwise.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ConfigurationError(f"{root} is not a folder")
    if bucket is not None:
        sources = [(bucket, root)]
    else:
        entries = sorted(entry for entry in root.iterdir() if not entry.is_symlink())
        loose = [entry.name for entry in entries if not entry.is_dir()]
        if loose:
            raise ConfigurationError(f"{root} holds the file {loose[0]!r}: name a bucket, or put it into a folder")
        sources = [(entry.name, entry) for entry in entries]
    made = objects = total = 0
    for name, source in sources:
        with contextlib.suppress(BucketExistsError):
            service.create_bucket(name, region=region, owner=owner)
        made += 1
        for path in _files(source):
            size = _put(service, name, _key(path, source), path, stopped)
            if size is None:
                return Loaded(made, objects, total, whole=False)
            total += size
            objects += 1
    return Loaded(made, objects, total)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _key(path: Path, source: Path) -> str:
    key = path.relative_to(source).as_posix()
    try:
        check_key(key)
    except InvalidKeyError as error:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise ConfigurationError(f"{shown} cannot be a key: {error.message}; rename the file") from error
    return key


def _put(service: PushService, bucket: str, key: str, path: Path, stopped: Callable[[], bool]) -> int | None:
    """The number of bytes stored; None where it was stopped, and nothing is stored."""
    content_type = mimetypes.guess_type(path.name)[0]
    size = 0
    with path.open("rb") as file:
        staging = service.begin_put(bucket, key, PutOptions(attributes=Attributes(content_type=content_type)))
        try:
            while not stopped():
                if not (chunk := file.read(_CHUNK)):
                    staging.commit()
                    return size
                staging.write(chunk)
                size += len(chunk)
        except BaseException:
            staging.abort()
            raise
        staging.abort()
        return None
