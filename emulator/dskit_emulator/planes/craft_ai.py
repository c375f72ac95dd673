"""Plane *craft_ai*: Craft AI's data store as `craft-ai-sdk` 0.74.7 calls it, over the endpoint's buckets.

The control server is the endpoint itself (``/api/v1/auth/refresh``, ``/api/v1/users/me``), for requests that carry the
package's header ``craft-ai-client``. An environment is a bucket: its URL is ``{endpoint}/craft_ai/BUCKET``, where
``/api/v1/data-store/…`` lists, describes, deletes, and signs URLs and forms of this endpoint. No bucket can be called
``craft_ai``. Source: the package's own client code and its traffic, those of 0.21, 0.28 and 0.45 for the older shapes;
what Craft AI's platform does beyond that is "our reading".

Errors are JSON objects with `message`, `name`, `request_id` and `additional_data`, which the package makes a readable
`SdkException` of at any status from 400 on, except 502 and 504, which it calls "unreachable".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from dskit.errors import BucketNotFoundError, ConfigurationError, InvalidBucketNameError, StoreError
from dskit.keys import check_bucket_name

from ..accounts import Account
from ..messages import Exchange, RequestHead, Response
from . import Surroundings
from .craft_ai_store import DataStore, Refused, Request, text_field
from .json_api import BadDocument, JsonExchange, json_response, parse_object, parse_pairs
from .s3_calls import Refusal
from .tokens import TokenError, Tokens

__all__ = ["CraftAiPlane"]

logger = logging.getLogger("dskit_emulator")

_CONTROL = "/api/v1/"
_ENVIRONMENTS = "/craft_ai/"
_OLDER_UPLOADS = "/data-store/upload/multipart/"

_Answerer = Callable[[Request], Any]


class CraftAiPlane:
    """Every bucket is an environment. The SDK token is an account's secret key, and all is done with its rights.

    `bucket` is the environment that `env` names; by default the first bucket of the account by name, ``default`` where
    it has none. Access tokens live for `token_lifetime`, signed URLs and forms for `url_lifetime`; listings come in
    pages of `page_size`.
    """

    name = "craft_ai"
    prefixes = (_CONTROL, _ENVIRONMENTS)

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        bucket: str | None = None,
        token_lifetime: timedelta = timedelta(minutes=15),
        url_lifetime: timedelta = timedelta(hours=1),
        page_size: int = 1000,
    ) -> None:
        if not timedelta(seconds=1) <= url_lifetime <= timedelta(days=7):
            raise ConfigurationError(f"a presigned URL lives from a second to a week, not {url_lifetime}")
        if token_lifetime < timedelta(seconds=1):
            raise ConfigurationError(f"an access token lives a second at least, not {token_lifetime}")
        if not 1 <= page_size <= 1000:
            raise ConfigurationError(f"a page of a listing has 1 to 1000 objects, not {page_size}")
        self._around = surroundings
        self._bucket = bucket
        self._token_lifetime = token_lifetime
        self._sdk_tokens = {account.secret_key: account for account in surroundings.accounts}
        self.tokens = Tokens("craft_ai", surroundings.accounts, surroundings.clock)
        store = DataStore(surroundings, url_seconds=int(url_lifetime.total_seconds()), page_size=page_size)
        self._store = store
        self._calls: dict[tuple[str, str], tuple[str, _Answerer]] = {
            ("GET", "/data-store/list"): ("CraftAiList", store.list_objects),
            ("POST", "/data-store/information"): ("CraftAiInformation", store.describe),
            ("GET", "/data-store/upload"): ("CraftAiUpload", store.upload),
            ("POST", "/data-store/upload/multipart"): ("CraftAiStartUpload", store.start),
            ("POST", "/data-store/upload/multipart/part"): ("CraftAiPart", store.part),
            ("POST", "/data-store/upload/multipart/end"): ("CraftAiEndUpload", store.end),
            ("POST", "/data-store/download"): ("CraftAiDownload", store.download),
            ("DELETE", "/data-store/delete"): ("CraftAiDelete", store.delete),
        }

    def env(self, url: str, account: Account) -> dict[str, str]:
        return {
            "CRAFT_AI_SDK_TOKEN": account.secret_key,
            "CRAFT_AI_ENVIRONMENT_URL": f"{url}{_ENVIRONMENTS}{self._bucket or self._first_bucket(account)}",
            "CRAFT_AI_CONTROL_URL": url,
        }

    def _first_bucket(self, account: Account) -> str:
        owners = (None, account.canonical_id)  # without an owner it is everyone's
        return min((info.name for info in self._around.store.list_buckets() if info.owner in owners), default="default")

    def open(self, head: RequestHead) -> Exchange | Response | None:
        path, _, query = head.target.partition("?")
        if path.startswith(_CONTROL):
            return self._open_control(head, path) if head.get("craft-ai-client") else None
        bucket, found, call = path.removeprefix(_ENVIRONMENTS).partition(_CONTROL)
        return self._open_environment(head, bucket, f"/{call}", query) if found and "/" not in bucket else None

    # The control server

    def _open_control(self, head: RequestHead, path: str) -> Exchange | Response:
        if (head.method, path) == ("POST", "/api/v1/auth/refresh"):
            fail = partial(self._fail, "CraftAiRefresh", "")
            return JsonExchange(self._refresh, fail, blocking=False)
        operation = "CraftAiUser"
        if (head.method, path) != ("GET", "/api/v1/users/me"):
            text = f"There is no {path[:200]} here. The URL of an environment is {_origin(head)}{_ENVIRONMENTS}BUCKET."
            return self._fail(operation, "", Refused(404, "NotFound", text))
        try:
            account = self._authenticate(head)
        except Refused as refused:
            return self._fail(operation, "", refused)
        document = {"id": account.account_id, "name": account.name, "email": account.email}
        return json_response(document, operation=operation, account=account.name)

    def _refresh(self, body: bytes) -> Response:
        account = self._sdk_tokens.get(text_field(parse_object(body), "refresh_token"))
        if account is None:
            text = "The SDK token belongs to no account: CRAFT_AI_SDK_TOKEN is an account's secret key."
            raise Refused(401, "Unauthorized", text)
        token = self.tokens.issue(account, self._token_lifetime)
        return json_response({"access_token": token}, operation="CraftAiRefresh", account=account.name)

    def _authenticate(self, head: RequestHead) -> Account:
        scheme, _, token = head.get("authorization").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "Unauthorized", "No access token was sent: POST /api/v1/auth/refresh gives one.")
        try:
            return self.tokens.check(token.strip())
        except TokenError as error:
            raise Refused(401, "Unauthorized", f"Access refused: {error}; the next call asks for a new one.") from None

    # An environment

    def _open_environment(self, head: RequestHead, bucket: str, call: str, query: str) -> Exchange | Response:
        operation, answer = self._calls.get((head.method, call), ("CraftAiUnknown", None))
        if answer is None and call.startswith(_OLDER_UPLOADS) and head.method in ("GET", "POST"):
            operation = "CraftAiPart" if head.method == "GET" else "CraftAiEndUpload"
            older = self._store.older_part if head.method == "GET" else self._store.older_end
            answer = partial(older, call.removeprefix(_OLDER_UPLOADS))
        fail = partial(self._fail, operation, bucket)
        try:
            account = self._authenticate(head)
            if answer is None:
                text = f"{head.method} {call[:200]}: only the data store is here, nothing else of an environment"
                raise Refused(404, "NotFound", text)
            self._check_environment(bucket)
        except Exception as error:  # every failure becomes an answer
            return fail(error)
        run = partial(self._answer, operation, answer, account, bucket, head, query)
        return JsonExchange(run, fail, blocking=self._around.store.blocking)

    def _check_environment(self, bucket: str) -> None:
        try:
            check_bucket_name(bucket)
            self._around.store.head_bucket(bucket)
        except (InvalidBucketNameError, BucketNotFoundError) as error:
            text = f"There is no environment {bucket[:200]!r}: make a bucket of that name, or correct environment_url."
            raise Refused(404, error.code, text) from error

    def _answer(
        self,
        operation: str,
        answer: _Answerer,
        account: Account,
        bucket: str,
        head: RequestHead,
        query: str,
        body: bytes,
    ) -> Response:
        form = head.get("content-type").startswith("application/x-www-form-urlencoded")
        fields = parse_pairs(body) if form else parse_object(body) if body else {}
        request = Request(
            account,
            bucket,
            _origin(head),
            head.get("craft-ai-client"),
            parse_pairs(query.encode("latin-1")),
            fields,
            form,
        )
        return json_response(answer(request), operation=operation, account=account.name)

    # Errors

    def _fail(self, operation: str, bucket: str, error: Exception) -> Response:
        status = 400
        if isinstance(error, Refused):
            status, name, text = error.status, error.name, error.message
        elif isinstance(error, Refusal):
            status, name, text = error.status, error.code, error.message
        elif isinstance(error, StoreError):
            status, name, text = 404 if isinstance(error, BucketNotFoundError) else 400, error.code, error.message
        elif isinstance(error, BadDocument):
            name, text = "BadRequest", str(error)
        else:
            logger.error("a request of plane craft_ai failed", exc_info=error)
            status, name, text = 500, "InternalError", "a defect of the emulator; its log has the traceback"
        request_id = self._around.ids.token(8).hex().upper()
        document = {
            "message": text,
            "name": name,
            "request_id": request_id,
            "additional_data": {"environment": bucket} if bucket else None,
        }
        response = json_response(document, status=status, operation=operation, reason=f"{name}: {text}")
        response.request_id = request_id
        return response


def _origin(head: RequestHead) -> str:
    return f"{'https' if head.secure else 'http'}://{head.get('host')}"
