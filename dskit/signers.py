"""Who can sign for a service: the records of a signed URL and of a signed form, and the port behind both.

A service that speaks S3 signs by itself. One that has no wire of its own (memory, files) signs while something serves
it (`signable.Signable`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from .record import FrozenRecord, record
from .types import Attributes

__all__ = ["FILENAME", "FormOptions", "SignOptions", "SignedForm", "Signer"]

FILENAME = "${filename}"
"""At the end of a form's key: S3 puts the name of the uploaded file there (S3 API reference, "POST Object")."""


@record(frozen=True, slots=True, kw_only=True)
class SignOptions(FrozenRecord):
    """What a signed URL allows. `expires_in` is seconds; `response` are headers that the answer to a GET or HEAD has
    instead of the object's."""

    method: str = "GET"
    expires_in: int = 3600
    content_type: str | None = None
    version_id: str | None = None
    response: Attributes = field(default_factory=Attributes)

    def response_query(self) -> dict[str, str]:
        """The overrides as S3's query parameters (S3 model, GetObject)."""
        given = {
            "response-cache-control": self.response.cache_control,
            "response-content-disposition": self.response.content_disposition,
            "response-content-encoding": self.response.content_encoding,
            "response-content-language": self.response.content_language,
            "response-content-type": self.response.content_type,
            "response-expires": self.response.expires,
        }
        return {name: value for name, value in given.items() if value is not None}


@record(frozen=True, slots=True, kw_only=True)
class FormOptions(FrozenRecord):
    """What a signed form allows: `fields` that it must send as they are, and further `conditions` of the policy."""

    expires_in: int = 3600
    fields: Mapping[str, str] = field(default_factory=dict)
    conditions: Sequence[Any] = ()

    def policy(self, bucket: str, key: str, until: datetime, signature: Mapping[str, str]) -> str:
        """The policy document in base64; `signature` are the fields of the signature that it names.

        Source: S3 API reference, "Creating a POST Policy".
        """
        about_key = ["starts-with", "$key", key.removesuffix(FILENAME)] if key.endswith(FILENAME) else {"key": key}
        exact = [{name: value} for name, value in {**self.fields, **signature}.items()]
        document = {
            "expiration": f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03d}Z",
            "conditions": [{"bucket": bucket}, about_key, *exact, *self.conditions],
        }
        return base64.b64encode(json.dumps(document).encode()).decode()


@record(frozen=True, slots=True)
class SignedForm(FrozenRecord):
    """A form for a browser or any multipart client: POST `fields`, then the file as the field ``file``, to `url`."""

    url: str
    fields: Mapping[str, str]


@runtime_checkable
class Signer(Protocol):
    """What a service has whose capabilities say `sign` (`sign_url`) and `sign_post` (`sign_form`)."""

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str: ...

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm: ...
