"""The verbs that sign, for coroutines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .aio_view import AsyncView, documented
from .signers import SignedForm
from .signing import Condition, Lifetime, Method, SigningVerbs

__all__ = ["AsyncSigningVerbs"]


@documented(SigningVerbs)
class AsyncSigningVerbs(AsyncView):
    async def sign(
        self,
        key: str,
        method: Method = "GET",
        *,
        expires_in: Lifetime = 3600,
        content_type: str | None = None,
        version_id: str | None = None,
        response_content_type: str | None = None,
        response_content_disposition: str | None = None,
        response_content_encoding: str | None = None,
        response_content_language: str | None = None,
        response_cache_control: str | None = None,
        response_expires: str | datetime | None = None,
    ) -> str:
        return await self._call(
            self.store.sign,
            key,
            method,
            expires_in=expires_in,
            content_type=content_type,
            version_id=version_id,
            response_content_type=response_content_type,
            response_content_disposition=response_content_disposition,
            response_content_encoding=response_content_encoding,
            response_content_language=response_content_language,
            response_cache_control=response_cache_control,
            response_expires=response_expires,
        )

    async def sign_post(
        self,
        key: str,
        *,
        expires_in: Lifetime = 3600,
        content_type: str | None = None,
        content_length_range: tuple[int, int] | None = None,
        metadata: Mapping[str, str] | None = None,
        success_action_status: int | None = None,
        success_action_redirect: str | None = None,
        fields: Mapping[str, str] | None = None,
        conditions: Sequence[Condition] = (),
    ) -> SignedForm:
        return await self._call(
            self.store.sign_post,
            key,
            expires_in=expires_in,
            content_type=content_type,
            content_length_range=content_length_range,
            metadata=metadata,
            success_action_status=success_action_status,
            success_action_redirect=success_action_redirect,
            fields=fields,
            conditions=conditions,
        )
