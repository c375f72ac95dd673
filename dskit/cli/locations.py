"""What the arguments of the commands name: an object or a prefix in a store, or a local file.

===============================================  ==============================================================
``s3://BUCKET/KEY?endpoint=URL``                 a key of a bucket; what follows the bucket's ``/`` is the key
``minio://HOST:PORT/BUCKET/KEY``                 the same
``disk:PATH?bucket=BUCKET#KEY``                  a key of a store in a directory; the bucket is `default` unless named
``file:FOLDER#KEY``                              a key of a folder of plain files, as a store
``memory:``                                      an empty store, gone with the command
anything else, ``file.txt``, ``./a:b``, ``-``    a local file or folder; ``-`` is standard input or output
===============================================  ==============================================================

Keys in URLs are percent-decoded and else left as they are: ``%3F`` is ``?``, ``%23`` is ``#``, ``%25`` is ``%``.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

import click

from ..backends.default_bucket import ensure_bucket
from ..backends.local import LocalStore
from ..errors import ConfigurationError
from ..service import Service
from ..store import Store
from ..urls import DEFAULT_BUCKET, SCHEMES, open_service, open_store, redacted

__all__ = ["Location", "Session", "parse"]

T = TypeVar("T")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is: a local `path`, or `key` (also a prefix) of `bucket` of the service at `url`.

    `text` is what the user wrote, without secrets. `bucket` is None where a remote URL names none.
    """

    text: str
    path: Path | None = None
    url: str = ""
    bucket: str | None = None
    key: str = ""

    @property
    def is_local(self) -> bool:
        return self.path is not None

    @property
    def is_stream(self) -> bool:
        return self.text == "-"

    def below(self, key: str) -> str:
        """How messages call another key of the same bucket."""
        return f"{self.text.partition('#')[0]}: {key}" if self.key != key else self.text


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
        return Location(redacted(place) + text[len(place) :], url=base + rest, bucket=bucket, key=_decoded(key, text))
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ConfigurationError(f"{redacted(text)} is not a URL; its form is {scheme.form}") from None
    if parts.fragment:
        raise ConfigurationError(f"{redacted(text)} has a '#'; in a key write %23")
    bucket, rest = _without_bucket(parts.query)
    path = parts.path.removeprefix("/")
    userinfo, at, host = parts.netloc.rpartition("@")
    if scheme.name == "s3":
        bucket, netloc, key = bucket or host, userinfo + at, path
    else:
        netloc = parts.netloc
        if not bucket:
            bucket, _, path = path.partition("/")
            bucket = unquote(bucket)
        key = path
    url = SplitResult(parts.scheme, netloc, "", rest.removeprefix("?"), "").geturl()
    url = url if "://" in url else url.replace(":", "://", 1)
    return Location(redacted(text), url=url, bucket=bucket or None, key=_decoded(key, text))


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


class Session:
    """The services that a command uses, each opened once and closed at its end.

    Two locations of one service give stores of one service, so that a copy between them stays on the server.
    """

    def __init__(self) -> None:
        self._services: dict[str, Service] = {}
        self._stores: dict[tuple[str, str | None], Store] = {}
        self._stack = contextlib.ExitStack()

    def service(self, location: Location) -> Service:
        """Raises `ConfigurationError` for a local path."""
        if location.is_local:
            raise ConfigurationError(f"{location.text} is a local path; buckets are in a store: give its URL")
        if location.url not in self._services:
            self._services[location.url] = self._stack.enter_context(_told(open_service, location.url))
        return self._services[location.url]

    def store(self, location: Location) -> Store:
        """The bucket of a location. Raises `ConfigurationError` where none is named."""
        if location.is_local:
            raise ConfigurationError(f"{location.text} is a local path; for a folder as a store write file:FOLDER#KEY")
        place = (location.url, location.bucket)
        if place not in self._stores:
            self._stores[place] = self._open(location)
        return self._stores[place]

    def folder(self, path: Path) -> Store:
        """A local folder as a store; it is made."""
        place = (f"file:{path}", None)
        if place not in self._stores:
            self._stores[place] = self._stack.enter_context(LocalStore(path))
        return self._stores[place]

    def _open(self, location: Location) -> Store:
        name = location.url.partition(":")[0].lower()
        scheme = SCHEMES[name]
        if name == "file" and location.bucket is None:
            return self._stack.enter_context(_told(open_store, location.url))
        if location.bucket is None and scheme.remote:
            raise ConfigurationError(f"{location.text} names no bucket: {scheme.form}")
        service = self.service(location)
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
