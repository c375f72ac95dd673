"""The verbs that sign: a URL, or a form, with which somebody without credentials does one thing for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, cast

from .errors import InvalidKeyError, InvalidRequestError, UnsupportedError
from .guards import verb
from .options import attributes_of
from .signers import FILENAME, FormOptions, SignedForm, Signer, SignOptions
from .types import Attributes
from .view import View

__all__ = ["Condition", "Lifetime", "Method", "SigningVerbs"]

Method: TypeAlias = Literal["GET", "HEAD", "PUT", "DELETE"]
Lifetime: TypeAlias = int | timedelta
"""Whole seconds from now, 1 to 604,800."""

Condition: TypeAlias = Mapping[str, str] | Sequence[Any]
"""One condition of a form's policy as S3 writes it: ``{"acl": "private"}``, ``["starts-with", "$key", "a/"]``."""

WEEK = 604_800
_STATUSES = (200, 201, 204)
_OWN_FIELDS = frozenset(
    (
        "awsaccesskeyid",
        "bucket",
        "file",
        "key",
        "policy",
        "signature",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    )
)


class SigningVerbs(View):
    @verb("key", live=True)
    def sign(
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
        """A URL with which anybody may do `method` on `key` for `expires_in` (seconds or a timedelta, 1 s to 7 days).

        No request is sent, and the object need not exist. The one who uses a PUT URL must send the `content_type`
        that was signed. `version_id` is for GET, HEAD and DELETE; the `response_…` options are headers that the
        answer to GET and HEAD has instead of the object's. Raises `InvalidRequestError` for an option that the method
        does not have or a time that is too long, `UnsupportedError` where the store cannot sign: memory and files
        only can while an endpoint serves them.
        """
        if method not in ("GET", "HEAD", "PUT", "DELETE"):
            raise InvalidRequestError(f"a URL is signed for GET, HEAD, PUT or DELETE, not for {method!r}")
        response = attributes_of(
            content_type=response_content_type,
            cache_control=response_cache_control,
            content_disposition=response_content_disposition,
            content_encoding=response_content_encoding,
            content_language=response_content_language,
            expires=response_expires,
        )
        if content_type is not None and method != "PUT":
            raise InvalidRequestError(f"content_type is signed for PUT only; a {method} stores nothing")
        if version_id is not None and method == "PUT":
            raise InvalidRequestError("a PUT makes a version: version_id is for GET, HEAD and DELETE")
        if response != Attributes() and method not in ("GET", "HEAD"):
            raise InvalidRequestError(f"the headers of an answer can be chosen for GET and HEAD only, not for {method}")
        options = SignOptions(
            method=method,
            expires_in=seconds_of(expires_in),
            content_type=attributes_of(content_type=content_type).content_type,
            version_id=version_id,
            response=response,
        )
        return self._signer("sign").sign_url(self.bucket, self.prefix + key, options)

    @verb("key", live=True)
    def sign_post(
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
        """A form with which anybody may upload one file under `key`, from a browser or any multipart client.

        POST the `fields` of the result, then the file as the field ``file``, to its `url`. A key that ends in
        ``${filename}`` is completed by S3 with the name of the file. The policy holds the sender to `key`,
        `content_type`, `metadata`, the success actions and any further form `fields` as they are given here, to a size
        within `content_length_range` (bytes, both ends included), and to further `conditions` in S3's own form, whose
        fields the sender adds. Raises as `sign` does.
        """
        name = key.removesuffix(FILENAME)
        if FILENAME in name:
            raise InvalidKeyError(f"S3 replaces {FILENAME} in the key of a form; it can only be signed at the end")
        attributes = attributes_of(
            content_type=content_type, metadata=metadata, max_metadata_bytes=self.capabilities.limits.max_metadata_bytes
        )
        form = [*_checked(fields or {})]
        if attributes.content_type is not None:
            form.append(("Content-Type", attributes.content_type))
        form += [(f"x-amz-meta-{found}", value) for found, value in attributes.metadata.items()]
        if success_action_status is not None:
            if success_action_status not in _STATUSES:
                raise InvalidRequestError(f"success_action_status is 200, 201 or 204, not {success_action_status!r}")
            form.append(("success_action_status", str(success_action_status)))
        if success_action_redirect is not None:
            form.append(("success_action_redirect", _page(success_action_redirect)))
        rules = [_condition(rule) for rule in conditions]
        if content_length_range is not None:
            rules.append(["content-length-range", *_bounds(content_length_range)])
        options = FormOptions(expires_in=seconds_of(expires_in), fields=_once(form), conditions=rules)
        return self._signer("sign_post").sign_form(self.bucket, self.prefix + key, options)

    def _signer(self, operation: str) -> Signer:
        service = self.service
        if not isinstance(service, Signer):
            raise UnsupportedError(f"this store declares {operation} but has no signer", operation=operation)
        return service


def seconds_of(expires_in: Lifetime) -> int:
    """Raises `InvalidRequestError` unless it is 1 second to 7 days, in whole seconds (S3's bounds for version 4)."""
    seconds = expires_in.total_seconds() if isinstance(expires_in, timedelta) else expires_in
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= WEEK:
        raise InvalidRequestError(f"expires_in is 1 second to 7 days ({WEEK} seconds), not {expires_in!r}")
    if seconds != int(seconds):
        raise InvalidRequestError(f"expires_in is a whole number of seconds, not {expires_in!r}")
    return int(seconds)


def _checked(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name:
            raise InvalidRequestError(f"a form field is a name and a text, not {name!r}: {value!r}")
        if name.lower() in _OWN_FIELDS:
            raise InvalidRequestError(f"the form field {name!r} is made by sign_post itself")
        yield name, value


def _once(form: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The fields, each once: `fields` cannot give what an option of its own gives. Names are of any case to S3."""
    seen: set[str] = set()
    for name, _ in form:
        if name.lower() in seen:
            raise InvalidRequestError(f"the form field {name!r} is given twice")
        seen.add(name.lower())
    return dict(form)


def _page(url: str) -> str:
    """S3 would go on as if there were none."""
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise InvalidRequestError(f"success_action_redirect is an http or https URL, not {url!r}")
    return url


def _condition(rule: Condition) -> Any:
    """Raises `InvalidRequestError` for what is no condition (S3 API reference, "Creating a POST Policy")."""
    if isinstance(rule, Mapping):
        if len(rule) == 1 and all(isinstance(text, str) for text in (*rule, *rule.values())):
            return dict(rule)
    elif not isinstance(rule, str) and len(rule) == 3:
        operator, name, value = rule
        if operator in ("eq", "starts-with") and isinstance(value, str) and isinstance(name, str) and name[:1] == "$":
            return [operator, name, value]
        if operator == "content-length-range":
            return [operator, *_bounds((cast(int, name), cast(int, value)))]
    raise InvalidRequestError(
        f"no condition of a policy: {rule!r}; they are {{name: value}}, ['eq' or 'starts-with', '$name', value] and "
        "['content-length-range', low, high]"
    )


def _bounds(bounds: tuple[int, int]) -> tuple[int, int]:
    try:
        low, high = bounds
    except (TypeError, ValueError):
        low = high = -1
    if isinstance(low, bool) or not isinstance(low, int) or not isinstance(high, int) or not 0 <= low <= high:
        raise InvalidRequestError(f"a content_length_range is (least, most) in bytes, not {bounds!r}")
    return low, high
