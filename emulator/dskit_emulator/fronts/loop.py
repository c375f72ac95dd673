"""A thread with an event loop, and listeners on it. Many endpoints share one."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from dskit.errors import ConfigurationError

from .protocol import Connection
from .site import Site, Workers

__all__ = ["Listener", "LoopThread", "bound_socket"]

_Result = TypeVar("_Result")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: it is about twice as fast."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


_REMEDIES = {
    errno.EADDRINUSE: "; end what listens there, or take another port (0 is any that is free)",
    errno.EACCES: "; take a port from 1024 on, or 0 for any that is free",
    errno.EADDRNOTAVAIL: "; the host must be an address of this machine, or 0.0.0.0 for all of them",
}


def bound_socket(host: str, port: int, backlog: int = 1024) -> socket.socket:
    """A listening TCP socket: clients may connect from now on, even before the loop accepts.

    Raises OSError, of the kind that the system raised, with the address and the remedy.
    """
    try:
        return _bound(host, port, backlog)
    except OSError as error:
        number = error.errno or 0  # a resolver's numbers are below 0 or not the system's
        remedy = "" if isinstance(error, socket.gaierror) else _REMEDIES.get(number, "")
        text = f"cannot listen on {host}:{port}: {error.strerror or error}{remedy}"
        raise type(error)(number, text) from error


def _bound(host: str, port: int, backlog: int) -> socket.socket:
    # As bytes where it can be: a str would load the codec of international names.
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.encode() if host.isascii() else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(backlog)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


class LoopThread:
    """Runs a loop in a daemon thread until `close`. Usable from any other thread."""

    def __init__(self, *, loop: Callable[[], asyncio.AbstractEventLoop] = new_event_loop, workers: int = 16) -> None:
        self.loop = loop()
        self.workers = Workers(self.loop, workers)
        self._thread = threading.Thread(target=self._run, name="dskit-server", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def check_outside(self) -> None:
        """Raises `ConfigurationError` on the loop's own thread, where what waits for the loop waits for ever."""
        if threading.current_thread() is self._thread:
            raise ConfigurationError("an observer runs on the server's own thread and cannot close what it observes")

    def call(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """Stop the thread. Listeners are to be closed before."""
        if self._thread.is_alive():
            self.workers.close()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()


class Listener:
    """Listening sockets whose connections belong to `site`. Returns at once: the kernel queues early clients."""

    def __init__(
        self,
        thread: LoopThread,
        site: Site,
        listening: Iterable[socket.socket],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._thread = thread
        self._site = site
        self._tls = tls
        self._servers = asyncio.run_coroutine_threadsafe(self._listen(tuple(listening)), thread.loop)

    async def _listen(self, listening: tuple[socket.socket, ...]) -> list[asyncio.AbstractServer]:
        loop = self._thread.loop
        return [
            await loop.create_server(lambda: Connection(self._site, loop), sock=each, ssl=self._tls)
            for each in listening
        ]

    def close(self, grace: float = 0.0) -> None:
        """Stop listening, give requests under way `grace` seconds, then reset what is left. Waits for its jobs."""
        self._thread.call(self._close(grace))

    async def _close(self, grace: float) -> None:
        for server in await asyncio.wrap_future(self._servers):
            server.close()
        site = self._site
        site.closing = True
        quiet = asyncio.Event()
        site.when_quiet(quiet.set)
        if grace > 0:
            for link in list(site.links):
                link.shutdown()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(quiet.wait(), grace)
        for link in list(site.links):
            link.reset()
        await quiet.wait()
