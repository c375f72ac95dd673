"""The one place that touches what minio-py keeps to itself.

minio-py's public methods have no conditions on writes, no page sizes, no delimiters but ``/`` and no multipart verbs,
they hide the headers of most answers and refuse keys that are blank. All of that is within reach of the method that
every one of them goes through: ``Minio._execute(method, bucket_name, object_name, body, headers, query_params,
preload_content)``. It signs, sends and raises for error answers. This file is bounded to the versions in which that
method was looked at (`VERSIONS`) and verifies its parameters when a client is made; a test does the same.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping
from typing import Any

import certifi
import minio
import urllib3
from minio.credentials.providers import (
    ChainedProvider,
    EnvAWSProvider,
    EnvMinioProvider,
    Provider,
    StaticProvider,
)
from minio.error import InvalidResponseError

from ..errors import ConfigurationError
from .remote_xml import readable

__all__ = ["PARAMETERS", "VERSIONS", "Answer", "Seam", "check_seam", "make_minio", "status_of"]

VERSIONS = ((7, 2, 10), (7, 3, 0))
"""First version looked at, first version not looked at."""

PARAMETERS = (
    "self",
    "method",
    "bucket_name",
    "object_name",
    "body",
    "headers",
    "query_params",
    "preload_content",
)

Answer = urllib3.BaseHTTPResponse


def check_seam() -> None:
    """Raises `ConfigurationError` unless the installed minio-py is one that this seam was made for."""
    version = tuple(int(part) for part in re.findall(r"\d+", minio.__version__)[:3])
    if not VERSIONS[0] <= version < VERSIONS[1]:
        raise ConfigurationError(
            f"minio-py {minio.__version__} is not supported: install one that is >= 7.2.10 and < 7.3"
        )
    found = tuple(inspect.signature(minio.Minio._execute).parameters)
    if found[: len(PARAMETERS)] != PARAMETERS:
        raise ConfigurationError(f"minio-py {minio.__version__} has a request method with other parameters: {found}")


def make_minio(
    *,
    endpoint: str,
    secure: bool,
    region: str | None,
    access_key: str | None,
    secret_key: str | None,
    session_token: str | None,
    anonymous: bool,
    max_connections: int,
    connect_timeout: float,
    read_timeout: float,
    verify: bool | str,
) -> minio.Minio:
    """A client with our pool: sized for threads, no retries, no redirects.

    minio-py's own pool repeats any request after a 5xx, also an unrepeatable one, and sleeps as long as a server's
    Retry-After says. Raises `ConfigurationError` for options that it refuses, or where no credentials are found.
    """
    check_seam()
    pool = Pool(
        num_pools=4,
        maxsize=max_connections,
        timeout=urllib3.Timeout(connect=connect_timeout, read=read_timeout),
        retries=urllib3.Retry(total=False, redirect=False),
        cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
        ca_certs=verify if isinstance(verify, str) else os.environ.get("SSL_CERT_FILE") or certifi.where(),
    )
    try:
        return minio.Minio(
            endpoint,
            secure=secure,
            region=region,
            http_client=pool,
            credentials=None if anonymous else _credentials(access_key, secret_key, session_token),
        )
    except ConfigurationError:
        raise  # it is a ValueError as well
    except ValueError as error:
        raise ConfigurationError(f"minio-py refuses these options: {error}") from error


def _credentials(access_key: str | None, secret_key: str | None, session_token: str | None) -> Provider:
    if (access_key is None) != (secret_key is None):
        raise ConfigurationError("access_key and secret_key come together")
    if access_key is not None and secret_key is not None:
        return StaticProvider(access_key, secret_key, session_token)
    provider = ChainedProvider([EnvMinioProvider(), EnvAWSProvider()])
    try:
        provider.retrieve()
    except ValueError as error:
        raise ConfigurationError(
            "no credentials: pass access_key and secret_key, set MINIO_ACCESS_KEY and MINIO_SECRET_KEY (or the AWS"
            " names), or say anonymous=True",
            code="NoCredentials",
        ) from error
    return provider


class Pool(urllib3.PoolManager):
    """A pool whose error answers minio-py can read.

    It parses them itself, and its parser gives up at the characters of a key that XML 1.0 does not have.
    """

    def urlopen(self, method: str, url: str, *more: Any, **options: Any) -> urllib3.BaseHTTPResponse:
        answer = super().urlopen(method, url, *more, **options)
        if answer.status < 300 or method == "HEAD":
            return answer
        document = answer.data
        answer.release_conn()
        return urllib3.HTTPResponse(readable(document), answer.headers, answer.status, reason=answer.reason)


class Seam:
    """Sends one request. Raises minio-py's and urllib3's exceptions, untranslated."""

    def __init__(self, client: minio.Minio) -> None:
        self._execute: Any = client._execute
        self._pool: urllib3.PoolManager = client._http

    def close(self) -> None:
        self._pool.clear()

    def send(
        self,
        method: str,
        bucket: str | None = None,
        key: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        stream: bool = False,
    ) -> Answer:
        """`stream`: the answer's body is still to be read, and its connection to be released, by the caller."""
        answer: Answer = self._execute(
            method,
            bucket_name=bucket,
            object_name=key,
            body=body,
            headers=dict(headers or {}),
            query_params=dict(query or {}),
            preload_content=not stream,
        )
        return answer


def status_of(error: InvalidResponseError) -> int:
    """The status of an answer that was an error and not XML."""
    return int(error._code)
