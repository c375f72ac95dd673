"""Plane *domino*: Domino's data sources as `dominodatalab-data` 6.7 calls them, over the endpoint's buckets.

Five targets: ``GET /v4/datasource/name/NAME``, ``POST /objectstore/list``, ``POST /objectstore/key`` (a presigned URL
of this endpoint), ``HEAD /objectstore/metric`` and ``GET /access-token`` (what Domino's sidecar serves). Source of all
of them: the package's own client code and its traffic; what a Domino deployment does beyond that is "our reading".

Statuses are only those that the package turns into an exception with a message: 401 and 404 on the first, 400 and 500
on the next two. Refused credentials are 400 there, because the package answers 401 by asking again for a minute, then
raises an error without a text; 403 and 404 make it fail with an AttributeError.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from dskit.errors import BucketNotFoundError, ConfigurationError, InvalidBucketNameError, StoreError
from dskit.keys import check_bucket_name, check_key

from ..accounts import Account
from ..messages import Exchange, RequestHead, Response
from ..ops.regions import region_of
from . import Surroundings
from .json_api import BadDocument, JsonExchange, json_response, parse_object
from .s3_calls import Refusal, S3Calls
from .tokens import TokenError, Tokens

__all__ = ["DataSource", "DominoPlane"]

logger = logging.getLogger("dskit_emulator")

_BY_NAME = "/v4/datasource/name/"
_LIST, _KEY, _METRIC = "/objectstore/list", "/objectstore/key", "/objectstore/metric"
_TOKEN = "/access-token"
_ID = "ds-"
_SIDECAR_LIFETIME = timedelta(minutes=5)
_MOST_KEYS = 100_000

_Answerer = Callable[[Account, dict[str, Any], str], Response]


class DataSource(NamedTuple):
    """What a data source's name stands for: a bucket, and within it a folder that its keys are relative to.

    `kind` is one of the package's types of object stores: ``S3Config``, ``GenericS3Config``.
    """

    bucket: str
    subfolder: str = ""
    kind: str = "S3Config"


class _Refused(Exception):
    """`kind` is what comes before the colon in the package's message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class DominoPlane:
    """Every bucket is the data source of that name; `sources` names further ones.

    Credentials are an account's secret key as API key, or a token of `tokens` (`endpoint.plane("domino").tokens`).
    A request is accepted if any credential that it presents is valid, since the package sends those of earlier clients
    of its process along. Presigned URLs are good for `url_lifetime`.
    """

    name = "domino"
    prefixes = (_BY_NAME, _LIST, _KEY, _METRIC, _TOKEN)

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        sources: Mapping[str, DataSource] | None = None,
        url_lifetime: timedelta = timedelta(hours=1),
    ) -> None:
        if not timedelta(seconds=1) <= url_lifetime <= timedelta(days=7):
            raise ConfigurationError(f"a presigned URL lives from a second to a week, not {url_lifetime}")
        self._around = surroundings
        self._sources = dict(sources or {})
        self._url_lifetime = url_lifetime
        self._blocking = surroundings.store.blocking
        self._api_keys = {account.secret_key: account for account in surroundings.accounts}
        self._s3 = S3Calls(surroundings)
        self.tokens = Tokens("domino", surroundings.accounts, surroundings.clock)

    def env(self, url: str, account: Account) -> dict[str, str]:
        """For the API key. The Flight address is one that the package wants to have and never calls for objects."""
        return {
            "DOMINO_USER_API_KEY": account.secret_key,
            "DOMINO_API_HOST": url,
            "DOMINO_DATASOURCE_PROXY_HOST": url,
            "DOMINO_DATASOURCE_PROXY_FLIGHT_HOST": "grpc://127.0.0.1:1",
        }

    def open(self, head: RequestHead) -> Exchange | Response | None:
        path = head.target.partition("?")[0]
        if head.method == "POST" and path in (_LIST, _KEY):
            return self._open_proxy(head, path)
        if head.method == "GET" and path.startswith(_BY_NAME):
            return self._describe(head, path.removeprefix(_BY_NAME))
        if head.method == "GET" and path == _TOKEN:
            token = self.tokens.issue(self._around.accounts.default, _SIDECAR_LIFETIME)
            return _logged(Response(200, [("Content-Type", "text/plain")], token.encode()), "DominoAccessToken")
        if head.method == "HEAD" and path == _METRIC:
            return _logged(Response(200), "DominoMetric")
        return None

    # The control plane

    def _describe(self, head: RequestHead, quoted: str) -> Response:
        operation = "DominoDataSource"
        try:
            account = self._authenticate(head)
        except _Refused as refused:
            return json_response({"message": refused.message}, status=401, operation=operation, reason=refused.message)
        try:
            name = unquote_to_bytes(quoted).decode()
            source = self._find(name)
        except (UnicodeError, InvalidBucketNameError, _Refused):
            text = (
                f"There is no data source {_printable(quoted)!r}: make a bucket of that name, or name it in `sources`."
            )
            return json_response({"message": text}, status=404, operation=operation, account=account.name, reason=text)
        config = {"bucket": source.bucket, "region": self._region(source.bucket)}
        document = {
            "id": _ID + name,
            "name": name,
            "dataSourceType": source.kind,
            "authType": "AWSIAMBasic",
            "config": config | ({"subfolder": source.subfolder} if source.subfolder else {}),
            "status": "Active",
            "addedBy": {"userid": account.account_id},
            "lastUpdated": int(self._around.clock.now().timestamp() * 1000),
            "lastUpdatedBy": account.account_id,
            "ownerId": account.account_id,
            "ownerInfo": {
                "ownerName": account.name,
                "ownerEmail": f"{account.name}@dskit.invalid",
                "isOwnerAdmin": False,
            },
            "projectIds": [],
            "description": None,
        }
        return json_response(document, operation=operation, account=account.name)

    def _find(self, name: str) -> DataSource:
        known = self._sources.get(name)
        if known is not None:
            return known
        self._check_bucket(name)
        return DataSource(name)

    def _region(self, bucket: str) -> str:
        """Where the bucket is; the endpoint's own region for one that is not made yet."""
        try:
            return self._check_bucket(bucket)
        except (InvalidBucketNameError, _Refused):
            return self._around.region

    def _check_bucket(self, bucket: str) -> str:
        """The region of a bucket that must be there."""
        try:
            check_bucket_name(bucket)
            return region_of(self._around.store.head_bucket(bucket).region)
        except BucketNotFoundError as error:
            raise _Refused(error.code, f"the bucket {bucket!r} does not exist") from error

    # The proxy

    def _open_proxy(self, head: RequestHead, path: str) -> Exchange | Response:
        operation, answer = ("DominoKeys", self._list) if path == _LIST else ("DominoKeyUrl", self._sign)
        fail = partial(_fail, operation)
        try:
            account = self._authenticate(head)
        except _Refused as refused:
            return fail(refused)
        origin = f"{'https' if head.secure else 'http'}://{head.get('host')}"
        run = partial(self._answer, answer, account, origin)
        return JsonExchange(run, fail, blocking=self._blocking)

    @staticmethod
    def _answer(answer: _Answerer, account: Account, origin: str, body: bytes) -> Response:
        return answer(account, parse_object(body), origin)

    def _list(self, account: Account, request: dict[str, Any], _: str) -> Response:
        source, account = self._target(request, account)
        prefix = _text(request, "prefix", "")
        limit = request.get("page_size", 1000)
        if type(limit) is not int or not 0 <= limit <= _MOST_KEYS:
            raise _Refused("BadRequest", f"page_size is a number from 0 to {_MOST_KEYS}")
        folder = _folder(source)
        found = self._s3.list_objects(account, source.bucket, prefix=folder + prefix, limit=limit)
        keys = [row.key.removeprefix(folder) for row in found]
        return json_response(keys, operation="DominoKeys", account=account.name)

    def _sign(self, account: Account, request: dict[str, Any], origin: str) -> Response:
        source, account = self._target(request, account)
        key = _folder(source) + _text(request, "objectKey")
        check_key(key)
        writes = request.get("isReadWrite", False)
        if not isinstance(writes, bool):
            raise _Refused("BadRequest", "isReadWrite is true or false")
        url = self._around.url(
            account,
            "PUT" if writes else "GET",
            source.bucket,
            key,
            origin=origin,
            expires_in=int(self._url_lifetime.total_seconds()),
        )
        return json_response(url, operation="DominoKeyUrl", account=account.name)

    def _target(self, request: dict[str, Any], account: Account) -> tuple[DataSource, Account]:
        """Where to, and as whom, with the overrides of ``datasource.update(S3Config(…))``."""
        identifier = _text(request, "datasourceId")
        try:
            source = self._find(identifier.removeprefix(_ID))
        except (InvalidBucketNameError, _Refused) as refused:
            raise _Refused("NotFound", f"there is no data source with the id {identifier!r}") from refused
        config = _overrides(request, "configOverwrites", ("bucket", "subfolder", "region"))
        source = DataSource(config.get("bucket", source.bucket), config.get("subfolder", source.subfolder), source.kind)
        region = self._check_bucket(source.bucket)
        if config.get("region", region) != region:
            raise _Refused("BadRequest", f"region {config['region']!r}: the bucket {source.bucket!r} is in {region}")
        credentials = _overrides(request, "credentialOverwrites", ("accessKeyID", "secretAccessKey"))
        return source, self._override_account(credentials) if credentials else account

    def _override_account(self, credentials: dict[str, str]) -> Account:
        account = self._around.accounts.by_access_key(credentials.get("accessKeyID", ""))
        if account is None:
            raise _Refused("InvalidAccessKeyId", "the access key of the override belongs to no account")
        if account.secret_key != credentials.get("secretAccessKey"):
            raise _Refused("SignatureDoesNotMatch", "the secret key of the override is not that of its access key")
        return account

    # Credentials

    def _authenticate(self, head: RequestHead) -> Account:
        headers = head.index
        problems: list[str] = []
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        for token in (bearer if scheme.lower() == "bearer" else None, headers.get("x-domino-jwt")):
            if token is not None:
                try:
                    return self.tokens.check(token.strip())
                except TokenError as error:
                    problems.append(str(error))
        api_key = headers.get("x-domino-api-key")
        if api_key is not None:
            account = self._api_keys.get(api_key)
            if account is not None:
                return account
            problems.append("the API key belongs to no account; it is an account's secret key")
        if not problems:
            problems.append("no credential was sent: set DOMINO_USER_API_KEY, DOMINO_TOKEN_FILE or DOMINO_API_PROXY")
        raise _Refused("Unauthenticated", "; ".join(dict.fromkeys(problems)))


