"""Every request of the minio-py backend goes through here: the seam, its retries, the translation of its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from ..capabilities import Capabilities, Semantics, Supports
from ..errors import InvalidKeyError
from ..ids import Ids, RandomIds
from ..pauses import pause
from ..retry import Failure, Retrier, RetryOptions, Safety
from .minio_errors import FOREIGN, failure_of
from .minio_seam import Answer, Seam, make_minio
from .remote_common import Overrides, bare_url, check_amounts, overridden, refuse_userinfo, without_signing

__all__ = ["MINIO_CAPABILITIES", "MinIOCalls", "check_segments", "has_dot_segment"]

T = TypeVar("T")

MINIO_CAPABILITIES = Capabilities(
    supports=Supports(sign=True, sign_response=True, sign_post=True),
    semantics=Semantics(dot_segments="refused", durability="power", unknown_length="multipart"),
)


def check_segments(key: str) -> None:
    """Raises `InvalidKeyError` for a key with a ``.`` or ``..`` segment.

    minio-py refuses them, and rightly: urllib3's pool manager resolves them (RFC 3986 section 5.2.4), so that the
    request would reach another key.
    """
    if has_dot_segment(key):
        raise InvalidKeyError("minio-py cannot address a key with a '.' or '..' segment", key=key)


def has_dot_segment(key: str) -> bool:
    return "." in key and not {".", ".."}.isdisjoint(key.split("/"))


class MinIOCalls:
    """Construction, and what every call has in common."""

    blocking = True

    def __init__(
        self,
        endpoint: str,
        *,
        secure: bool = True,
        region: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        anonymous: bool = False,
        retries: RetryOptions | None = None,
        max_connections: int = 32,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        verify: bool | str = True,
        part_bytes: int = 16 * 1024**2,
        capabilities: Overrides = None,
        ids: Ids | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        if "://" in endpoint:
            secure = endpoint.startswith("https://")
            endpoint = endpoint.partition("://")[2].rstrip("/")
        scheme = "https" if secure else "http"
        refuse_userinfo(endpoint)
        check_amounts(part_bytes, max_connections, connect_timeout, read_timeout)
        self.origin = bare_url(f"{scheme}://{endpoint}")
        self.name = f"minio {self.origin}"
        self.copy_scope = self.origin
        self._capabilities = overridden(
            without_signing(MINIO_CAPABILITIES) if anonymous else MINIO_CAPABILITIES, capabilities
        )
        self.part_bytes = part_bytes
        self.retrier = Retrier(retries or RetryOptions(), sleep, ids or RandomIds())
        self.client = make_minio(
            endpoint=endpoint,
            secure=secure,
            region=region,
            access_key=access_key,
            secret_key=secret_key,
            session_token=session_token,
            anonymous=anonymous,
            max_connections=max_connections,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            verify=verify,
        )
        self._seam = Seam(self.client)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def retries(self) -> RetryOptions:
        return self.retrier.options

    def close(self) -> None:
        self.retrier.close(self.name)
        self._seam.close()

    def send(
        self,
        operation: str,
        method: str,
        bucket: str | None = None,
        key: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        stream: bool = False,
        safety: Safety = Safety.READ,
        exclusive: bool = False,
        read: Callable[[Answer], T],
    ) -> T:
        """`read` of the answer; what `read` raises counts as part of the attempt."""
        if key is not None:
            check_segments(key)
        request = partial(self._seam.send, method, bucket, key, query=query, headers=headers, body=body, stream=stream)
        return self.call(operation, lambda: read(request()), safety=safety, bucket=bucket, key=key, exclusive=exclusive)

    def call(
        self,
        operation: str,
        call: Callable[[], T],
        *,
        safety: Safety = Safety.READ,
        bucket: str | None = None,
        key: str | None = None,
        exclusive: bool = False,
    ) -> T:
        def judge(exception: Exception) -> Failure:
            failure = failure_of(exception, exclusive=exclusive, endpoint=self.name)
            failure.error.with_context(operation=operation, bucket=bucket, key=key, store=self.name)
            return failure

        return self.retrier.run(call, judge, foreign=FOREIGN, safety=safety)
