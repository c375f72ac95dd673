"""What the files of these tests hold, a write that fails, and a service that declares less than it can."""

from __future__ import annotations

from typing import Any

DATA = b"".join(b"line %d\n" % number for number in range(1000))
MIB = 1024 * 1024


def fail_after(call: Any, *args: Any) -> None:
    call(*args)
    raise ZeroDivisionError


class Without:
    """A service that declares less than it can."""

    def __init__(self, service: Any, *denied: str) -> None:
        self._service = service
        self.capabilities = service.capabilities.replace(
            supports=service.capabilities.supports.replace(**dict.fromkeys(denied, False))
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)
