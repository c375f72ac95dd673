"""The backend port on boto3. Imported only when an S3 store is constructed: boto3 must be there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..backend import Source
from ..errors import BucketNotFoundError, NotFoundError, StoreError
from ..retry import Safety
from ..signers import FormOptions, SignedForm, SignOptions
from ..types import (
    BucketInfo,
    CopyOptions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    ListPage,
    PutOptions,
    PutResult,
    ReadOptions,
)
from . import s3_answers as answers
from . import s3_params as params
from .remote_body import SourceBody
from .remote_errors import missing_source
from .remote_reading import RemoteReading
from .remote_upload import put_in_parts
from .remote_xml import xml_can_carry
from .s3_reading import S3Reader
from .s3_uploads import S3Uploads

__all__ = ["S3Service"]


class S3Service(S3Uploads):
    """Buckets of an S3 endpoint, through boto3.

    * `endpoint` None is AWS. `addressing` None is ``path`` with an endpoint and boto3's choice without.
    * Credentials are the keywords, else those of `session`, a boto3 session, else what boto3 finds (environment,
      files, instance); `anonymous` signs nothing. Sharing a session makes services cheaper, but only one thread at a
      time may make clients from it.
    * `retries` are ours and botocore's are off; `dskit.retry` says what is sent again.
    * A put of up to `part_bytes` is sent from memory; a larger one streams from its source in one request where the
      source can be rewound (signing reads it twice), else as a multipart upload of parts of `part_bytes`.
    * `capabilities` overrides what is declared, for an endpoint that is known to differ from S3.
    """

    # buckets

    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        where = region or self.region
        location: dict[str, Any] = (
            {} if where == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": where}}
        )
        self.call(
            "create_bucket",
            lambda: self.client.create_bucket(Bucket=bucket, **location),
            safety=Safety.ONCE,
            bucket=bucket,
        )
        return BucketInfo(name=bucket, region=where)

    def head_bucket(self, bucket: str) -> BucketInfo:
        try:
            answer = self.call("head_bucket", lambda: self.client.head_bucket(Bucket=bucket), bucket=bucket)
        except NotFoundError as error:  # an answer to HEAD has no document, so no code
            raise BucketNotFoundError(
                "The specified bucket does not exist", operation="head_bucket", bucket=bucket, store=self.name
            ) from error.__cause__
        return BucketInfo(name=bucket, region=answer.get("BucketRegion"))

    def delete_bucket(self, bucket: str) -> None:
        self.call("delete_bucket", lambda: self.client.delete_bucket(Bucket=bucket), safety=Safety.ONCE, bucket=bucket)

    def list_buckets(self) -> list[BucketInfo]:
        found: list[BucketInfo] = []
        more: dict[str, Any] = {}
        while True:
            page, token = self.call("list_buckets", partial(self._buckets, more))
            found += page
            if not token:
                return found
            more = {"ContinuationToken": token}

    def _buckets(self, more: dict[str, Any]) -> tuple[list[BucketInfo], str | None]:
        answer = self.client.list_buckets(**more)
        return answers.buckets(answer), answer.get("ContinuationToken")

    # objects

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        body = SourceBody(source)
        length = source.length
        if length is None or (length > self.part_bytes and not source.rewindable) or self._too_large(length):
            return put_in_parts(self, bucket, key, body, options, part_bytes=self._part_size(length))
        send = params.put_params(options)
        answer = self.send("put", bucket, key, body, length, self.client.put_object, options, send)
        return answers.put_result(answer, size=length)

    def _too_large(self, length: int) -> bool:
        limit = self._capabilities.limits.max_put_bytes
        return limit is not None and length > limit

    def _part_size(self, length: int | None) -> int:
        return max(self.part_bytes, -(-(length or 0) // self._capabilities.limits.max_parts))

    def get(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reader(bucket, key, options).open()

    def head(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reader(bucket, key, options).head()

    def _reader(self, bucket: str, key: str, options: ReadOptions) -> S3Reader:
        call = partial(self.call, safety=Safety.READ, bucket=bucket, key=key)
        return S3Reader(self.client, bucket, key, options, call, self.retrier)

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        send = params.delete_params(request)
        self.call(
            "delete",
            lambda: self.client.delete_object(Bucket=bucket, Key=request.key, **send),
            safety=Safety.ONCE if request.is_conditional else Safety.IDEMPOTENT,
            bucket=bucket,
            key=request.key,
        )

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """One DeleteObjects; keys that XML 1.0 cannot write (control characters) are deleted one by one."""
        rows = [request for request in requests if xml_can_carry(request.key)]
        result = self._delete_rows(bucket, rows) if rows else DeleteResult()
        for request in requests:
            if not xml_can_carry(request.key):
                try:
                    self.delete(bucket, request)
                    result.deleted.append(request.key)
                except StoreError as error:
                    result.errors.append(DeleteError(key=request.key, code=error.code, message=error.message))
        return result

    def _delete_rows(self, bucket: str, rows: Sequence[DeleteRequest]) -> DeleteResult:
        objects: list[Any] = [params.delete_row(row) for row in rows]
        return self.call(
            "delete_many",
            lambda: answers.deleted(
                self.client.delete_objects(Bucket=bucket, Delete={"Objects": objects}), [row.key for row in rows]
            ),
            safety=Safety.ONCE if any(row.is_conditional for row in rows) else Safety.IDEMPOTENT,
            bucket=bucket,
        )

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        send = params.copy_params(source_bucket, source_key, options) | params.write_conditions(options.conditions)
        if options.attributes is not None:
            send |= params.attribute_params(options.attributes) | {"MetadataDirective": "REPLACE"}
        if options.checksum_algorithm:
            send["ChecksumAlgorithm"] = options.checksum_algorithm

        def copied() -> PutResult:
            answer = self.client.copy_object(Bucket=bucket, Key=key, **send)
            return answers.put_result(answer.get("CopyObjectResult", {}), version_id=answer.get("VersionId"))

        with missing_source(source_bucket, source_key, options.conditions):
            return self.call(
                "copy",
                copied,
                safety=Safety.ONCE if options.conditions else Safety.IDEMPOTENT,
                bucket=bucket,
                key=key,
                exclusive=options.conditions.if_none_match == "*",
            )

    # signing

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        operation, send = params.sign_params(options)
        url: str = self.call(
            "sign",
            lambda: self.client.generate_presigned_url(
                operation, Params={"Bucket": bucket, "Key": key, **send}, ExpiresIn=options.expires_in
            ),
            bucket=bucket,
            key=key,
        )
        return url

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        def form() -> dict[str, Any]:
            return self.client.generate_presigned_post(
                Bucket=bucket,
                Key=key,
                Fields=dict(options.fields),
                Conditions=[{name: value} for name, value in options.fields.items()] + list(options.conditions),
                ExpiresIn=options.expires_in,
            )

        made = self.call("sign_post", form, bucket=bucket, key=key)
        return SignedForm(made["url"], made["fields"])

    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
    ) -> ListPage:
        send: dict[str, Any] = {"MaxKeys": max_keys}
        if prefix:
            send["Prefix"] = prefix
        if delimiter:
            send["Delimiter"] = delimiter
        if token is not None:
            send["ContinuationToken"] = token
        elif start_after:
            send["StartAfter"] = start_after
        return self.call(
            "list", lambda: answers.list_page(self.client.list_objects_v2(Bucket=bucket, **send)), bucket=bucket
        )
