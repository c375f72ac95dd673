"""Services that have no wire of their own, memory and files, and sign while something serves them.

The server adds a `Signer` (`Signable.add_signer`) and takes it away when it stops. The records of what is signed are
apart, in `signers`, and so are those of the capabilities: a server starts without either.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import UnsupportedError

if TYPE_CHECKING:
    from .capabilities import Capabilities
    from .signers import FormOptions, SignedForm, Signer, SignOptions

__all__ = ["Signable"]


class Signable(ABC):
    """Base of such services."""

    def __init__(self) -> None:
        self._signers: list[Signer] = []
        self._lock = threading.Lock()
        self._capabilities: Capabilities | None = None

    @abstractmethod
    def _declared(self) -> Capabilities:
        """What the service can do by itself, which is not signing."""

    @property
    def capabilities(self) -> Capabilities:
        """They say `sign` while something serves the service."""
        known = self._capabilities
        if known is not None:
            return known
        with self._lock:
            declared = self._declared()
            if self._signers:
                supports = declared.supports.replace(
                    sign=True, sign_content_type=True, sign_response=True, sign_post=True
                )
                declared = declared.replace(supports=supports)
            self._capabilities = declared
        return declared

    def add_signer(self, signer: Signer) -> Callable[[], None]:
        """`signer` signs for this service from now on; the newest of several does. Returns what takes it away again."""

        def remove() -> None:
            with self._lock:
                self._signers = [other for other in self._signers if other is not signer]
                self._capabilities = None

        with self._lock:
            self._signers = [*self._signers, signer]
            self._capabilities = None
        return remove

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        return self._signer().sign_url(bucket, key, options)

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        return self._signer().sign_form(bucket, key, options)

    def _signer(self) -> Signer:
        signers = self._signers
        if not signers:
            raise UnsupportedError("nothing serves this store any more, so there is no URL that could be signed")
        return signers[-1]
