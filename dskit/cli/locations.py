"""What the arguments of the commands name: an object or a prefix in a store, or a local file.

===============================================  ==============================================================
``s3://BUCKET/KEY?endpoint=URL``                 a key of a bucket; what follows the bucket's ``/`` is the key
``minio://HOST:PORT/BUCKET/KEY``                 the same
``az://CONTAINER/KEY?account=ACCOUNT``           the same, in Azure
``gs://BUCKET/KEY``                              the same, in Google Cloud Storage
``disk:PATH?bucket=BUCKET#KEY``                  a key of a store in a directory; the bucket is `default` unless named
``file:FOLDER#KEY``                              a key of a folder of plain files, as a store
``dav+https://HOST/PATH#KEY``                    a key of a folder of a WebDAV server
``memory:``                                      an empty store, gone with the command
anything else, ``file.txt``, ``./a:b``, ``-``    a local file or folder; ``-`` is standard input or output
===============================================  ==============================================================

Keys in URLs are percent-decoded and else left as they are: ``%3F`` is ``?``, ``%23`` is ``#``, ``%25`` is ``%``.
"""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import click

from ..backends.default_bucket import ensure_bucket
from ..backends.local import LocalStore
from ..errors import ConfigurationError, NotFoundError
from ..places import Place, place_in
from ..service import Service
from ..store import Store
from ..url_schemes import SCHEMES
from ..urls import DEFAULT_BUCKET, open_service, open_store, redacted

__all__ = ["Location", "Session", "folder_prefix", "parse", "refuse_itself"]

T = TypeVar("T")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is: a local `path`, or `key` (also a prefix) of `bucket` of the service at `url`.

    `text` is what the user wrote, without secrets; `frame` is what it has before and behind the key. `bucket` is None
    where a remote URL names none.
    """

    text: str
    path: Path | None = None
    url: str = ""
    bucket: str | None = None
    key: str = ""
    frame: tuple[str, str] = ("", "")

    @property
    def is_local(self) -> bool:
        return self.path is not None

    @property
    def lacks_bucket(self) -> bool:
        """Whether this is a whole service: a URL of a remote one that names no bucket."""
        return self.path is None and self.bucket is None and SCHEMES[self.url.partition(":")[0].lower()].remote

    @property
    def is_stream(self) -> bool:
        return self.text == "-"

    @property
    def root(self) -> Path | None:
        """The real directory of a `disk:` or `file:` URL."""
        if not self.url.lower().startswith(("disk:", "file:")):
            return None
        path = self.url.partition(":")[2].partition("?")[0]
        return Path(os.path.realpath(unquote(path, errors="surrogateescape")))

    def file(self, key: str = "") -> Path | None:
        """The file that is `key` below a local path or in a `file:` store, whichever way it was named."""
        if self.path is not None:
            return Path(os.path.realpath(self.path / key))
        if self.root is None or self.url.lower().startswith("disk:"):
            return None
        return Path(os.path.realpath(self.root / (self.bucket or "") / key.lstrip("/")))

    @property
    def place(self) -> Place | None:
        """Where on this machine all is that is below this location."""
        if self.path is not None:
            return place_in(self.path)
        if self.root is None:
            return None
        if self.url.lower().startswith("disk:"):
            return Place(place_in(self.root).path, f"{self.bucket or DEFAULT_BUCKET}/{folder_prefix(self.key)}")
        return place_in(self.root / (self.bucket or ""), folder_prefix(self.key))

    def below(self, key: str) -> str:
        """The URL of another key of the same bucket."""
        return self.text if self.key == key else f"{self.frame[0]}{quote(key)}{self.frame[1]}"


def parse(text: str) -> Location:
    """Raises `ConfigurationError` for a URL that is none, or of a scheme that no store has."""
    if not text:
        raise ConfigurationError("an empty argument names neither a file nor an object")
    if not _SCHEME.match(text) or text == "-":
        return Location(text, path=Path(text))
    scheme = SCHEMES.get(text.partition(":")[0].lower())
    if scheme is None:
        open_store(text)  # says what there is
        raise AssertionError(text)
    if not scheme.remote:
        place, _, key = text.partition("#")
        base, _, query = place.partition("?")
        bucket, rest = _without_bucket(query)
        shown = redacted(place)
        return Location(
            shown + text[len(place) :],
            url=base + rest,
            bucket=bucket,
            key=_decoded(key, text),
            frame=(shown + "#", ""),
        )
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ConfigurationError(f"{redacted(text)} is not a URL; its form is {scheme.form}") from None
    if parts.fragment:
        raise ConfigurationError(f"{redacted(text)} has a '#'; in a key write %23")
    bucket, rest = _without_bucket(parts.query)
    path = parts.path.removeprefix("/")
    userinfo, at, host = parts.netloc.rpartition("@")
    if scheme.name != "minio":  # the host is the bucket
        bucket, netloc, key = bucket or host, userinfo + at, path
    else:
        netloc = parts.netloc
        if not bucket:
            bucket, _, path = path.partition("/")
            bucket = unquote(bucket)
        key = path
    if key and not bucket:
        raise ConfigurationError(f"{redacted(text)} names a key and no bucket: {scheme.form}")
    url = SplitResult(parts.scheme, netloc, "", rest.removeprefix("?"), "").geturl()
    url = url if "://" in url else url.replace(":", "://", 1)
    front, mark, back = redacted(text).partition("?")
    return Location(
        redacted(text),
        url=url,
        bucket=bucket or None,
        key=_decoded(key, text),
        frame=(front.removesuffix(key).removesuffix("/") + "/", mark + back),
    )


def refuse_itself(origin: Location, goal: Location, *files: Path | None) -> None:
    """A file would be copied onto itself, or moved there and so lost. (Of other stores the service refuses it.)"""
    if files[0] is not None and files[0] == files[1]:
        raise ConfigurationError(f"{origin.text} and {goal.text} are the same file, {files[0]}; nothing was changed")


def folder_prefix(key: str) -> str:
    """The prefix of what is in a folder; the empty one is the whole bucket."""
    return key if not key or key.endswith("/") else key + "/"


def _without_bucket(query: str) -> tuple[str | None, str]:
    """The bucket that a query names, and the rest of it with its ``?``."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(name == "prefix" for name, _ in pairs):
        raise ConfigurationError("on the command line the prefix is the end of the URL, not a parameter")
    bucket = next((value for name, value in pairs if name == "bucket"), None)
    rest = urlencode([(name, value) for name, value in pairs if name != "bucket"])
    return bucket, f"?{rest}" if rest else ""


