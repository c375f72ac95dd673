"""Signs for the store behind an endpoint: what lets `store.sign` work on memory and files while they are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dskit.backend import ObjectService
from dskit.clock import Clock
from dskit.errors import BucketNotFoundError

from .accounts import Accounts
from .ops.regions import region_of
from .wire.presigning import Presigner

if TYPE_CHECKING:
    from dskit.signers import FormOptions, SignedForm, SignOptions

__all__ = ["EndpointSigner"]


class EndpointSigner:
    """A `dskit.signers.Signer` whose URLs lead to one endpoint, signed for its default account by its clock.

    The region is that of the bucket, of the endpoint where there is none yet.
    """

    def __init__(self, backend: ObjectService, origin: str, accounts: Accounts, clock: Clock, region: str) -> None:
        self._backend = backend
        self._origin = origin
        self._presigner = Presigner()
        self._accounts = accounts
        self._clock = clock
        self._region = region

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        query = options.response_query()
        if options.version_id is not None:
            query["versionId"] = options.version_id
        return self._presigner.url(
            self._accounts.default,
            options.method,
            bucket,
            key,
            origin=self._origin,
            region=self._bucket_region(bucket),
            now=self._clock.now(),
            expires_in=options.expires_in,
            query=query,
            content_type=options.content_type,
        )

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        from dskit.signers import SignedForm

        fields = self._presigner.form(
            self._accounts.default,
            bucket,
            key,
            options,
            region=self._bucket_region(bucket),
            now=self._clock.now(),
        )
        return SignedForm(f"{self._origin}/{bucket}", fields)

    def _bucket_region(self, bucket: str) -> str:
        try:
            return region_of(self._backend.head_bucket(bucket).region)
        except BucketNotFoundError:
            return self._region
