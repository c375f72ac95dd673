"""`open_store` and `open_service`: a backend by its URL.

====================================================  ==================================================================
``memory:``                                           a new reference store in memory
``disk:PATH?bucket=data``                             a reference store in a directory, durable
``file:PATH``                                         plain files: for `open_store` the folder is the bucket, for
                                                      `open_service` its sub-folders are the buckets
``s3://BUCKET/FOLDER?endpoint=URL&region=R``          S3 through boto3, or with ``client=obstore`` through obstore;
                                                      ``addressing=path`` or ``virtual``
``minio://HOST:PORT/BUCKET/FOLDER?secure=false``      MinIO through minio-py
``az://CONTAINER/FOLDER?account=A&endpoint=URL``      Azure Blob Storage through obstore
``gs://BUCKET/FOLDER?endpoint=URL``                   Google Cloud Storage through obstore
``dav+https://HOST/PATH``, ``dav+http://HOST/PATH``   a folder of a WebDAV server through obstore; the whole path is
                                                      the address of the bucket
====================================================  ==================================================================

What follows the bucket is a folder: it becomes the store's prefix, with a ``/`` at its end. Paths may be relative and
are percent-decoded. Every parameter of a URL can be given as a keyword instead, and keywords win. Credentials belong
into the environment or into keywords; a URL that carries a secret works, with a warning, and is never repeated in a
message.
"""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from .backend import ObjectService
from .errors import ConfigurationError
from .service import Service
from .store import Store
from .url_schemes import COMMON, S3_CLIENTS, SCHEMES, Scheme

__all__ = ["keywords_of", "open_service", "open_store", "redacted"]

DEFAULT_BUCKET = "default"
SECRETS = frozenset({"secret_key", "session_token", "password", "token"})


def open_store(url: str, **options: Any) -> Store:
    """One bucket. Memory, disk and plain files make theirs (`default` unless named); a remote one must exist.

    `options` are those of the backend's class, `bucket` and `prefix` (a raw string before every key). Raises
    `ConfigurationError` for an unknown scheme or option and for a library that is not installed.
    """
    address = _parse(url, options)
    scheme, options = address.scheme, address.options
    store_class = _load(scheme.module, scheme.store, scheme)
    bucket = options.pop("bucket", address.bucket)
    prefix = options.pop("prefix", address.prefix)
    if bucket is None and scheme.remote:
        raise ConfigurationError(f"{redacted(url)} names no bucket: {scheme.form}")
    if bucket is not None:
        options["bucket"] = bucket
    _check_options(address, store_class)
    store: Store = _construct(scheme, store_class, *address.place, prefix=prefix, **options)
    return store


def open_service(url: str, **options: Any) -> Service:
    """All buckets of a backend. The URL names no bucket. Raises as `open_store` does."""
    address = _parse(url, options)
    scheme, options = address.scheme, address.options
    if address.bucket is not None or "bucket" in options or address.prefix or "prefix" in options:
        raise ConfigurationError(f"{redacted(url)} names a bucket; a service is all of them: use open_store for one")
    make = _load(scheme.service_module, scheme.service, scheme)
    _check_options(address, make)
    service: ObjectService = _construct(scheme, make, *address.place, **options)
    return Service(service)


def redacted(url: str) -> str:
    """The URL without what may be secret: user and password, and the values of secret parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url.partition(':')[0]}:…"
    netloc = parts.netloc.rpartition("@")[2]
    netloc = f"…@{netloc}" if netloc != parts.netloc else netloc
    query = [
        f"{quote(name)}={'…' if name in SECRETS or name == 'access_key' else _shown(value)}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    rest = SplitResult("", netloc, parts.path, "&".join(query), parts.fragment).geturl()
    return f"{parts.scheme}:{rest}" if parts.scheme else rest


def _shown(value: str) -> str:
    """A parameter's value; of one that is a URL itself, such as an endpoint, without user and password."""
    return re.sub(r"(?<=://).*@", "…@", quote(value, safe="/:@"))


@dataclass(slots=True)
class Address:
    """A URL taken apart. `place` are the positional arguments of the backend, `client` what an ``s3:`` URL is opened
    with; nothing secret is in the repr."""

    scheme: Scheme
    client: str | None = None
    place: tuple[str, ...] = ()
    bucket: str | None = None
    prefix: str = ""
    options: dict[str, Any] = field(default_factory=dict, repr=False)


def _parse(url: str, keywords: Mapping[str, Any]) -> Address:
    if not isinstance(url, str):
        raise ConfigurationError(f"a URL is a str, not {type(url).__name__}")
    name, colon, _ = url.partition(":")
    scheme = SCHEMES.get(name.lower()) if colon else None
    if scheme is None:
        raise ConfigurationError(_unknown_scheme(url, name if colon else None))
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigurationError(f"{redacted(url)} is not a URL; its form is {scheme.form}") from None
    if parts.fragment:
        raise ConfigurationError(f"{redacted(url)} has a '#'; in a path write %23")
    address = Address(scheme, options=_parameters(scheme, parts.query, url))
    if scheme.remote:
        _remote(address, parts, url)
    else:
        (_web if scheme.name.startswith("dav+") else _place)(address, parts, url)
    if SECRETS & address.options.keys():
        warnings.warn(
            f"{redacted(url)} carries a secret; give it through the environment or as a keyword", stacklevel=3
        )
    address.options.update(keywords)
    if scheme.name == "s3":
        address.client = client = address.options.pop("client", "boto3")
        if client not in S3_CLIENTS:
            raise ConfigurationError(f"s3: client is {' or '.join(S3_CLIENTS)}, not {client!r}")
        address.scheme = S3_CLIENTS[client]
    return address


