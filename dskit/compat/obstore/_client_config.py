"""Options of the HTTP client and of retries, which all remote stores take, in the terms of dskit's stores."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...retry import RetryOptions
from ._numbers import unsigned
from ._options import flag, string
from .exceptions import GenericError

__all__ = ["client_arguments", "retry_arguments"]

_HONOURED = frozenset(
    (
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "http1_only",
        "read_timeout",
        "timeout",
    )
)
_REFUSED = frozenset(
    (
        "default_content_type",
        "default_headers",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "randomize_addresses",
        "root_certificate",
        "user_agent",
    )
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?) *(ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def client_arguments(
    kind: str,
    options: Mapping[str, Any] | None,
    endpoint: str | None,
    *,
    also: frozenset[str] = frozenset(),
    variable: str = "",
) -> dict[str, Any]:
    """What the options mean to dskit's store; `also` are those that this kind honours beside the common ones.

    `variable` allows http from the environment. Raises `ValueError` for an unknown option, `NotImplementedError` for
    one that is not honoured, `GenericError` for an ``http://`` endpoint without leave.
    """
    given = {name: string(value, duration=True) for name, value in (options or {}).items()}
    for name in given:
        if name in _REFUSED - also:
            raise NotImplementedError(
                f"the {kind} store of this facade cannot honour the client option {name!r}: leave it out"
            )
        if name not in _HONOURED | also:
            raise ValueError(f"Invalid key: {name}.")
    if "allow_http" not in given and variable in os.environ:
        given["allow_http"] = os.environ[variable]
    if endpoint is not None and endpoint.startswith("http://") and not flag(given, "allow_http"):
        raise GenericError(
            f"Generic {kind} error: the endpoint is http://, which needs client_options={{'allow_http': True}}"
        )
    arguments: dict[str, Any] = {}
    if flag(given, "allow_invalid_certificates"):
        arguments["verify"] = False
    for name in ("connect_timeout", "read_timeout"):
        if (text := given.get(name, given.get("timeout"))) is not None:
            arguments[name] = _seconds(text)
    if "pool_max_idle_per_host" in given:
        arguments["max_connections"] = int(given["pool_max_idle_per_host"])
    return arguments


def retry_arguments(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Retries in dskit's terms: pauses of full jitter that double up to a limit, and a number of attempts."""
    if not config:
        return {}
    backoff = config.get("backoff") or {}
    if config.get("retry_timeout") is not None or backoff.get("base", 2) != 2:
        raise NotImplementedError(
            "retries of this facade end by max_retries and their pauses double: leave retry_timeout and base out"
        )
    first = backoff.get("init_backoff", timedelta(milliseconds=100))
    most = backoff.get("max_backoff", timedelta(seconds=15))
    attempts = 1 + unsigned(config.get("max_retries", 10))
    return {"retries": RetryOptions(attempts=attempts, base=first.total_seconds(), cap=most.total_seconds())}


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise GenericError(f"Generic Config error: failed to parse {text!r} as Duration")
    unit = match[2] if match[2] == "ms" else match[2][0]
    return float(match[1]) * _SECONDS[unit]
