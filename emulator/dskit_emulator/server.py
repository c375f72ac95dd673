"""A server: one event-loop thread that serves any number of endpoints, and a default endpoint."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from dskit.errors import ConfigurationError

from .collector import collector_paused
from .endpoint import Endpoint, Options, Sessions

if TYPE_CHECKING:
    import ssl

    from dskit import S3Store, Store
    from dskit.backend import PushService
    from dskit.clock import Clock
    from dskit.ids import Ids

    from .accounts import Account, Accounts
    from .fronts.loop import LoopThread
    from .fronts.site import FrontSettings, Observer
    from .planes import Plane, PlaneMaker
    from .rules import Rules

__all__ = ["Server"]


class Server:
    """An S3 endpoint in this process::

        with Server() as s3:
            s3.client().create_bucket(Bucket="photos")

    accounts: `Account` values or ``NAME:ACCESS:SECRET``; the first is the default. None: ``dskit``/``dskit-secret``.
    rules: names of departures from AWS's present behaviour (`dskit_emulator.RULES`), or a mapping of names to booleans.
    data: a directory for a durable store; None keeps everything in memory.
    backend: another store to stand before, instead of dskit's own; it is not closed with the server.
    buckets: made at start.
    host, port: where to listen; port 0 takes a free one. also_ports: further ports for the same endpoint.
    planes: what other SDKs speak, on the same port: names (`dskit_emulator.planes.PLANES`) or makers of planes.
    region: the region that signatures and location constraints must name.
    domains: host names whose subdomains are buckets, besides ``s3.localhost`` and the AWS names.
    clock, ids: time and randomness, injectable (`dskit.ManualClock`).
    tls: an `ssl.SSLContext` or (certificate file, key file).
    front: limits and times of the HTTP front; observer: called after each answer.

    `endpoint(**changes)` opens a further one, isolated, on its own port, with its own empty store. Everything else is
    that of the default endpoint. Raises `ConfigurationError` for wrong options, OSError where the port is taken.
    """

    def __init__(
        self,
        *,
        accounts: Iterable[Account | str] = (),
        rules: Iterable[str] | Mapping[str, bool] = (),
        data: str | PathLike[str] | None = None,
        backend: PushService | None = None,
        buckets: Iterable[str] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        also_ports: Iterable[int] = (),
        planes: Iterable[str | PlaneMaker] = (),
        region: str = "us-east-1",
        domains: Iterable[str] = (),
        clock: Clock | None = None,
        ids: Ids | None = None,
        tls: ssl.SSLContext | tuple[str, str] | None = None,
        front: FrontSettings | None = None,
        observer: Observer | None = None,
    ) -> None:
        given: dict[str, Any] = {"clock": clock, "ids": ids, "front": front}
        self._options = Options(
            accounts=accounts,
            rules=rules,
            data=data,
            backend=backend,
            buckets=buckets,
            host=host,
            port=port,
            also_ports=also_ports,
            planes=planes,
            region=region,
            domains=domains,
            tls=tls,
            observer=observer,
        ).with_({name: value for name, value in given.items() if value is not None})
        self._lock = threading.Lock()
        self._sessions = Sessions()
        self._thread: LoopThread | None = None
        self._default: Endpoint | None = None
        self._endpoints: list[Endpoint] = []

    # Life

    def start(self) -> Self:
        """Open the default endpoint. A context manager does it by itself."""
        with self._lock, collector_paused():
            from .fronts.loop import LoopThread

            if self._thread is not None:
                return self
            thread = LoopThread()
            try:
                self._default = Endpoint(thread, self._sessions, self._options)
            except BaseException:
                thread.close()
                raise
            self._thread = thread
        return self

    def close(self, grace: float = 0.0) -> None:
        """Close all endpoints, giving requests under way `grace` seconds. Idempotent. Raises `ConfigurationError` in an
        observer."""
        with self._lock:
            if self._thread is not None:
                self._thread.check_outside()
            thread, self._thread = self._thread, None
            endpoints, self._endpoints = self._endpoints, []
            if self._default is not None:
                endpoints.append(self._default)
        if thread is None:
            return
        with contextlib.ExitStack() as stack:
            stack.callback(thread.close)
            for endpoint in endpoints:
                stack.callback(endpoint.close, grace)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self._default.url}>" if self._default is not None else "<Server, not started>"

    def endpoint(self, **changes: Any) -> Endpoint:
        """Another endpoint on a port of its own: in memory and empty, otherwise with this server's options, changed.

        Takes the keywords of `Server`. Thread-safe.
        """
        with self._lock:
            if self._thread is None:
                raise ConfigurationError("the server is not running: use `with Server() as …` or start()")
            fresh = {"data": None, "backend": None, "buckets": (), "port": 0, "also_ports": ()}
            options = self._options.with_(fresh | changes)
            endpoint = Endpoint(self._thread, self._sessions, options)
            self._endpoints = [known for known in self._endpoints if not known.closed]
            self._endpoints.append(endpoint)
            return endpoint

    # The default endpoint

    @property
    def default(self) -> Endpoint:
        if self._default is None:
            raise ConfigurationError("the server is not running: use `with Server() as …` or start()")
        return self._default

    @property
    def url(self) -> str:
        return self.default.url

    @property
    def port(self) -> int:
        return self.default.port

    @property
    def accounts(self) -> Accounts:
        return self.default.accounts

    @property
    def rules(self) -> Rules:
        return self.default.rules

    @property
    def clock(self) -> Clock:
        return self.default.clock

    @property
    def backend(self) -> PushService:
        return self.default.backend

    def create_bucket(self, name: str) -> None:
        self.default.create_bucket(name)

    def client(self, service: str = "s3", **options: Any) -> Any:
        """A boto3 client; see `Endpoint.client`."""
        return self.default.client(service, **options)

    def store(self, bucket: str = "default", **options: Any) -> S3Store:
        """A client-API store over the socket; see `Endpoint.store`."""
        return self.default.store(bucket, **options)

    def direct(self, bucket: str = "default", *, prefix: str = "") -> Store:
        """The in-process view of the same state; see `Endpoint.direct`."""
        return self.default.direct(bucket, prefix=prefix)

    def plane(self, name: str) -> Plane:
        """One of the default endpoint's planes; see `Endpoint.plane`."""
        return self.default.plane(name)

    def env(self, plane: str | None = None, *, account: str | None = None) -> dict[str, str]:
        """Environment variables for other programs; see `Endpoint.env`."""
        return self.default.env(plane, account=account)
