"""How long a connection bears with a client that sends, or takes, next to nothing."""

from __future__ import annotations

import asyncio
import struct

__all__ = ["Pace", "waiting_bytes"]


class Pace:
    """Time that a transfer has in hand: some seconds at first, which pass, and which bytes earn back.

    A byte earns ``1 / least_rate`` seconds, and nobody has more in hand than at first. So a client may pause for those
    seconds, one that keeps the least rate goes on for ever, and one that sends a byte before each time-out runs out.
    """

    __slots__ = ("_count", "_least_rate", "_left", "_now", "_tick", "_transfer")

    def __init__(self, least_rate: float, tick: float) -> None:
        """`tick` is how often `is_late` will be asked, in seconds: what is far beyond it was the server's own pause."""
        self._least_rate = least_rate
        self._tick = tick
        self._transfer: object = None
        self._now = self._left = 0.0
        self._count = 0

    def is_late(self, transfer: object, count: int, now: float, seconds: float) -> bool:
        """Whether `transfer`, of which `count` bytes have passed by `now`, has nothing left of its `seconds`.

        Asked again and again about one transfer; the first question about another starts its time. A count that
        falls, since it is an estimate, earns nothing until it is beyond where it was.
        """
        if transfer is not self._transfer:
            self._transfer, self._count = transfer, count
            self._left = seconds
        else:
            self._left -= min(now - self._now, 2 * self._tick)
        if count > self._count:
            self._left = min(seconds, self._left + (count - self._count) / self._least_rate)
            self._count = count
        self._now = now
        return self._left <= 0

    def rest(self) -> None:
        """It is not the client who is waited for: whatever comes next starts anew."""
        self._transfer = None


def waiting_bytes(transport: asyncio.Transport) -> int:
    """Bytes written that the client's side has not acknowledged yet.

    The kernel takes megabytes at once and wakes a writer when a third of them is gone, which over a slow line is
    minutes: whether anything moves is seen in its queue alone (tcp(7), SIOCOUTQ). Where the system does not tell, what
    the transport holds back is all that is known.
    """
    held = transport.get_write_buffer_size()
    plain = transport.get_extra_info("socket")
    if plain is None:
        return held
    try:
        import fcntl
        import termios

        queued: bytes = fcntl.ioctl(plain.fileno(), termios.TIOCOUTQ, bytes(4))
    except (ImportError, OSError, ValueError):
        return held
    return held + int(struct.unpack("i", queued)[0])
