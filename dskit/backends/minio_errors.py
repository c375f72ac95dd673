"""minio-py's and urllib3's exceptions → dskit errors, in one place."""

from __future__ import annotations

from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3 import exceptions as u

from ..errors import StoreError, TimedOutError, UnavailableError
from ..retry import Failure
from .minio_seam import status_of
from .minio_xml import Node, parse
from .remote_errors import MalformedAnswer, answered, error_for, malformed, no_connection, redirected, tls_failure

__all__ = ["FOREIGN", "ErrorInside", "failure_of", "refused_document", "stream_error"]


class ErrorInside(Exception):
    """A 200 whose body is an error document."""

    def __init__(self, root: Node) -> None:
        super().__init__(root.text("Code"))
        self.root = root


FOREIGN: tuple[type[Exception], ...] = (
    MinioException,
    u.HTTPError,
    ErrorInside,
    MalformedAnswer,
    SyntaxError,
    UnicodeDecodeError,
)
"""SyntaxError: minio-py lets the parser's exception out when an error document is not XML."""

_NOT_SENT = (u.NewConnectionError, u.ConnectTimeoutError, u.ProxyError, u.LocationParseError)


def failure_of(exception: Exception, *, exclusive: bool = False, endpoint: str = "the endpoint") -> Failure:
    """What one failed request means. The exception itself becomes the cause of the error."""
    if isinstance(exception, S3Error):
        return _answer(exception, exclusive, endpoint)
    if isinstance(exception, ServerError | InvalidResponseError):
        status = exception.status_code if isinstance(exception, ServerError) else status_of(exception)
        sent_on = redirected("", status, {}, {}, endpoint)  # minio-py keeps no headers of an answer without a document
        return answered(sent_on or error_for("", status, exclusive=exclusive), status)
    if isinstance(exception, ErrorInside):
        texts = exception.root.texts()
        error = error_for(texts.get("Code", ""), 500, texts.get("Message", ""), details=texts, exclusive=exclusive)
        return answered(error, 500)
    if isinstance(exception, MalformedAnswer):
        return malformed(exception)
    if isinstance(exception, u.SSLError):
        return tls_failure(exception)
    if isinstance(exception, _NOT_SENT):
        refused = isinstance(exception, u.NewConnectionError)  # which is a ConnectTimeoutError for urllib3
        kind = UnavailableError if refused or not isinstance(exception, u.ConnectTimeoutError) else TimedOutError
        place = f"{exception.conn.host}:{exception.conn.port}" if isinstance(exception, u.NewConnectionError) else ""
        return no_connection(place, type(exception).__name__, kind)
    if isinstance(exception, u.TimeoutError):
        return Failure(error=TimedOutError("the server did not answer in time"), lost=True, again=True)
    text = f"the connection broke before a whole answer had come ({type(exception).__name__})"
    return Failure(error=UnavailableError(text), lost=True, again=True)


def stream_error(exception: Exception) -> StoreError:
    """The error of a body that cannot be read to its end; it can be resumed."""
    return failure_of(exception).error


def refused_document(document: bytes) -> Node:
    """The root of a document. Raises `ErrorInside` where that is an error, `MalformedAnswer` where it is not XML."""
    try:
        root = parse(document)
    except ValueError as error:
        raise MalformedAnswer(str(error)) from error
    if root.name == "Error":
        raise ErrorInside(root)
    return root


def _answer(exception: S3Error, exclusive: bool, endpoint: str) -> Failure:
    response = exception.response
    details: dict[str, str] = {}
    if response.data:
        try:
            details = parse(response.data).texts()
        except ValueError:
            details = {}
    # Without a document code and message are minio-py's guess from the status; the status says as much.
    code = (exception.code or "") if response.data else _GUESSES.get(exception.code or "", "")
    message = (exception.message or "") if response.data else ""
    headers = {name.lower(): value for name, value in response.headers.items()}
    error = redirected(code, response.status, headers, details, endpoint) or error_for(
        code, response.status, message, details=details, exclusive=exclusive
    )
    return answered(error, response.status, retry_after=headers.get("retry-after"))


_GUESSES = {"NoSuchKey": "NoSuchKey", "NoSuchBucket": "NoSuchBucket"}
"""The guesses that know more than the status: what the path named."""
