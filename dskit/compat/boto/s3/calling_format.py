"""How boto 2 writes a bucket into a URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..exception import BotoClientError

__all__ = [
    "OrdinaryCallingFormat",
    "ProtocolIndependentOrdinaryCallingFormat",
    "SubdomainCallingFormat",
    "VHostCallingFormat",
    "check_lowercase_bucketname",
    "key_text",
]


def key_text(key: str | bytes) -> str:
    return key.decode() if isinstance(key, bytes) else key


def check_lowercase_bucketname(n: str) -> bool:
    if n != n.lower():
        raise BotoClientError(
            "Bucket names cannot contain upper-case characters when using either the sub-domain or virtual hosting "
            "calling format."
        )
    return True


class _CallingFormat:
    def get_bucket_server(self, server: str, bucket: str) -> str:
        return ""

    def build_url_base(self, connection: Any, protocol: str, server: str, bucket: str, key: str = "") -> str:
        path: str = connection.get_path(self.build_path_base(bucket, key))
        return f"{protocol}://{self.build_host(server, bucket)}{path}"

    def build_host(self, server: str, bucket: str) -> str:
        return self.get_bucket_server(server, bucket) if bucket else server

    def build_auth_path(self, bucket: str, key: str = "") -> str:
        return f"/{bucket}/{quote(key_text(key))}" if bucket else f"/{quote(key_text(key))}"

    def build_path_base(self, bucket: str, key: str = "") -> str:
        return f"/{quote(key_text(key))}"


class SubdomainCallingFormat(_CallingFormat):
    def get_bucket_server(self, server: str, bucket: str) -> str:
        check_lowercase_bucketname(bucket)
        return f"{bucket}.{server}"


class VHostCallingFormat(_CallingFormat):
    def get_bucket_server(self, server: str, bucket: str) -> str:
        check_lowercase_bucketname(bucket)
        return bucket


class OrdinaryCallingFormat(_CallingFormat):
    def get_bucket_server(self, server: str, bucket: str) -> str:
        return server

    def build_path_base(self, bucket: str, key: str = "") -> str:
        return f"/{bucket}/{quote(key_text(key))}" if bucket else f"/{quote(key_text(key))}"


class ProtocolIndependentOrdinaryCallingFormat(OrdinaryCallingFormat):
    def build_url_base(self, connection: Any, protocol: str, server: str, bucket: str, key: str = "") -> str:
        path: str = connection.get_path(self.build_path_base(bucket, key))
        return f"//{self.build_host(server, bucket)}{path}"
