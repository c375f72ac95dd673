"""botocore's exceptions → dskit errors, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions as b
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError  # botocore lets some of them out of a body

from ..errors import (
    ConfigurationError,
    InvalidBucketNameError,
    InvalidRequestError,
    StoreError,
    TimedOutError,
    UnavailableError,
)
from ..retry import Failure
from .remote_errors import MalformedAnswer, answered, error_for, malformed, no_connection, redirected, tls_failure
from .remote_proof import mismatch

__all__ = ["FOREIGN", "failure_of", "stream_error"]

FOREIGN: tuple[type[Exception], ...] = (b.ClientError, b.BotoCoreError, ResponseParserError, MalformedAnswer)

_NOT_SENT = (b.EndpointConnectionError, b.ConnectTimeoutError, b.ProxyConnectionError)
_CREDENTIALS = (b.NoCredentialsError, b.PartialCredentialsError, b.CredentialRetrievalError)
_CONFIGURATION = (
    b.NoRegionError,
    b.InvalidRegionError,
    b.UnknownEndpointError,
    b.EndpointProviderError,
    b.InvalidEndpointConfigurationError,
    b.ProfileNotFound,
    b.MissingDependencyException,
    b.InvalidProxiesConfigError,
)


def failure_of(exception: Exception, *, exclusive: bool = False, endpoint: str = "the endpoint") -> Failure:
    """What one failed call of a botocore client means. The exception itself becomes the cause of the error."""
    if isinstance(exception, b.ClientError):
        return _answer(exception.response, exclusive, endpoint)
    if isinstance(exception, ResponseParserError | MalformedAnswer):
        return malformed(exception)
    if isinstance(exception, b.SSLError):
        return tls_failure(exception)
    if isinstance(exception, _NOT_SENT):
        kind = TimedOutError if isinstance(exception, b.ConnectTimeoutError) else UnavailableError
        place = urlsplit(str(getattr(exception, "kwargs", {}).get("endpoint_url", ""))).netloc.rpartition("@")[2]
        return no_connection(place, type(exception).__name__, kind)
    if isinstance(exception, b.ReadTimeoutError):
        return Failure(error=TimedOutError("the server did not answer in time"), lost=True, again=True)
    if isinstance(exception, b.HTTPClientError | b.IncompleteReadError | HTTPError):
        return Failure(
            error=UnavailableError(f"the connection broke before the answer ({type(exception).__name__})"),
            lost=True,
            again=True,
        )
    return Failure(error=_refusal(exception))


def stream_error(exception: Exception) -> StoreError:
    """The error of a body that cannot be read to its end. `UnavailableError` and `TimedOutError` can be resumed."""
    if isinstance(exception, b.FlexibleChecksumError | b.ChecksumError):
        return mismatch()
    return failure_of(exception).error


def _answer(response: Mapping[str, Any], exclusive: bool, endpoint: str) -> Failure:
    error = response.get("Error", {})
    metadata = response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode") or 0)
    headers = metadata.get("HTTPHeaders", {})
    code = str(error.get("Code") or "")
    translated = redirected(code, status, headers, error, endpoint) or error_for(
        code,
        status,
        str(error.get("Message", "")),
        details={name: value for name, value in error.items() if isinstance(value, str)},
        exclusive=exclusive,
    )
    return answered(translated, status, retry_after=headers.get("retry-after"))


def _refusal(exception: Exception) -> StoreError:
    """What botocore refuses by itself: no request was sent."""
    text = str(exception)
    if isinstance(exception, _CREDENTIALS):
        return ConfigurationError(
            f"no usable credentials ({text}): pass access_key and secret_key, or set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY",
            code="NoCredentials",
        )
    if isinstance(exception, _CONFIGURATION):
        return ConfigurationError(text)
    if isinstance(exception, b.ParamValidationError) and "bucket name" in text:
        return InvalidBucketNameError(text)
    return InvalidRequestError(text)
