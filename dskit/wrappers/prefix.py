"""`PrefixStore`: what is below a prefix of another store, as a store of its own."""

from __future__ import annotations

from ..store import Store
from .forwarding import WrappedStore

__all__ = ["PrefixStore"]


class PrefixStore(WrappedStore):
    """Another store with a raw string before every key; nothing is inserted between, so end it with ``/`` for a folder.

    What does not begin with the prefix is neither seen nor touched, nor is a key that is the prefix itself, but where a
    call says so itself: a `source_bucket` and the parameters of `raw` are the service's own. Raises `InvalidKeyError`
    for a prefix that UTF-8 cannot hold.
    """

    def __init__(self, store: Store, prefix: str) -> None:
        store.check_prefix(prefix)
        super().__init__(store, store.service)
        self.prefix = store.prefix + prefix
