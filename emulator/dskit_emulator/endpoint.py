"""An endpoint: a port, the state behind it, and the ways to reach both."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from dskit.clock import Clock, SystemClock
from dskit.errors import BucketExistsError, ConfigurationError, StoreError
from dskit.ids import Ids, RandomIds
from dskit.limits import Limits
from dskit.record import FrozenRecord, record

from .accounts import Account, Accounts
from .control.health import Health
from .fronts.loop import Listener, LoopThread, bound_socket
from .fronts.site import FrontSettings, Observer, Site
from .rules import Rules

if TYPE_CHECKING:
    from dskit import S3Store, Store
    from dskit.backend import PushService

    from .messages import Handler
    from .planes import Plane, PlaneMaker

__all__ = ["Endpoint", "Options", "Sessions"]

_REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII).fullmatch
_HOST_NAME = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"


@record(frozen=True, slots=True, kw_only=True)
class Options(FrozenRecord):
    """What an endpoint is made of; `Server` documents each. Where several may be given, a string is one of them.

    Raises `ConfigurationError` for an unknown rule, for two that exclude each other, and for what no port, region or
    host name can be.
    """

    accounts: Iterable[Account | str] = field(default=(), repr=False)  # strings hold secrets
    rules: Iterable[str] | Mapping[str, bool] = ()
    data: str | PathLike[str] | None = None
    backend: PushService | None = None
    buckets: Iterable[str] = ()
    host: str = "127.0.0.1"
    port: int = 0
    also_ports: Iterable[int] = ()
    planes: Iterable[str | PlaneMaker] = ()
    region: str = "us-east-1"
    domains: Iterable[str] = ()
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=RandomIds)
    tls: ssl.SSLContext | tuple[str, str] | None = None
    front: FrontSettings = field(default_factory=FrontSettings)
    observer: Observer | None = None

    def __post_init__(self) -> None:
        for name in ("accounts", "buckets", "also_ports", "planes", "domains"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        object.__setattr__(self, "rules", Rules(self.rules))
        if self.data is not None and self.backend is not None:
            raise ConfigurationError("data and backend exclude each other")
        for port in (self.port, *self.also_ports):
            if not isinstance(port, int) or not 0 <= port <= 65535:
                raise ConfigurationError(f"port {port!r}: a number from 0 (any that is free) to 65535")
        if not isinstance(self.region, str) or not _REGION(self.region):
            raise ConfigurationError(f"region {self.region!r}: lower-case letters, digits and '-', like us-east-1")
        for domain in self.domains:
            if not re.fullmatch(_HOST_NAME, domain):
                raise ConfigurationError(
                    f"domain {domain!r}: a host name without scheme, port and '*', like s3.example.org"
                )

    def with_(self, changes: Mapping[str, Any]) -> Options:
        unknown = set(changes) - set(self.__dataclass_fields__)
        if unknown:
            raise ConfigurationError(f"unknown option {min(unknown)!r}")
        return replace(self, **changes)


class Sessions:
    """One boto3 session for all clients of a server: loading botocore's data once is most of the cost of a client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Any = None

    def client(self, service: str, **options: Any) -> Any:
        with self._lock:  # botocore sessions are not thread-safe; the clients that they make are
            return self._shared().client(service, **options)

    def store(self, bucket: str, **options: Any) -> S3Store:
        from dskit import S3Store

        with self._lock:
            return S3Store(bucket, **{"session": self._shared(), **options})

    def _shared(self) -> Any:
        if self._session is None:
            try:
                import boto3
            except ImportError:
                raise ConfigurationError('a client or store needs boto3: pip install "dskit[s3]"') from None
            self._session = boto3.session.Session()
        return self._session


