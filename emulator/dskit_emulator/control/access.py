"""The access log: one line for each answer, without secrets."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

from dskit.clock import Clock

from ..messages import RequestHead, Response

__all__ = ["AccessLog", "LineWriter", "access_line"]

_SECRET = re.compile(r"(?i)(x-amz-signature|x-amz-security-token|signature|x-amz-credential|awsaccesskeyid)=[^&]*")
_LONGEST = 400


def access_line(head: RequestHead | None, response: Response, sent: int, seconds: float, time: str) -> str:
    """``time method target operation status bytes milliseconds request-id account [reason]``; unknown fields are ``-``.

    Signatures and tokens in the query are blanked. Target and reason are printable ASCII, so that a client cannot write
    lines, and cut after 400 characters.
    """
    target = "-"
    if head is not None:
        target = _printable(_SECRET.sub(r"\1=...", head.target), "!")
    fields = [
        time,
        head.method if head is not None else "-",
        target,
        response.operation or "-",
        str(response.status),
        str(sent),
        f"{seconds * 1000:.1f}ms",
        response.request_id or "-",
        response.account or "-",
    ]
    line = " ".join(fields)
    return f"{line} ({_printable(response.reason, ' ')})" if response.reason else line


def _printable(text: str, least: str) -> str:
    shown = "".join(character if least <= character <= "~" else "?" for character in text[:_LONGEST])
    return shown + "..." if len(text) > _LONGEST else shown


class AccessLog:
    """An observer for a front that writes lines to `write`."""

    def __init__(self, write: Callable[[str], object], clock: Clock) -> None:
        self._write = write
        self._clock = clock

    def __call__(self, head: RequestHead | None, response: Response, sent: int, seconds: float) -> None:
        time = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._write(access_line(head, response, sent, seconds, time) + "\n")


class LineWriter:
    """Writes lines from a thread of its own, so that a full pipe never stops the server.

    Lines wait in a bounded queue; what does not fit is counted and the count is written when there is room again.
    """

    def __init__(self, stream: TextIO | None, *, most: int = 10_000) -> None:
        self._given = stream
        self._stream = _own(stream)
        self._most = most
        self._lines: deque[str] = deque()
        self._left_out = 0
        self._news = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="dskit-log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        if len(self._lines) < self._most:
            self._lines.append(line)
        else:
            self._left_out += 1
        self._news.set()

    def close(self, patience: float = 2.0) -> None:
        """Write what waits, for at most `patience` seconds."""
        self._ending = True
        self._news.set()
        self._thread.join(patience)
        if self._stream is not self._given and not self._thread.is_alive():
            with contextlib.suppress(OSError):  # nobody reads any more
                self._stream.close()

    def _run(self) -> None:
        while not (self._ending and not self._lines):
            self._news.wait()
            self._news.clear()
            pieces = [self._lines.popleft() for _ in range(len(self._lines))]
            left_out, self._left_out = self._left_out, 0
            if left_out:
                pieces.append(f"({left_out} lines were left out: this output is read too slowly)\n")
            try:
                self._stream.write("".join(pieces))
                self._stream.flush()
            except (OSError, ValueError):
                self._most = 0  # nobody reads any more


def _own(stream: TextIO | None) -> TextIO:
    """The same file, without the stream's lock: a thread that a full pipe holds would keep that for ever, and the
    interpreter, which flushes its own streams as it ends, would wait for it or be aborted."""
    if stream is None:  # standard output that was closed before we began
        return open(os.devnull, "w")
    try:
        return open(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors=stream.errors)
    except (OSError, ValueError):  # of no file, or closed
        return stream
