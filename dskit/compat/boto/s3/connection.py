"""boto 2's connection to S3, over any dskit storage."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

from ....clock import Clock, SystemClock
from ....errors import BucketExistsError, StoreError
from ....service import Service
from ...storage import configured_service
from ..access import AccessLists, access_of
from ..exception import BotoClientError, S3CreateError, server_error, translated
from ..resultset import ResultSet
from ..signing import signature, string_to_sign
from .bucket import Bucket
from .calling_format import (
    OrdinaryCallingFormat,
    ProtocolIndependentOrdinaryCallingFormat,
    SubdomainCallingFormat,
    VHostCallingFormat,
    check_lowercase_bucketname,
    key_text,
)
from .headers import acl_of, iso, refuse_headers
from .key import Key
from .user import User

__all__ = [
    "HostRequiredError",
    "Location",
    "NoHostProvided",
    "OrdinaryCallingFormat",
    "ProtocolIndependentOrdinaryCallingFormat",
    "S3Connection",
    "SubdomainCallingFormat",
    "VHostCallingFormat",
    "check_lowercase_bucketname",
]

ENVIRONMENT, CONNECT = "DSKIT_BOTO_STORE", "dskit.compat.boto.connect(storage)"


class Location:
    DEFAULT = ""  # US Classic Region
    EU = "EU"
    EUCentral1 = "eu-central-1"
    USWest = "us-west-1"
    USWest2 = "us-west-2"
    SAEast = "sa-east-1"
    APNortheast = "ap-northeast-1"
    APSoutheast = "ap-southeast-1"
    APSoutheast2 = "ap-southeast-2"
    CNNorth1 = "cn-north-1"


class NoHostProvided:
    """The default of `host`. Never instantiated."""


class HostRequiredError(BotoClientError):
    pass


class Ground(NamedTuple):
    """What connections stand on."""

    service: Service
    access: AccessLists
    clock: Clock


def standing_on(service: Service, clock: Clock | None = None) -> Ground:
    return Ground(service, access_of(service), clock or SystemClock())


class S3Connection:
    """boto's signature. Credentials, host and calling format are those of the URLs that it signs; the storage is open
    already, so nothing else of them counts. `dskit.compat.boto.connect(storage)` makes classes with a storage; this one
    reads ``DSKIT_BOTO_STORE``.
    """

    DefaultHost = "s3.amazonaws.com"
    DefaultCallingFormat = "boto.s3.connection.SubdomainCallingFormat"
    QueryString = "Signature=%s&Expires=%d&AWSAccessKeyId=%s"

    bound: ClassVar[Ground | None] = None

    def __init__(
        self,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        is_secure: bool = True,
        port: int | None = None,
        proxy: Any = None,
        proxy_port: Any = None,
        proxy_user: Any = None,
        proxy_pass: Any = None,
        host: Any = NoHostProvided,
        debug: int = 0,
        https_connection_factory: Any = None,
        calling_format: Any = DefaultCallingFormat,
        path: str = "/",
        provider: Any = "aws",
        bucket_class: type[Bucket] = Bucket,
        security_token: str | None = None,
        suppress_consec_slashes: bool = True,
        anon: bool = False,
        validate_certs: Any = None,
        profile_name: Any = None,
    ) -> None:
        self.service, self.access, self.clock = self.bound or standing_on(configured_service(ENVIRONMENT, CONNECT))
        if isinstance(calling_format, str):
            name = calling_format.rpartition(".")[2]
            calling_format = getattr(importlib.import_module(f"{__package__}.calling_format"), name)()
        self.calling_format = calling_format
        self.bucket_class = bucket_class
        self.anon = anon
        self.host = self.DefaultHost if host is NoHostProvided else host
        self.is_secure = is_secure
        self.protocol = "https" if is_secure else "http"
        self.port = port or (443 if is_secure else 80)
        self.path = path
        self.debug = debug
        self.suppress_consec_slashes = suppress_consec_slashes
        self.aws_access_key_id = aws_access_key_id
        self.aws_secret_access_key = aws_secret_access_key
        self.security_token = security_token
        self.owner = User(id=hashlib.sha256((aws_access_key_id or "").encode()).hexdigest())
        self.owner.display_name = aws_access_key_id or ""

    access_key = property(lambda self: self.aws_access_key_id)
    secret_key = property(lambda self: self.aws_secret_access_key)

    def __iter__(self) -> Iterator[Bucket]:
        yield from self.get_all_buckets()

    def __contains__(self, bucket_name: str) -> bool:
        return self.lookup(bucket_name) is not None

    def set_bucket_class(self, bucket_class: type[Bucket]) -> None:
        self.bucket_class = bucket_class

    def get_all_buckets(self, headers: Any = None) -> ResultSet:
        refuse_headers(headers)
        found = ResultSet([("Bucket", self.bucket_class)])
        for info in self._list_buckets():
            bucket = self.bucket_class(self, info.name)
            bucket.creation_date = iso(info.created) if info.created else None
            found.append(bucket)
        found.owner = self.owner  # type: ignore[attr-defined]
        return found

    @translated
    def _list_buckets(self) -> Any:
        return self.service.list_buckets()

    def get_canonical_user_id(self, headers: Any = None) -> str:
        refuse_headers(headers)
        return self.owner.id

    def get_bucket(self, bucket_name: str, validate: bool = True, headers: Any = None) -> Bucket:
        if validate:
            return self.head_bucket(bucket_name, headers=headers)
        return self.bucket_class(self, bucket_name)

    def head_bucket(self, bucket_name: str, headers: Any = None) -> Bucket:
        refuse_headers(headers)
        try:
            self.service.head_bucket(bucket_name)
        except StoreError as error:
            raised = server_error(error, body=False)
            raised.error_code, raised.error_message = error.code, error.message
            if raised.status == 404:  # boto's words, for an answer that has none
                raised.error_code, raised.error_message = "NoSuchBucket", "The specified bucket does not exist"
            raise raised from error
        return self.bucket_class(self, bucket_name)

    def lookup(self, bucket_name: str, validate: bool = True, headers: Any = None) -> Bucket | None:
        try:
            return self.get_bucket(bucket_name, validate, headers=headers)
        except Exception:  # boto's lookup answers None whatever happens
            return None

    def create_bucket(
        self, bucket_name: str, headers: Any = None, location: str = Location.DEFAULT, policy: str | None = None
    ) -> Bucket:
        check_lowercase_bucketname(bucket_name)
        acl = policy or acl_of(headers)
        try:
            self.service.create_bucket(bucket_name, region=location or None)
            if acl:
                self.access.put_canned(bucket_name, None, acl, self.owner)
        except BucketExistsError as error:
            raise server_error(error, S3CreateError) from error
        except StoreError as error:
            raise server_error(error) from error
        return self.bucket_class(self, bucket_name)

    @translated
    def delete_bucket(self, bucket: Any, headers: Any = None) -> None:
        refuse_headers(headers)
        name: Any = bucket.name if isinstance(bucket, Bucket) else bucket
        self.service.delete_bucket(name)

    def generate_url(
        self,
        expires_in: float,
        method: str,
        bucket: Any = "",
        key: Any = "",
        headers: Mapping[str, str] | None = None,
        query_auth: bool = True,
        force_http: bool = False,
        response_headers: Mapping[str, str] | None = None,
        expires_in_absolute: bool = False,
        version_id: str | None = None,
    ) -> str:
        """A URL for anybody, signed with this connection's credentials (version 2) or, with ``query_auth=False``, not.

        With `force_http` it has no port, as in boto: port 80 is meant.
        """
        bucket = bucket.name if isinstance(bucket, Bucket) else bucket
        key = key.name if isinstance(key, Key) else key
        sent = dict(headers or {})
        now = 0 if expires_in_absolute else self.clock.now().timestamp()
        expires = int(now + expires_in)
        if self.security_token:
            sent["x-amz-security-token"] = self.security_token
        extra = [f"versionId={version_id}"] if version_id is not None else []
        extra += [f"{name}={quote(value)}" for name, value in (response_headers or {}).items()]
        resource = self.get_path(self.calling_format.build_auth_path(bucket, key))
        if extra:
            resource += "?" + "&".join(extra)
        query = []
        if query_auth and not self.anon:
            if not self.aws_secret_access_key:
                raise BotoClientError("a URL is signed with aws_access_key_id and aws_secret_access_key; give both")
            signed = signature(self.aws_secret_access_key, string_to_sign(method, resource, sent, expires))
            query.append(self.QueryString % (quote(signed, safe=""), expires, self.aws_access_key_id))
        query += extra
        query += [f"{name}={quote(value)}" for name, value in sent.items() if name.startswith("x-amz-")]
        protocol, port = ("http", 80) if force_http else (self.protocol, self.port)
        url: str = self.calling_format.build_url_base(self, protocol, self.server_name(port), bucket, key)
        return url + ("?" + "&".join(query) if query else "")

    def get_path(self, path: str = "/") -> str:
        """The path as it is sent: empty segments are left out unless `suppress_consec_slashes` is False."""
        if not self.suppress_consec_slashes:
            return self.path + re.sub("^(/*)/", "\\1", path)
        path, question, params = path.partition("?")
        parts = [part for part in (*self.path.split("/"), *path.split("/")) if part]
        end = "/" if path.endswith("/") and parts else ""
        return "/" + "/".join(parts) + end + question + params

    def stored_name(self, name: Any) -> str:
        """The key that a name stands for: ``a//b`` and ``/a/b`` are ``a/b``, as `get_path` says.

        Raises BotoClientError for a name that would be no key at all.
        """
        text = name if isinstance(name, str) else key_text(name)
        if not self.suppress_consec_slashes or not (text.startswith("/") or "//" in text):
            return text
        key = "/".join(part for part in text.split("/") if part)
        if not key and text:
            raise BotoClientError(
                f"the key {text!r} is empty without its slashes; connect with suppress_consec_slashes=False"
            )
        return key + "/" if text.endswith("/") else key

    def server_name(self, port: int | None = None) -> str:
        port = port or self.port
        return self.host if port == 80 else f"{self.host}:{port}"

    def close(self) -> None:
        """Nothing to close: the storage is its owner's."""