class Endpoint:
    """Made by `Server.endpoint`. Close it, or use it as a context manager, or leave it to its server."""

    def __init__(self, thread: LoopThread, sessions: Sessions, options: Options) -> None:
        self._thread = thread
        self._sessions = sessions
        self._close = ExitStack()
        self._grace = 0.0
        self.closed = False
        self.options = options
        self.accounts = Accounts(options.accounts)
        self.rules = Rules(options.rules)
        self.clock = options.clock
        self.region = options.region
        tls = _tls_context(options.tls)
        with ExitStack() as undo:
            self.backend: PushService = options.backend or _own_backend(options, self.rules)
            if options.backend is None:
                undo.callback(self.backend.close)
            self.planes: dict[str, Plane] = {}
            self.handler = self._make_handler()
            for bucket in options.buckets:
                self.create_bucket(bucket)
            listening = []
            for port in (options.port, *options.also_ports):
                listening.append(bound_socket(options.host, port))
                undo.callback(listening[-1].close)
            self.host: str = options.host
            self.port: int
            self.port, *also_ports = (each.getsockname()[1] for each in listening)
            self.also_ports: tuple[int, ...] = tuple(also_ports)
            self.url = f"{'https' if tls else 'http'}://{_client_host(options.host)}:{self.port}"
            site = Site(
                self.handler,
                thread.workers,
                clock=options.clock,
                ids=options.ids,
                settings=options.front,
                observer=options.observer,
                secure=tls is not None,
            )
            self._listener = Listener(thread, site, listening, tls=tls)
            undo.pop_all()
        self._sign_for_backend()
        if options.backend is None:
            self._close.callback(self.backend.close)
        self._close.callback(self._stop_listening)

    def _make_handler(self) -> Handler:
        from .service import S3Service

        options = self.options
        handler: Handler = S3Service(
            self.backend,
            accounts=self.accounts,
            rules=self.rules,
            clock=options.clock,
            ids=options.ids,
            region=options.region,
            domains=options.domains,
        )
        if options.planes:
            handler = self._add_planes(options.planes, handler)
        return Health(handler)

    def _add_planes(self, wanted: Iterable[str | PlaneMaker], handler: Handler) -> Handler:
        from .planes import PlaneSwitch, Surroundings, make_planes
        from .wire.presigning import Presigner

        options = self.options
        surroundings = Surroundings(
            s3=handler,
            store=self.backend,
            accounts=self.accounts,
            clock=options.clock,
            ids=options.ids,
            region=options.region,
            presigner=Presigner(),
        )
        self.planes = make_planes(wanted, surroundings)
        return PlaneSwitch(self.planes.values(), handler)

    def _sign_for_backend(self) -> None:
        """Views of the backend can sign URLs that lead here, until the endpoint closes."""
        from .signer import EndpointSigner

        add_signer = getattr(self.backend, "add_signer", None)
        if add_signer is not None:
            signer = EndpointSigner(self.backend, self.url, self.accounts, self.clock, self.region)
            self._close.callback(add_signer(signer))

    def _stop_listening(self) -> None:
        self._listener.close(self._grace)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, grace: float = 0.0) -> None:
        """Stop listening; requests under way get `grace` seconds, then connections are reset. Idempotent.

        Raises `ConfigurationError` in an observer.
        """
        self._thread.check_outside()
        self._grace = grace
        self.closed = True
        self._close.close()

    @property
    def account(self) -> Account:
        """The default account."""
        return self.accounts.default

    def create_bucket(self, name: str) -> None:
        """Make a bucket for the default account unless it is there. Raises `InvalidBucketNameError`."""
        try:
            self.backend.create_bucket(name, region=self.region, owner=self.accounts.default.canonical_id)
        except BucketExistsError:
            pass
        except StoreError as error:
            error.with_context(bucket=name)
            raise

    def _credentials(self, account: str | None) -> Account:
        if account is None:
            return self.accounts.default
        for known in self.accounts:
            if known.name == account:
                return known
        raise ConfigurationError(f"this endpoint has no account {account!r}")

    def client(
        self, service: str = "s3", *, account: str | None = None, in_process: bool = False, **options: Any
    ) -> Any:
        """A boto3 client with an account's credentials; `options` go to boto3 (`config=…`).

        With `in_process` its requests are answered in the calling thread and no socket is used. Raises
        `ConfigurationError` where boto3 is missing.
        """
        keys = self._credentials(account)
        settings: dict[str, Any] = {
            "endpoint_url": self.url,
            "region_name": self.region,
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
        }
        client = self._sessions.client(service, **(settings | options))
        if in_process:
            from .fronts.inprocess import connect

            connect(client, self.handler, ids=self.options.ids)
        return client

    def store(
        self, bucket: str = "default", *, prefix: str = "", account: str | None = None, **options: Any
    ) -> S3Store:
        """A client-API store over the socket. The bucket is made unless there; `options` go to `dskit.S3Store`."""
        keys = self._credentials(account)
        self.create_bucket(bucket)
        settings: dict[str, Any] = {
            "endpoint": self.url,
            "region": self.region,
            "access_key": keys.access_key,
            "secret_key": keys.secret_key,
        }
        return self._sessions.store(bucket, prefix=prefix, **(settings | options))

    def direct(self, bucket: str = "default", *, prefix: str = "") -> Store:
        """The in-process view of the same state: no HTTP, no signatures. The bucket is made unless it is there."""
        from dskit import Store

        self.create_bucket(bucket)
        return Store(self.backend, bucket, prefix=prefix)

    def env(self, plane: str | None = None, *, account: str | None = None) -> dict[str, str]:
        """Environment variables with which other programs (aws-cli, SDKs, s3fs, obstore) reach this endpoint.

        With `plane` those of that plane's SDK (``"domino"``). Raises `ConfigurationError` where it is not switched on.
        """
        keys = self._credentials(account)
        if plane is not None:
            return self.plane(plane).env(self.url, keys)
        return {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def plane(self, name: str) -> Plane:
        """A plane that this endpoint has. Raises `ConfigurationError` for others."""
        if name not in self.planes:
            raise ConfigurationError(f"this endpoint has no plane {name!r}: make it with planes=[{name!r}]")
        return self.planes[name]

    def asgi(self) -> Any:
        """The same endpoint as an ASGI application, to be mounted elsewhere."""
        from .fronts.asgi import AsgiApp

        return AsgiApp(self.handler, ids=self.options.ids)


def _own_backend(options: Options, rules: Rules) -> PushService:
    from dskit import reference

    limits = Limits(min_part_bytes=1) if rules.small_parts else Limits()
    if options.data is None:
        return reference.memory_service(clock=options.clock, ids=options.ids, limits=limits)
    return reference.disk_service(options.data, clock=options.clock, ids=options.ids, limits=limits)


def _tls_context(tls: ssl.SSLContext | tuple[str, str] | None) -> ssl.SSLContext | None:
    if tls is None or isinstance(tls, ssl.SSLContext):
        return tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = tls
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"the TLS certificate {certificate} or key {key} cannot be used: {error}") from error
    return context


def _client_host(host: str) -> str:
    """The address that a client on this machine uses."""
    if host in ("", "0.0.0.0"):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
