"""A store as a filesystem of fsspec, registered as the protocol ``dskit``: for pandas, pyarrow, zarr and their like.

``dskit://a/b`` is the key ``a/b`` of the store that the option `store` names. Directories are emulated, for object
stores have none: docs/how-to/fsspec.md says what is, and what is not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .errors import (
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    RangeNotSatisfiableError,
    UnsupportedError,
)
from .extras import explained
from .file_reader import READ_AHEAD
from .files import File, TextFile, begin_write, parse_mode
from .fsspec_paths import slice_range
from .fsspec_tree import TreeFileSystem, missing
from .fsspec_writer import TransactionWriter
from .store import Store
from .urls import open_store

with explained():
    from fsspec.asyn import _run_coros_in_chunks
    from fsspec.callbacks import DEFAULT_CALLBACK
    from fsspec.utils import isfilelike

__all__ = ["DskitFileSystem"]

_TEXT = ("encoding", "errors", "newline")
_HINTS = ("cache_type", "size")
"""Options of fsspec's own files that only say how they might be read faster."""


class _ByStore(type(TreeFileSystem)):  # type: ignore[misc]
    """fsspec keeps one instance for equal options, and takes stores for equal whose reprs are: those are not kept."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        store = args[0] if args else options.get("store")
        if isinstance(store, Store):
            options["skip_instance_cache"] = True
        return super().__call__(*args, **options)


class DskitFileSystem(TreeFileSystem, metaclass=_ByStore):
    """`store` is a `Store`, or its URL for `open_store`, which gets `store_options`.

    fsspec may give the option itself: from ``FSSPEC_DSKIT_STORE`` in the environment, or from its configuration.
    Instances with one URL are one, and own their store; a `Store` stays its owner's. Errors are dskit's own, which
    are FileNotFoundError, FileExistsError and PermissionError where fsspec expects those. Listings are never cached.
    """

    protocol = "dskit"

    def __init__(
        self,
        store: Store | str | None = None,
        *,
        store_options: Mapping[str, Any] | None = None,
        asynchronous: bool = False,
        loop: Any = None,
        batch_size: int | None = None,
        use_listings_cache: bool = False,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ConfigurationError(
                f"the filesystem has no option {next(iter(unknown))!r}; it has store (a Store or a URL of open_store) "
                "and store_options (what open_store gets)"
            )
        if use_listings_cache:
            raise ConfigurationError("this filesystem caches no listings: leave use_listings_cache out")
        if isinstance(store, str):
            opened = open_store(store, **(store_options or {}))
        elif isinstance(store, Store) and not store_options:
            opened = store
        else:
            raise ConfigurationError(
                "a dskit filesystem needs a store: storage_options={'store': 'disk:data'}, "
                "or FSSPEC_DSKIT_STORE in the environment"
                if store is None
                else f"store is a Store, or a URL with store_options; not {store!r} with {store_options!r}"
            )
        super().__init__(asynchronous=asynchronous, loop=loop, batch_size=batch_size)
        self.store = opened
        self._named = isinstance(store, str)

    @property
    def fsid(self) -> str:
        return f"dskit:{self._fs_token}"

    @property
    def _fs_token(self) -> str:
        """What makes filesystems equal: the options, or for a `Store` its identity."""
        token: str = self._fs_token_
        return token if self._named else f"{id(self.store):x}"

    # bytes

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        """The bytes of a slice, as Python slices: outside the object there are none."""
        path = self._strip_protocol(path)
        aio = self.store.aio
        negative = (start or 0) < 0 or (end or 0) < 0
        size = (await aio.head(path)).size if negative and not (end is None and (start or 0) < 0) else None
        wanted = slice_range(start, end, size)
        if wanted == "nothing":
            await aio.head(path)
            return b""
        try:
            result = await aio.get(path, range=None if wanted == "all" else wanted)
        except RangeNotSatisfiableError:
            return b""
        return await result.aread()

    async def _cat(
        self, path: Any, recursive: bool = False, on_error: str = "raise", batch_size: int | None = None, **options: Any
    ) -> Any:
        """Side by side. `recursive` is all files below: directories have no bytes."""
        if recursive:
            found = [await self._find(name) for name in await self._expand_path(path)]
            path = [name for names in found for name in names]
        return await super()._cat(path, on_error=on_error, batch_size=batch_size, **options) if path else {}

    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **options: Any) -> None:
        """`options` are those of `Store.put`."""
        await self.store.aio.put(self._strip_protocol(path), value, if_none_match=_condition(mode), **options)

    async def _put_file(
        self, lpath: str, rpath: str, callback: Any = DEFAULT_CALLBACK, mode: str = "overwrite", **options: Any
    ) -> None:
        """`Store.upload`; `options` are its own."""
        rpath = self._strip_protocol(rpath)
        if os.path.isdir(lpath):
            await self._makedirs(rpath, exist_ok=True)
            return
        progress = _progress(callback)
        await self.store.aio.upload(lpath, rpath, if_none_match=_condition(mode), progress=progress, **options)

    async def _get_file(self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, **options: Any) -> None:
        """`Store.download`; `options` are its own. The file appears whole or not at all."""
        rpath = self._strip_protocol(rpath)
        if isfilelike(lpath):
            result = await self.store.aio.get(rpath)
            callback.set_size(result.remaining)
            async for chunk in result:
                lpath.write(chunk)
                callback.relative_update(len(chunk))
            return
        try:
            await self.store.aio.download(rpath, lpath, progress=_progress(callback), **options)
        except (NotFoundError, InvalidRequestError):  # the latter: there is a folder already
            if await self._isfile(rpath) or not await self._isdir(rpath):
                raise
            os.makedirs(lpath, exist_ok=True)

    async def _cp_file(self, path1: str, path2: str, **options: Any) -> None:
        """On the server. `options` are those of `Store.copy`. A directory is there with its files: nothing to copy."""
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        try:
            await self.store.aio.copy(path1, path2, **options)
        except NotFoundError:
            if not await self._isdir(path1):
                raise

    async def _mv_file(self, path1: str, path2: str) -> None:
        await self.store.aio.rename(self._strip_protocol(path1), self._strip_protocol(path2))

    async def _rm_file(self, path: str, **options: Any) -> None:
        await self._rm(path)

    async def _rm(
        self,
        path: str | list[str],
        recursive: bool = False,
        batch_size: int | None = None,
        maxdepth: int | None = None,
        **options: Any,
    ) -> None:
        """A thousand objects a request. Raises FileNotFoundError, and IsADirectoryError without `recursive`."""
        paths = await self._expand_path(path, recursive=False)
        found = await _run_coros_in_chunks(
            [self._keys(name, recursive, maxdepth) for name in paths], batch_size=batch_size or self.batch_size
        )
        result = await self.store.aio.delete_many(key for keys in found for key in keys)
        for failed in result.errors:
            raise OSError(f"{len(result.errors)} objects could not be removed, first {failed.key!r}: {failed.message}")

    async def _keys(self, path: str, recursive: bool, maxdepth: int | None) -> list[str]:
        """What removing a path removes."""
        keys = [path] if await self._isfile(path) else []
        if recursive and maxdepth is not None:
            keys += [key for key in await self._find(path, maxdepth=maxdepth) if key != path]
        elif recursive:
            keys += [row.key async for row in self._rows(f"{path}/" if path else "")]
        elif not keys and await self._isdir(path):
            raise IsADirectoryError(f"{path!r} is a directory: rm(…, recursive=True)")
        if not keys and not await self._isdir(path):
            raise missing(path)
        return keys

    # files

    def open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: Any = None,
        compression: str | None = None,
        **options: Any,
    ) -> Any:
        """`Store.open`, also in text modes: an exception inside ``with`` publishes nothing. `options` are its own."""
        parsed = parse_mode(mode)
        if compression is not None and parsed.action != "r":
            raise UnsupportedError(
                "a compressor would not close the file, so nothing would be published: "
                "wrap it (gzip.open(fs.open(…), 'wb')), or use fsspec.open(…, compression=…)",
                operation="open",
                key=path,
            )
        if not parsed.text or compression is not None:
            return super().open(path, mode, block_size, cache_options, compression, **options)
        text = {name: options.pop(name) for name in _TEXT if name in options}
        file = super().open(path, f"{parsed.action}b", block_size, cache_options, **options)
        return TextFile(file, str(parsed), text)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: Any = None,
        **options: Any,
    ) -> File:
        """`block_size` is the read-ahead; how fsspec's own files would cache is of no meaning here."""
        given = {name: value for name, value in options.items() if name not in _HINTS}
        parsed = parse_mode(mode)
        if parsed.action == "r":
            given["read_ahead"] = block_size or READ_AHEAD
        if parsed.action == "r" or autocommit:
            file: File = self.store.open(path, str(parsed), **given)
            return file
        return TransactionWriter(self.store, path, begin_write(self.store, path, parsed, given))

    async def open_async(self, path: str, mode: str = "rb", **options: Any) -> Any:
        """`AsyncStore.open`."""
        return await self.store.aio.open(self._strip_protocol(path), mode, **options)


def _condition(mode: str) -> str | None:
    if mode not in ("overwrite", "create"):
        raise InvalidRequestError(f"mode is 'overwrite' or 'create', not {mode!r}")
    return "*" if mode == "create" else None


def _progress(callback: Any) -> Any:
    if callback is DEFAULT_CALLBACK:
        return None

    def report(progress: Any) -> None:
        callback.set_size(progress.total_bytes)
        callback.absolute_update(progress.bytes)

    return report
