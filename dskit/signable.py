"""Services that have no wire of their own, memory and files, and sign while something serves them.

The server adds a `Signer` (`Signable.add_signer`) and takes it away when it stops. The records of what is signed are
apart, in `signers`: a server starts without them.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .capabilities import Capabilities
from .errors import UnsupportedError

if TYPE_CHECKING:
    from .signers import FormOptions, SignedForm, Signer, SignOptions

__all__ = ["Signable"]


class Signable:
    """Base of such services. `capabilities` follow: they say `sign` only meanwhile."""

    _capabilities: Capabilities

    def __init__(self) -> None:
        self._signers: list[Signer] = []
        self._signers_lock = threading.Lock()

    def add_signer(self, signer: Signer) -> Callable[[], None]:
        """`signer` signs for this service from now on; the newest of several does. Returns what takes it away again."""

        def remove() -> None:
            with self._signers_lock:
                self._signers = [other for other in self._signers if other is not signer]
                self._declare_signing()

        with self._signers_lock:
            self._signers = [*self._signers, signer]
            self._declare_signing()
        return remove

    def _declare_signing(self) -> None:
        able = bool(self._signers)
        supports = self._capabilities.supports.replace(
            sign=able, sign_content_type=able, sign_response=able, sign_post=able
        )
        self._capabilities = dataclasses.replace(self._capabilities, supports=supports)

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        return self._signer().sign_url(bucket, key, options)

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        return self._signer().sign_form(bucket, key, options)

    def _signer(self) -> Signer:
        signers = self._signers
        if not signers:
            raise UnsupportedError("nothing serves this store any more, so there is no URL that could be signed")
        return signers[-1]
