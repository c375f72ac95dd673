"""obstore's stores as filesystems of fsspec: `FsspecStore` by protocol, `AsyncFsspecStore` over one store.

Paths are ``bucket/key`` or ``s3://bucket/key``, and keys where there is no bucket (``memory``, ``file``, one store).
Entries have obstore's names: `name`, `size`, `type`, and for files `e_tag`, `last_modified` and `version`.
"""

from __future__ import annotations

import os
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ...extras import explained
from ._base import below
from ._methods import ObjectStoreMethods
from ._paths import key_of
from ._put_input import attribute_arguments
from ._types import ObjectMeta, PutResult
from .store import from_url

with explained():
    import fsspec
    from fsspec.asyn import AsyncFileSystem

__all__ = ["SUPPORTED_PROTOCOLS", "AsyncFsspecStore", "FsspecStore", "register"]

SUPPORTED_PROTOCOLS = frozenset(
    {"abfs", "abfss", "adl", "az", "azure", "file", "gcs", "gs", "http", "https", "memory", "s3", "s3a"}
)
_WITHOUT_BUCKET = frozenset({"file", "memory"})
READ_BYTES = 1024 * 1024


class _StoreFileSystem(AsyncFileSystem):  # type: ignore[misc]
    """The operations, over the store and the key that `_place` makes of a path."""

    @abstractmethod
    def _place(self, path: str) -> tuple[ObjectStoreMethods, str, str]:
        """Store, bucket and key of a path."""

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        """All bytes, or those from `start` to `end`; one of the two alone is `NotImplementedError`, as in obstore."""
        store, _, key = self._place(path)
        if start is None and end is None:
            return (await (await store.get_async(key)).bytes_async()).to_bytes()
        if start is None or end is None:
            raise NotImplementedError("cat_file takes start and end together")
        return (await store.get_range_async(key, start=start, end=end)).to_bytes()

    async def _cat_ranges(
        self,
        paths: Sequence[str],
        starts: Any,
        ends: Any,
        max_gap: int | None = None,
        batch_size: int | None = None,
        on_error: str = "return",
        **options: Any,
    ) -> list[bytes]:
        """The ranges of one file are fetched together. Errors are raised, whatever `on_error`, as in obstore."""
        first = [starts] * len(paths) if isinstance(starts, int) else list(starts)
        last = [ends] * len(paths) if isinstance(ends, int) else list(ends)
        if not len(paths) == len(first) == len(last):
            raise ValueError("one start and one end for each path")
        found: list[bytes] = [b""] * len(paths)
        for path in dict.fromkeys(paths):
            rows = [number for number, other in enumerate(paths) if other == path]
            store, _, key = self._place(path)
            pieces = await store.get_ranges_async(
                key, starts=[first[row] for row in rows], ends=[last[row] for row in rows]
            )
            for row, piece in zip(rows, pieces, strict=True):
                found[row] = piece.to_bytes()
        return found

    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **options: Any) -> PutResult:
        store, _, key = self._place(path)
        return await store.put_async(key, value, mode=mode)  # type: ignore[arg-type]

    async def _put_file(self, lpath: str, rpath: str, mode: str = "overwrite", **options: Any) -> None:
        if os.path.isdir(lpath):
            return  # a directory is there with its first file
        store, _, key = self._place(rpath)
        await store.put_async(key, Path(lpath), mode=mode)  # type: ignore[arg-type]

    async def _get_file(self, rpath: str, lpath: str, **options: Any) -> None:
        """The local file appears whole or not at all."""
        store, _, key = self._place(rpath)
        if os.path.isdir(lpath):
            return
        if not await self._is_object(store, key):
            if not await self._isdir(rpath):
                raise FileNotFoundError(rpath)
            os.makedirs(lpath, exist_ok=True)
            return
        await store.native.aio.download(key, lpath)

    async def _cp_file(self, path1: str, path2: str, **options: Any) -> None:
        """On the server within a bucket, through this process between two."""
        source, bucket, key = self._place(path1)
        target, other, new = self._place(path2)
        if not await self._is_object(source, key) and await self._isdir(path1):
            return
        if bucket == other:
            await source.copy_async(key, new)
        else:
            await target.put_async(new, await source.get_async(key))

    async def _rm_file(self, path: str, **options: Any) -> None:
        store, _, key = self._place(path)
        if await self._is_object(store, key):
            await store.delete_async(key)

    async def _info(self, path: str, **options: Any) -> dict[str, Any]:
        store, bucket, key = self._place(path)
        name = f"{bucket}/{key}"
        if key:
            try:
                return _entry(await store.head_async(key), bucket)
            except FileNotFoundError:
                pass
        if not key or await self._has_members(store, key):
            return {"name": name, "size": 0, "type": "directory"}
        raise FileNotFoundError(path)

    async def _ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        store, bucket, key = self._place(path)
        listed = await store.list_with_delimiter_async(key)
        found = [_entry(row, bucket) for row in listed["objects"]]
        found += [{"name": f"{bucket}/{name}", "size": 0, "type": "directory"} for name in listed["common_prefixes"]]
        if not found and key:
            found = [_entry(await store.head_async(key), bucket)]
        return found if detail else sorted(entry["name"] for entry in found)

    async def _isdir(self, path: str) -> bool:
        store, _, key = self._place(path)
        return not key or await self._has_members(store, key)

    def modified(self, path: str) -> Any:
        """When the object was written: aware, UTC."""
        store, _, key = self._place(path)
        return store.head(key)["last_modified"]

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: Any = None,
        *,
        buffer_size: int | None = None,
        attributes: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
        **options: Any,
    ) -> Any:
        """A file of dskit's: pinned when it is read, published when it is closed and not when it is left by an
        exception. Raises `ValueError` for any mode but "rb" and "wb"."""
        if mode not in ("rb", "wb"):
            raise ValueError(f"Only 'rb' and 'wb' modes supported, got: {mode}")
        if not autocommit:
            raise NotImplementedError("a file of this filesystem is published when it is closed, not by a transaction")
        store, _, key = self._place(path)
        if mode == "rb":
            return store.native.open(key_of(key), "rb", read_ahead=buffer_size or block_size or READ_BYTES)
        return store.native.open(key_of(key), "wb", **attribute_arguments(store, attributes, tags))

    @staticmethod
    async def _is_object(store: ObjectStoreMethods, key: str) -> bool:
        return bool(key) and await store.native.aio.exists(key_of(key))

    @staticmethod
    async def _has_members(store: ObjectStoreMethods, key: str) -> bool:
        async for _ in below(store.native, key).aio.list(page_size=1):
            return True
        return False


