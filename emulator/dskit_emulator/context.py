"""What an operation knows beside its input: who asks, through which door, and the state it may touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dskit.backend import PushService
from dskit.types import BucketInfo

from .accounts import Account, Accounts
from .messages import RequestHead
from .rules import Rules

if TYPE_CHECKING:
    from dskit.clock import Clock

__all__ = ["Call"]


class Call:
    """One call of one operation. Made by the pipeline after authentication, thrown away with the answer.

    `region` is the region of the endpoint that the request was sent to. `bucket` is the bucket of the request as it was
    found, None for operations without one and for CreateBucket on a free name. `origin` is ``http://HOST[:PORT]`` as
    the client wrote it in `head` and `virtual` tells whether the bucket was in it. `trailer` is the checksum algorithm
    that the client announced for the end of the body.
    """

    __slots__ = (
        "account",
        "accounts",
        "anonymous",
        "bucket",
        "clock",
        "head",
        "region",
        "rules",
        "store",
        "trailer",
        "virtual",
    )

    def __init__(
        self,
        store: PushService,
        account: Account,
        accounts: Accounts,
        rules: Rules,
        clock: Clock,
        region: str,
        bucket: BucketInfo | None,
        anonymous: bool,
        head: RequestHead,
        virtual: bool = False,
        trailer: str | None = None,
    ) -> None:
        self.store = store
        self.account = account
        self.accounts = accounts
        self.rules = rules
        self.clock = clock
        self.region = region
        self.bucket = bucket
        self.anonymous = anonymous
        self.head = head
        self.virtual = virtual
        self.trailer = trailer

    @property
    def origin(self) -> str:
        return f"{'https' if self.head.secure else 'http'}://{self.head.get('host')}"

    @property
    def owner_id(self) -> str:
        """Canonical id of the bucket's owner; that of the default account where the store keeps no owners."""
        return (self.bucket.owner if self.bucket else None) or self.accounts.default.canonical_id