def _unknown_scheme(url: str, name: str | None) -> str:
    known = ", ".join(scheme.form for scheme in SCHEMES.values())
    if name is None:
        return f"a store URL has a scheme: {known}; for a folder of plain files write file:{redacted(url)}"
    if name in ("http", "https"):
        return f"for an S3 endpoint write s3://BUCKET?endpoint={redacted(url)}; store URLs are {known}"
    return f"there is no backend for {name!r} URLs; there are {known}"


def _parameters(scheme: Scheme, query: str, url: str) -> dict[str, Any]:
    known = {**COMMON, **scheme.parameters}
    options: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise ConfigurationError(
                f"{scheme.name}: URLs have no parameter {name!r}; they have {', '.join(sorted(known))}"
            )
        if name in options:
            raise ConfigurationError(f"{redacted(url)} gives {name!r} twice")
        try:
            options[name] = known[name](text)
        except ValueError as error:
            raise ConfigurationError(f"{redacted(url)}: the value of {name!r} is wrong, {error}") from None
    return options


def _place(address: Address, parts: SplitResult, url: str) -> None:
    if parts.netloc:
        raise ConfigurationError(
            f"{redacted(url)} has a host; write {address.scheme.form} or, for an absolute path, one /"
        )
    path = unquote(parts.path, errors="surrogateescape")
    if address.scheme.name == "memory":
        if path:
            raise ConfigurationError("memory: takes no path; the bucket is memory:?bucket=NAME")
        return
    if not path:
        name = address.scheme.name
        raise ConfigurationError(f"{name}: needs a path, {address.scheme.form}; for this folder write {name}:.")
    address.place = (path,)


def _remote(address: Address, parts: SplitResult, url: str) -> None:
    userinfo, _, host = parts.netloc.rpartition("@")
    _credentials(address, userinfo)
    scheme, slashes, rest = str(address.options.get("endpoint", "")).partition("://")
    if slashes and "@" in rest:
        userinfo, _, bare = rest.rpartition("@")
        address.options["endpoint"] = f"{scheme}://{bare}"
        _credentials(address, userinfo)
    path = unquote(parts.path).removeprefix("/")
    if address.scheme.name == "minio":
        if not host:
            raise ConfigurationError(f"{redacted(url)} names no host: {address.scheme.form}")
        address.place = (host,)
        bucket, _, folder = path.partition("/")
    else:
        bucket, folder = host, path
    address.bucket = bucket or None
    address.prefix = folder if not folder or folder.endswith("/") else folder + "/"


def _web(address: Address, parts: SplitResult, url: str) -> None:
    """The address of a folder, percent-encoded as it is; ``USER:PASSWORD@`` before the host are options."""
    userinfo, _, host = parts.netloc.rpartition("@")
    if not host:
        raise ConfigurationError(f"{redacted(url)} names no host: {address.scheme.form}")
    user, _, password = userinfo.partition(":")
    for name, text in (("username", user), ("password", password)):
        if text:
            address.options.setdefault(name, unquote(text))
    address.place = (f"{address.scheme.name.removeprefix('dav+')}://{host}{parts.path}",)


def _credentials(address: Address, userinfo: str) -> None:
    """``ACCESS:SECRET`` before the ``@`` of a URL; parameters that say the same win."""
    access, _, secret = userinfo.partition(":")
    if access:
        address.options.setdefault("access_key", unquote(access))
    if secret:
        address.options.setdefault("secret_key", unquote(secret))


def _load(module: str, name: str, scheme: Scheme) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(f"dskit.{module}"), name)
    except ImportError as error:
        raise _missing(scheme, error) from error
    return found


def _construct(scheme: Scheme, make: Callable[..., Any], *place: str, **options: Any) -> Any:
    try:
        return make(*place, **options)
    except ImportError as error:
        raise _missing(scheme, error) from error


def _missing(scheme: Scheme, error: ImportError) -> ConfigurationError:
    what = f'pip install "dskit[{scheme.extra}]"' if scheme.extra else "pip install dskit"
    return ConfigurationError(f"{scheme.name}: needs {error.name or 'a library'}, which is not installed: {what}")


def _check_options(address: Address, make: Callable[..., Any]) -> None:
    """An option that `make` does not take beside the place is an error with the names of those that it takes."""
    taken = keywords_of(make, skip=len(address.place))
    for option in address.options:
        if option not in taken:
            through = f" client={address.client}" if address.client else ""
            raise ConfigurationError(
                f"{address.scheme.name}:{through} has no option {option!r}; it has {', '.join(sorted(taken))}"
            )


def keywords_of(make: Callable[..., Any], skip: int = 0) -> set[str]:
    """The names of the parameters after the first `skip`, those of an ``Unpack[TypedDict]`` among them."""
    names: set[str] = set()
    for parameter in [*inspect.signature(make).parameters.values()][skip:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            unpacked = inspect.signature(make, eval_str=True).parameters[parameter.name].annotation
            names |= get_args(unpacked)[0].__annotations__.keys()
        else:
            names.add(parameter.name)
    return names