class FsspecStore(_StoreFileSystem):
    """The buckets that a protocol reaches; one store is kept for each of the last `max_cache_size` buckets.

    Options are those of the stores (`from_url`).
    """

    cachable = True
    store_of_url: ClassVar[Callable[..., ObjectStoreMethods]] = staticmethod(from_url)

    def __init__(
        self,
        protocol: str | None = None,
        *args: Any,
        config: Mapping[str, Any] | None = None,
        client_options: dict[str, Any] | None = None,
        retry_config: Any = None,
        credential_provider: Callable[[], Any] | None = None,
        asynchronous: bool = False,
        max_cache_size: int = 10,
        loop: Any = None,
        batch_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        if protocol is not None:
            self.protocol = protocol
        if self.protocol not in SUPPORTED_PROTOCOLS:
            warnings.warn(f"Unknown protocol: {self.protocol}; requests may fail.", stacklevel=2)
        super().__init__(*args, asynchronous=asynchronous, loop=loop, batch_size=batch_size)

        def construct(bucket: str) -> ObjectStoreMethods:
            return self.store_of_url(
                f"{self.protocol}://{bucket or '/'}",
                config=config,
                client_options=client_options,
                retry_config=retry_config,
                credential_provider=credential_provider,
                **kwargs,
            )

        self._construct_store = lru_cache(maxsize=max_cache_size)(construct)

    def _place(self, path: str) -> tuple[ObjectStoreMethods, str, str]:
        bucket, key = self._split_path(path)
        return self._construct_store(bucket), bucket, key

    def _split_path(self, path: str) -> tuple[str, str]:
        """Bucket and key. Raises `ValueError` for a URL of another protocol."""
        parts = urlsplit(path)
        if "://" in path and parts.scheme != self.protocol:
            raise ValueError(f"Expected protocol to be {self.protocol}. Got {parts.scheme}")
        bare = path.partition("://")[2] if "://" in path else path
        if self.protocol in _WITHOUT_BUCKET:
            return "", bare.lstrip("/")
        bucket, _, key = bare.lstrip("/").partition("/")
        return bucket, key


class AsyncFsspecStore(_StoreFileSystem):
    """One store as a filesystem, under the name that obstore's guide gives it (its releases, up to 0.4)."""

    cachable = False
    protocol = "obstore"

    def __init__(
        self,
        store: ObjectStoreMethods,
        *args: Any,
        asynchronous: bool = False,
        loop: Any = None,
        batch_size: int | None = None,
    ) -> None:
        super().__init__(*args, asynchronous=asynchronous, loop=loop, batch_size=batch_size)
        self.store = store

    def _place(self, path: str) -> tuple[ObjectStoreMethods, str, str]:
        return self.store, "", path.lstrip("/")


def register(protocol: str | Iterable[str] | None = None, *, asynchronous: bool = False) -> None:
    """Make fsspec use this module for one protocol, for several, or for all but ``file`` and ``memory``."""
    _register(FsspecStore, protocol, asynchronous)


def members(store_of_url: Callable[..., ObjectStoreMethods]) -> dict[str, Any]:
    """The names of this module, with filesystems whose stores are what `store_of_url` makes of a URL."""
    kind = type("FsspecStore", (FsspecStore,), {"store_of_url": staticmethod(store_of_url)})

    @wraps(register)
    def register_here(protocol: str | Iterable[str] | None = None, *, asynchronous: bool = False) -> None:
        _register(kind, protocol, asynchronous)

    return {name: globals()[name] for name in __all__} | {"FsspecStore": kind, "register": register_here}


def _register(kind: type[FsspecStore], protocol: str | Iterable[str] | None, asynchronous: bool) -> None:
    names = SUPPORTED_PROTOCOLS - _WITHOUT_BUCKET if protocol is None else protocol
    for name in [names] if isinstance(names, str) else sorted(names):
        made = type(f"FsspecStore_{name}", (kind,), {"protocol": name, "asynchronous": asynchronous})
        fsspec.register_implementation(name, made, clobber=True)


def _entry(row: ObjectMeta, bucket: str) -> dict[str, Any]:
    return {
        "name": f"{bucket}/{row['path']}",
        "size": row["size"],
        "type": "file",
        "e_tag": row["e_tag"],
        "last_modified": row["last_modified"],
        "version": row["version"],
    }
