"""``GET /_dskit/health``: what start-up scripts and container health checks ask. No credentials needed."""

from __future__ import annotations

from ..messages import Exchange, Handler, RequestHead, Response

__all__ = ["HEALTH_TARGET", "Health"]

HEALTH_TARGET = "/_dskit/health"
"""No bucket can have this name, and an object of a virtual-host bucket that has it is read with a signature."""


class Health:
    """A handler that answers the health check and passes on everything else."""

    __slots__ = ("_inner", "blocking")

    def __init__(self, inner: Handler) -> None:
        self._inner = inner
        self.blocking = inner.blocking

    def open(self, head: RequestHead, body: bytes | None = None) -> Exchange | Response:
        if head.target == HEALTH_TARGET and head.method in ("GET", "HEAD") and not head.get("authorization"):
            response = Response(200, [("Content-Type", "application/json")], b'{"status":"ok"}\n')
            response.operation = "Health"
            return response
        return self._inner.open(head, body)
