"""The backend port on minio-py. Imported only when a MinIO store is constructed: minio-py must be there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from minio.datatypes import Bucket

from ..backend import Source
from ..clock import SystemClock
from ..errors import InvalidBucketNameError, InvalidKeyError, InvalidRequestError, StoreError
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
from . import minio_headers as headers
from . import minio_xml as xml
from .minio_calls import check_segments, has_dot_segment
from .minio_errors import refused_document
from .minio_forms import FormPolicy
from .minio_reading import MinIOReader
from .minio_uploads import MinIOUploads, stored
from .remote_body import SourceBody, with_digest
from .remote_errors import MalformedAnswer, missing_source
from .remote_meta import CHECKSUM_NAMES, quoted
from .remote_reading import RemoteReading
from .remote_upload import put_in_parts
from .remote_xml import xml_can_carry

__all__ = ["MinIOService"]


class MinIOService(MinIOUploads):
    """Buckets of a MinIO, or of any S3 endpoint, through minio-py.

    * `endpoint` is ``HOST[:PORT]``, or a URL, whose scheme then decides `secure`. `region` None lets minio-py ask
      for each bucket's (GetBucketLocation, once).
    * Credentials are the keywords, else MINIO_ACCESS_KEY/MINIO_SECRET_KEY, MINIO_ROOT_USER/MINIO_ROOT_PASSWORD or
      the AWS names in the environment; `anonymous` signs nothing.
    * `retries` are ours; minio-py's own, in its urllib3 pool, are off. `dskit.retry` says what is sent again.
    * A put of up to `part_bytes` is one request, a larger one a multipart upload of such parts (minio-py hashes and
      sends bytes in memory), whose ETag is that of an upload. There is no ``Expect: 100-continue``.
    * Keys with ``.`` or ``..`` segments are refused.
    * `capabilities` overrides what is declared, for a server that is known to differ from S3.
    """

    # buckets: minio-py's public methods

    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        try:
            self.call(
                "create_bucket",
                lambda: self.client.make_bucket(bucket, location=region),
                safety=Safety.ONCE,
                bucket=bucket,
            )
        except ValueError as error:
            if isinstance(error, StoreError):
                raise
            kind = InvalidRequestError if "region" in str(error) else InvalidBucketNameError
            raise kind(str(error), operation="create_bucket", bucket=bucket) from error
        return BucketInfo(name=bucket, region=region or "us-east-1")

    def head_bucket(self, bucket: str) -> BucketInfo:
        answered = self.send("head_bucket", "HEAD", bucket, read=lambda answer: answer.headers)
        return BucketInfo(name=bucket, region=answered.get("x-amz-bucket-region"))

    def delete_bucket(self, bucket: str) -> None:
        self.call("delete_bucket", lambda: self.client.remove_bucket(bucket), safety=Safety.ONCE, bucket=bucket)

    def list_buckets(self) -> list[BucketInfo]:
        found = self.call("list_buckets", self._buckets)
        return [BucketInfo(name=each.name, created=each.creation_date) for each in found]

    def _buckets(self) -> list[Bucket]:
        try:
            return self.client.list_buckets()
        except ValueError as error:  # minio-py's own of a document that has no buckets; its errors of S3 are none
            raise MalformedAnswer(str(error)) from error

    # objects

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        check_segments(key)
        body = SourceBody(source)
        length = source.length
        if length is None or length > self.part_bytes:
            part_bytes = max(self.part_bytes, -(-(length or 0) // self._capabilities.limits.max_parts))
            return put_in_parts(self, bucket, key, body, options, part_bytes=part_bytes)
        data = body.read()
        answered = self.send(
            "put",
            "PUT",
            bucket,
            key,
            headers=headers.put_headers(with_digest(options, data)),
            body=data,
            safety=Safety.ONCE if options.conditions else Safety.IDEMPOTENT,
            exclusive=options.conditions.if_none_match == "*",
            read=stored,
        )
        digests = {name: value for name in CHECKSUM_NAMES if (value := answered.get(f"x-amz-checksum-{name.lower()}"))}
        return PutResult(
            etag=quoted(answered["etag"]),
            version_id=answered.get("x-amz-version-id"),
            size=length,
            checksums=digests,
            checksum_type=answered.get("x-amz-checksum-type") if digests else None,
        )

    def get(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reader(bucket, key, options).open()

    def head(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reader(bucket, key, options).head()

    def _reader(self, bucket: str, key: str, options: ReadOptions) -> MinIOReader:
        return MinIOReader(key, options, partial(self.send, bucket=bucket, key=key), self.retrier)

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        send = {
            name: value
            for name, value in (
                ("if-match", request.if_match),
                ("x-amz-if-match-size", None if request.if_match_size is None else str(request.if_match_size)),
                ("x-amz-if-match-last-modified-time", headers.http_time(request.if_match_last_modified)),
            )
            if value is not None
        }
        self.send(
            "delete",
            "DELETE",
            bucket,
            request.key,
            query={"versionId": request.version_id} if request.version_id is not None else {},
            headers=send,
            safety=Safety.ONCE if request.is_conditional else Safety.IDEMPOTENT,
            read=lambda answer: None,
        )

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """One DeleteObjects; keys that XML 1.0 cannot write (control characters) are deleted one by one.

        A key with a dot segment is refused like everywhere else, by an error of its own. It could be sent here, but
        a real MinIO that gets `b` beside `a/../b` in one batch locks the same name twice and never answers.
        """
        rows = [request for request in requests if xml_can_carry(request.key) and not has_dot_segment(request.key)]
        result = self._delete_rows(bucket, rows) if rows else DeleteResult()
        for request in requests:
            if has_dot_segment(request.key) or not xml_can_carry(request.key):
                try:
                    self.delete(bucket, request)
                    result.deleted.append(request.key)
                except StoreError as error:
                    result.errors.append(DeleteError(key=request.key, code=error.code, message=error.message))
        return result

    def _delete_rows(self, bucket: str, rows: Sequence[DeleteRequest]) -> DeleteResult:
        body = xml.delete_body(rows)
        return self.send(
            "delete_many",
            "POST",
            bucket,
            query={"delete": ""},
            headers={"Content-Type": "application/xml", "Content-MD5": headers.content_md5(body)},
            body=body,
            safety=Safety.ONCE if any(row.is_conditional for row in rows) else Safety.IDEMPOTENT,
            read=lambda answer: xml.deleted(refused_document(answer.data), [row.key for row in rows]),
        )

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        check_segments(source_key)
        send = headers.copy_headers(source_bucket, source_key, options) | headers.condition_headers(options.conditions)
        if options.attributes is not None:
            send |= headers.attribute_headers(options.attributes) | {"x-amz-metadata-directive": "REPLACE"}
        if options.checksum_algorithm:
            send["x-amz-checksum-algorithm"] = options.checksum_algorithm
        with missing_source(source_bucket, source_key, options.conditions):
            return self.send(
                "copy",
                "PUT",
                bucket,
                key,
                headers=send,
                safety=Safety.ONCE if options.conditions else Safety.IDEMPOTENT,
                exclusive=options.conditions.if_none_match == "*",
                read=lambda answer: xml.put_result(refused_document(answer.data), answer.headers),
            )

    # signing

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        check_segments(key)

        def url() -> str:
            return self.client.get_presigned_url(
                options.method,
                bucket,
                key,
                expires=timedelta(seconds=options.expires_in),
                response_headers={**options.response_query()},
                version_id=options.version_id,
            )

        try:
            return self.call("sign", url, bucket=bucket, key=key)
        except ValueError as error:
            if isinstance(error, StoreError):
                raise
            raise InvalidKeyError(f"minio-py signs nothing for this key: {error}") from error  # a blank one

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        form = FormPolicy(bucket, key, options, SystemClock().now())
        fields = self.call("sign_post", lambda: self.client.presigned_post_policy(form), bucket=bucket, key=key)
        return SignedForm(f"{self.origin}/{bucket}", fields)

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
        query = {"list-type": "2", "encoding-type": "url", "max-keys": str(max_keys)}
        query |= {name: value for name, value in (("prefix", prefix), ("delimiter", delimiter)) if value}
        if token is not None:
            query["continuation-token"] = token
        elif start_after:
            query["start-after"] = start_after
        return self.send(
            "list",
            "GET",
            bucket,
            query=query,
            read=lambda answer: xml.list_page(refused_document(answer.data)),
        )
