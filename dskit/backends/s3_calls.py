"""Every request of the boto3 backend goes through here: one client, its retries, the translation of its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import boto3.session
from botocore import xform_name

from ..capabilities import Capabilities, Semantics, Supports
from ..errors import InvalidRequestError
from ..ids import Ids, RandomIds
from ..pauses import pause
from ..retry import Failure, Retrier, RetryOptions, Safety
from ..types import PutOptions
from .remote_body import SourceBody, with_digest
from .remote_common import Overrides, bare_url, check_amounts, overridden, refuse_userinfo, without_signing
from .s3_answers import needed
from .s3_client import make_client
from .s3_errors import FOREIGN, failure_of
from .s3_params import checksum_params

__all__ = ["S3_CAPABILITIES", "S3Calls"]

T = TypeVar("T")

S3_CAPABILITIES = Capabilities(
    supports=Supports(raw=True, sign=True, sign_content_type=True, sign_response=True, sign_post=True),
    semantics=Semantics(durability="power", unknown_length="multipart"),
)

PROMPT_BYTES = 256 * 1024
"""What servers read off of a request that they have refused, so that its answer arrives (Go's net/http: this much)."""


class S3Calls:
    """Construction, and what every call has in common."""

    blocking = True

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        addressing: Literal["path", "virtual"] | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        anonymous: bool = False,
        retries: RetryOptions | None = None,
        max_connections: int = 32,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        verify: bool | str = True,
        session: boto3.session.Session | None = None,
        part_bytes: int = 8 * 1024**2,
        capabilities: Overrides = None,
        ids: Ids | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        refuse_userinfo(endpoint or "")
        check_amounts(part_bytes, max_connections, connect_timeout, read_timeout)
        self.name = f"s3 {bare_url(endpoint)}" if endpoint else "s3"
        self.copy_scope = bare_url(endpoint) if endpoint else "aws"
        """Services of the same scope can be asked to copy from each other."""
        self._capabilities = overridden(
            without_signing(S3_CAPABILITIES) if anonymous else S3_CAPABILITIES, capabilities
        )
        self.part_bytes = part_bytes
        self.retrier = Retrier(retries or RetryOptions(), sleep, ids or RandomIds())
        self.client = make_client(
            session=session,
            endpoint=endpoint,
            region=region,
            addressing=addressing or ("path" if endpoint else None),
            access_key=access_key,
            secret_key=secret_key,
            session_token=session_token,
            anonymous=anonymous,
            max_connections=max_connections,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            verify=verify,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def retries(self) -> RetryOptions:
        return self.retrier.options

    @property
    def region(self) -> str:
        return str(self.client.meta.region_name)

    def close(self) -> None:
        self.retrier.close(self.name)
        self.client.close()

    def raw(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Any operation of the S3 model by its name (``PutObjectTagging``) and members; the parsed answer.

        Raises `InvalidRequestError` for an operation that botocore does not know.
        """
        method = getattr(self.client, xform_name(operation), None)
        if method is None or operation not in self.client.meta.service_model.operation_names:
            raise InvalidRequestError(f"the S3 model has no operation {operation!r}", operation=operation)
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        if shape is None or "Bucket" not in shape.members:
            parameters.pop("Bucket", None)  # a store fills it in for every operation
        reads = operation.startswith(("Get", "Head", "List"))
        answer: dict[str, Any] = self.call(
            operation,
            lambda: method(**parameters),
            safety=Safety.READ if reads else Safety.ONCE,
            bucket=parameters.get("Bucket"),
            key=parameters.get("Key"),
        )
        return answer

    def send(
        self,
        operation: str,
        bucket: str,
        key: str,
        body: SourceBody,
        length: int,
        method: Callable[..., Any],
        options: PutOptions,
        parameters: dict[str, Any],
    ) -> Any:
        """PutObject or UploadPart, from memory up to `part_bytes`.

        A small body goes as a bytearray: of bytes botocore makes a file, and before a file it waits for 100-continue,
        which is a round trip. Larger ones do wait, so that a server that refuses them need not end the connection.
        """
        small = body.read() if length <= self.part_bytes else None
        data: Any = body if small is None else bytearray(small) if length <= PROMPT_BYTES else small
        digests = checksum_params(options if small is None else with_digest(options, small))

        def attempt() -> Any:
            body.seek(0)
            answer = method(Bucket=bucket, Key=key, Body=data, ContentLength=length, **digests, **parameters)
            needed(answer, "ETag")  # what has no ETag was stored by nobody
            return answer

        return self.call(
            operation,
            attempt,
            safety=Safety.ONCE if options.conditions else Safety.IDEMPOTENT,
            bucket=bucket,
            key=key,
            exclusive=options.conditions.if_none_match == "*",
            body=body,
            rewindable=small is not None or body.seekable(),
        )

    def call(
        self,
        operation: str,
        call: Callable[[], T],
        *,
        safety: Safety = Safety.READ,
        bucket: str | None = None,
        key: str | None = None,
        exclusive: bool = False,
        body: SourceBody | None = None,
        rewindable: bool = True,
    ) -> T:
        """Every request goes through here: retries, translation, context."""

        def judge(exception: Exception) -> Failure:
            if body is not None and body.failure is not None:
                raise body.failure
            failure = failure_of(exception, exclusive=exclusive, endpoint=self.name)
            failure.error.with_context(operation=operation, bucket=bucket, key=key, store=self.name)
            return failure

        return self.retrier.run(call, judge, foreign=FOREIGN, safety=safety, rewindable=rewindable)
