"""Small things that both S3 clients share: names without secrets, declared capabilities and their overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict
from urllib.parse import urlsplit

from ..capabilities import Capabilities
from ..errors import ConfigurationError, InvalidRequestError
from ..ids import Ids
from ..retry import RetryOptions
from ..types import ByteRange, DeleteError, DeleteResult

__all__ = [
    "Overrides",
    "RemoteOptions",
    "accounted",
    "bare_url",
    "check_amounts",
    "copy_range",
    "overridden",
    "refuse_userinfo",
    "without_signing",
]

Overrides = Capabilities | Mapping[str, Mapping[str, Any]] | None


class RemoteOptions(TypedDict, total=False):
    """Options that both S3 clients take; `S3Service` and `MinIOService` say what each does."""

    region: str | None
    access_key: str | None
    secret_key: str | None
    session_token: str | None
    anonymous: bool
    retries: RetryOptions | None
    max_connections: int
    connect_timeout: float
    read_timeout: float
    verify: bool | str
    part_bytes: int
    capabilities: Overrides
    ids: Ids | None
    sleep: Callable[[float], None]


def overridden(declared: Capabilities, overrides: Overrides) -> Capabilities:
    """`declared`, with what the caller knows better: a whole record, or ``{"supports": {"delete_if_match": False}}``.

    Raises `ConfigurationError` for a name that does not exist.
    """
    if overrides is None:
        return declared
    if isinstance(overrides, Capabilities):
        return overrides
    unknown = sorted(set(overrides) - {"supports", "limits", "semantics"})
    if unknown:
        raise ConfigurationError(f"capabilities have no section {unknown[0]!r}")
    return Capabilities(
        supports=declared.supports.replace(**overrides.get("supports", {})),
        limits=declared.limits.replace(**overrides.get("limits", {})),
        semantics=declared.semantics.replace(**overrides.get("semantics", {})),
    )


def without_signing(declared: Capabilities) -> Capabilities:
    """What is left without credentials."""
    return declared.replace(
        supports=declared.supports.replace(sign=False, sign_content_type=False, sign_response=False, sign_post=False)
    )


def check_amounts(part_bytes: int, max_connections: int, connect_timeout: float, read_timeout: float) -> None:
    """Raises `ConfigurationError` for a number with which nothing could be sent."""
    given = {"part_bytes": part_bytes, "max_connections": max_connections}
    for name, value in given.items():
        if not isinstance(value, int) or value < 1:
            raise ConfigurationError(f"{name} is a whole number of 1 or more, not {value!r}")
    for name, seconds in (("connect_timeout", connect_timeout), ("read_timeout", read_timeout)):
        if not seconds > 0:
            raise ConfigurationError(f"{name} is a number of seconds above 0, not {seconds!r}")


def refuse_userinfo(endpoint: str) -> None:
    """Neither client would use them, and both repeat the URL in the messages of their errors."""
    if "@" in endpoint:
        raise ConfigurationError("an endpoint holds no user and no password: give access_key and secret_key")


def bare_url(url: str) -> str:
    """Scheme, host and port of a URL: what may be shown. User names, passwords, paths and queries stay out."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise ConfigurationError(f"the port of {parts.hostname} is not a number from 0 to 65535") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        given = url.rpartition("@")[2].partition("?")[0]
        raise ConfigurationError(f"an endpoint is http://HOST[:PORT] or https://HOST[:PORT], not {given!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def accounted(result: DeleteResult, keys: Iterable[str]) -> DeleteResult:
    """The result of a DeleteObjects for `keys`: of one that the answer does not name nothing is known, and that is its
    error."""
    named = {_as_parsed(key) for key in (*result.deleted, *(row.key for row in result.errors))}
    result.errors += [
        DeleteError(key=key, code="OutcomeUnknown", message="the answer does not say whether it was removed")
        for key in dict.fromkeys(keys)
        if _as_parsed(key) not in named
    ]
    return result


def _as_parsed(key: str) -> str:
    """A key as XML gives it back where a server wrote it without references (XML 1.0 section 2.11)."""
    return key.replace("\r\n", "\n").replace("\r", "\n")


def copy_range(byte_range: ByteRange | None) -> str | None:
    """x-amz-copy-source-range takes ``bytes=first-last`` only (S3 model, UploadPartCopy)."""
    if byte_range is None:
        return None
    if byte_range.first is None or byte_range.last is None:
        raise InvalidRequestError("the range of a part copy names its first and its last byte")
    return f"bytes={byte_range.first}-{byte_range.last}"
