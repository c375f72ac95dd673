"""boto 2's S3, in its Python 3 form, over any dskit store: ``connect_s3``, buckets, keys, ACLs, signed URLs.

>>> from dskit.compat import boto
>>> connection = boto.connect("memory:")(aws_access_key_id="any", aws_secret_access_key="any")
>>> key = connection.create_bucket("my-new-bucket").new_key("hello.txt")
>>> key.set_contents_from_string("Hello World!")
12

`connect(storage)` is a class `S3Connection`; `provided(storage)` lets ``import boto`` work unchanged; `connect_s3`
takes its storage from ``DSKIT_BOTO_STORE``, a URL. What differs from the package: docs/compat/boto.md.
"""

from __future__ import annotations

from typing import Any

from . import exception
from .s3 import connection as _connection
from .s3.connection import S3Connection
from .shim import connect, modules, provided

__all__ = ["S3Connection", "connect", "connect_s3", "exception", "modules", "provided"]


def connect_s3(
    aws_access_key_id: str | None = None, aws_secret_access_key: str | None = None, **kwargs: Any
) -> S3Connection:
    return _connection.S3Connection(aws_access_key_id, aws_secret_access_key, **kwargs)
