"""Planes: what other SDKs speak beside S3, on the endpoint's own port and over the same buckets.

A plane claims some request targets and passes on the rest, S3's. It answers with presigned URLs of the same endpoint
where its protocol moves bytes, so that checks, conditions and faults of S3 hold for them too. To add one: a module here
with a class that satisfies `Plane`, and a row in `PLANES`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from dskit.errors import ConfigurationError

if TYPE_CHECKING:
    from dskit.backend import PushService
    from dskit.clock import Clock
    from dskit.ids import Ids

    from ..accounts import Account, Accounts
    from ..messages import Exchange, Handler, RequestHead, Response
    from ..wire.presigning import Presigner

__all__ = ["PLANES", "Plane", "PlaneMaker", "PlaneSwitch", "Surroundings", "make_planes"]

PLANES: Mapping[str, str] = MappingProxyType(
    {
        "craft_ai": "craft_ai:CraftAiPlane",
        "domino": "domino:DominoPlane",
    }
)
"""Name of a plane to ``module:class``; the module is imported when the plane is asked for."""

_NO_QUERY: Mapping[str, str] = MappingProxyType({})
_SIGNED_FOR_S3 = ("X-Amz-Signature=", "AWSAccessKeyId=")


class Surroundings:
    """The endpoint as a plane sees it.

    `url` makes URLs that the same endpoint honours; `s3` is the endpoint's S3 itself, to be asked in process
    (`s3_calls.S3Calls`), so that the rights of accounts are checked in one place.
    """

    __slots__ = ("_presigner", "accounts", "clock", "ids", "region", "s3", "store")

    def __init__(
        self,
        *,
        s3: Handler,
        store: PushService,
        accounts: Accounts,
        clock: Clock,
        ids: Ids,
        region: str,
        presigner: Presigner,
    ) -> None:
        self.s3 = s3
        self.store = store
        self.accounts = accounts
        self.clock = clock
        self.ids = ids
        self.region = region
        self._presigner = presigner

    def url(
        self,
        account: Account,
        method: str,
        bucket: str,
        key: str = "",
        *,
        origin: str,
        expires_in: int,
        query: Mapping[str, str] = _NO_QUERY,
    ) -> str:
        """A presigned URL of an object, or of a bucket, as `account`.

        `origin` is ``http://HOST[:PORT]`` as the client will write it, `expires_in` seconds. Raises
        `BucketNotFoundError`: the signature names the bucket's region.
        """
        region = self._region_of(bucket)
        now = self.clock.now()
        return self._presigner.url(
            account, method, bucket, key, origin=origin, region=region, now=now, expires_in=expires_in, query=query
        )

    def form(self, account: Account, bucket: str, key: str, *, expires_in: int) -> dict[str, str]:
        """The signed fields of a form that uploads one file under `key`, as `account`; its address is the bucket's.

        Raises `InvalidKeyError` for a key in which S3 would replace something, `BucketNotFoundError`.
        """
        from dskit.errors import InvalidKeyError
        from dskit.signers import FILENAME, FormOptions

        if FILENAME in key:
            raise InvalidKeyError(f"S3 replaces {FILENAME} in the key of a form: {key!r} cannot be uploaded by one")
        region = self._region_of(bucket)
        options = FormOptions(expires_in=expires_in)
        return self._presigner.form(account, bucket, key, options, region=region, now=self.clock.now())

    def _region_of(self, bucket: str) -> str:
        from ..ops.regions import region_of

        return region_of(self.store.head_bucket(bucket).region)


class Plane(Protocol):
    """One protocol."""

    @property
    def name(self) -> str: ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The beginnings of the raw request targets that may be the plane's."""
        ...

    def open(self, head: RequestHead) -> Exchange | Response | None:
        """As `messages.Handler.open`; None passes the request on. Never raises. Blocks only if the store does."""
        ...

    def env(self, url: str, account: Account) -> dict[str, str]:
        """The variables with which the SDK finds this plane at `url`, as `account`."""
        ...


PlaneMaker = Callable[[Surroundings], Plane]
"""A plane with options of its own: ``functools.partial(DominoPlane, sources={…})``."""


def make_planes(wanted: Iterable[str | PlaneMaker], surroundings: Surroundings) -> dict[str, Plane]:
    """Build planes by name or maker. Raises `ConfigurationError` for an unknown name and for one asked for twice."""
    planes: dict[str, Plane] = {}
    for item in wanted:
        plane = (_find(item) if isinstance(item, str) else item)(surroundings)
        if plane.name in planes:
            raise ConfigurationError(f"plane {plane.name!r} is given twice")
        planes[plane.name] = plane
    return planes


def _find(name: str) -> PlaneMaker:
    if name not in PLANES:
        raise ConfigurationError(f"there is no plane {name!r}; there are: {', '.join(sorted(PLANES))}")
    module, _, attribute = PLANES[name].partition(":")
    maker: PlaneMaker = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return maker


class PlaneSwitch:
    """A handler that offers each request to the planes whose prefix it has, then to S3.

    A request that is signed for S3 is S3's, whatever its target: a bucket may be called like a plane's path.
    """

    __slots__ = ("_inner", "_planes", "_prefixes", "blocking")

    def __init__(self, planes: Iterable[Plane], inner: Handler) -> None:
        self._planes = tuple(planes)
        self._prefixes = tuple(prefix for plane in self._planes for prefix in plane.prefixes)
        self._inner = inner
        self.blocking = inner.blocking

    def open(self, head: RequestHead, body: bytes | None = None) -> Exchange | Response:
        target = head.target
        if target.startswith(self._prefixes) and not _signed_for_s3(head):
            for plane in self._planes:
                opened = plane.open(head) if target.startswith(plane.prefixes) else None
                if opened is not None:
                    return opened
        return self._inner.open(head, body)


def _signed_for_s3(head: RequestHead) -> bool:
    return head.get("authorization").startswith("AWS") or any(name in head.target for name in _SIGNED_FOR_S3)