def _folder(source: DataSource) -> str:
    folder = source.subfolder.strip("/")
    return folder + "/" if folder else ""


def _text(request: dict[str, Any], name: str, default: str | None = None) -> str:
    value = request.get(name, default)
    if not isinstance(value, str):
        raise _Refused("BadRequest", f"{name} is {'missing' if value is None else 'not a string'}")
    return value


def _overrides(request: dict[str, Any], name: str, known: tuple[str, ...]) -> dict[str, str]:
    given = request.get(name) or {}
    if not isinstance(given, dict):
        raise _Refused("BadRequest", f"{name} is not an object")
    for field, value in given.items():
        if field not in known:
            raise _Refused("BadRequest", f"{name}: {field!r} cannot be honoured here; known are {', '.join(known)}")
        if not isinstance(value, str):
            raise _Refused("BadRequest", f"{name}: {field!r} is not a string")
    return given


def _fail(operation: str, error: Exception) -> Response:
    """The package makes ``Exception("errorType: rawError")`` of it."""
    status = 400
    if isinstance(error, _Refused):
        kind, text = error.kind, error.message
    elif isinstance(error, Refusal | StoreError):
        kind, text = error.code, error.message
    elif isinstance(error, BadDocument):
        kind, text = "BadRequest", str(error)
    else:
        logger.error("a request of plane domino failed", exc_info=error)
        kind, text, status = "InternalError", "a defect of the emulator; its log has the traceback", 500
    document = {"errorType": kind, "subType": kind, "rawError": text}
    return json_response(document, status=status, operation=operation, reason=f"{kind}: {text}")


def _logged(response: Response, operation: str) -> Response:
    response.operation = operation
    return response


def _printable(text: str) -> str:
    return unquote_to_bytes(text[:200]).decode(errors="replace")
