"""``import boto`` for code that is not to be changed, where boto is not installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ...clock import Clock
from ..shim import importable
from ..storage import Storage, service_of
from .s3.connection import S3Connection, standing_on

__all__ = ["connect", "modules", "provided"]

NAMES = {
    "boto.exception": "exception",
    "boto.resultset": "resultset",
    "boto.s3.acl": "s3.acl",
    "boto.s3.bucket": "s3.bucket",
    "boto.s3.bucketlistresultset": "s3.listing",
    "boto.s3.connection": "s3.connection",
    "boto.s3.key": "s3.key",
    "boto.s3.multidelete": "s3.multidelete",
    "boto.s3.multipart": "s3.multipart",
    "boto.s3.prefix": "s3.prefix",
    "boto.s3.user": "s3.user",
}


def connect(storage: Storage, *, clock: Clock | None = None) -> type[S3Connection]:
    """boto's class `S3Connection`, over a storage. Connections made from it share ACLs that the storage cannot keep.

    `clock` is what the end of a signed URL counts from.
    """
    bound = standing_on(service_of(storage), clock)
    return type("S3Connection", (S3Connection,), {"bound": bound, "__module__": S3Connection.__module__})


def modules(storage: Storage, *, clock: Clock | None = None) -> dict[str, ModuleType]:
    """boto's modules by name, over a storage, for `sys.modules`."""
    connection = connect(storage, clock=clock)

    def connect_s3(
        aws_access_key_id: str | None = None, aws_secret_access_key: str | None = None, **kwargs: Any
    ) -> Any:
        return connection(aws_access_key_id, aws_secret_access_key, **kwargs)

    made = {"boto": ModuleType("boto", "Provided by dskit."), "boto.s3": ModuleType("boto.s3", "Provided by dskit.")}
    for name, inner in NAMES.items():
        source = importlib.import_module(f"{__package__}.{inner}")
        module = made[name] = ModuleType(name, source.__doc__)
        module.__dict__.update({key: value for key, value in vars(source).items() if key in source.__all__})
    for name, module in made.items():
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(made[parent], leaf, module)
            made[parent].__path__ = []
    made["boto"].connect_s3 = connect_s3  # type: ignore[attr-defined]
    made["boto.s3.connection"].S3Connection = connection  # type: ignore[attr-defined]
    return made


@contextmanager
def provided(storage: Storage, *, clock: Clock | None = None) -> Iterator[ModuleType]:
    """Inside the block ``import boto`` works, and connects to `storage`.

    Raises `ConfigurationError`, and changes nothing, where boto is installed or provided already.
    """
    with importable(lambda: modules(storage, clock=clock), "boto") as made:
        yield made["boto"]