def _decoded(key: str, text: str) -> str:
    try:
        return unquote(key, errors="strict")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{redacted(text)}: the key is not UTF-8 when percent-decoded") from None


def _told(make: Callable[[str], T], url: str) -> T:
    """What `make` gives; what it warns of (a secret in the URL) is said in the command's own way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make(url)
    for warning in caught:
        click.echo(f"dskit: {warning.message}", err=True)
    return made


def _place(location: Location) -> tuple[str, Path | None]:
    """What is the same for all spellings of one service: of a directory, its real path."""
    if location.root is None:
        return location.url, None
    scheme, _, rest = location.url.partition(":")
    return f"{scheme.lower()}:{rest.partition('?')[2]}", location.root


def _check_there(location: Location) -> None:
    root = location.root
    if root is None:
        return
    if not root.is_dir():
        raise NotFoundError(f"{location.text}: there is no folder {root}", code="NoSuchFolder")
    if location.url.lower().startswith("disk:") and not (root / "catalog.sqlite").exists():
        raise NotFoundError(
            f"{location.text}: the folder holds no store; for plain files write file:FOLDER#KEY", code="NoSuchStore"
        )


class Session:
    """The services that a command uses, each opened once and closed at its end.

    Two locations of one service give stores of one service, however they are spelled: a copy between them stays on the
    server, and is refused where it would be one of a thing onto itself. A store in a directory is only made where
    `make` says so: a command that reads finds what is there.
    """

    def __init__(self) -> None:
        self._services: dict[tuple[str, Path | None], Service] = {}
        self._stores: dict[tuple[str, Path | None, str | None], Store] = {}
        self._stack = contextlib.ExitStack()

    def service(self, location: Location, *, make: bool = False) -> Service:
        """Raises `ConfigurationError` for a local path, `NotFoundError` for a directory that holds no store."""
        if location.is_local:
            raise ConfigurationError(f"{location.text} is a local path; buckets are in a store: give its URL")
        place = _place(location)
        if place not in self._services:
            if not make:
                _check_there(location)
            self._services[place] = self._stack.enter_context(_told(open_service, location.url))
        return self._services[place]

    def store(self, location: Location, *, make: bool = False) -> Store:
        """The bucket of a location. Raises `ConfigurationError` where none is named, else as `service` does."""
        if location.is_local:
            raise ConfigurationError(f"{location.text} is a local path; for a folder as a store write file:FOLDER#KEY")
        place = (*_place(location), location.bucket)
        if place not in self._stores:
            if not make:
                _check_there(location)
            self._stores[place] = self._open(location)
        return self._stores[place]

    def folder(self, path: Path) -> Store:
        """A local folder as a store; it is made."""
        place = ("file:", Path(os.path.realpath(path)), None)
        if place not in self._stores:
            self._stores[place] = self._stack.enter_context(LocalStore(path))
        return self._stores[place]

    def _open(self, location: Location) -> Store:
        name = location.url.partition(":")[0].lower()
        if location.bucket is None and (name == "file" or name.startswith("dav+")):  # itself a bucket
            return self._stack.enter_context(_told(open_store, location.url))
        if location.lacks_bucket:
            raise ConfigurationError(f"{location.text} names no bucket: {SCHEMES[name].form}")
        service = self.service(location, make=True)
        if location.bucket is None:
            ensure_bucket(service.service, DEFAULT_BUCKET)
        return service.bucket(location.bucket or DEFAULT_BUCKET)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
