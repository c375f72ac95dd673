"""The part of the filesystem that is about names: what there is, and the directories that are emulated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from .errors import NotFoundError
from .extras import explained
from .fsspec_paths import Entry, directory, file_entry, listing, tree
from .store import Store
from .types import ObjectSummary

with explained():
    from fsspec.asyn import AsyncFileSystem, sync_wrapper
    from fsspec.core import has_magic

__all__ = ["TreeFileSystem", "missing"]


class TreeFileSystem(AsyncFileSystem):  # type: ignore[misc]
    store: Store

    # what there is

    async def _info(self, path: str, **options: Any) -> Entry:
        path = self._strip_protocol(path)
        if path:
            try:
                return file_entry(await self.store.aio.head(path))
            except NotFoundError:
                pass
        if await self._isdir(path):
            return directory(path)
        raise missing(path)

    async def _isdir(self, path: str) -> bool:
        """A path is a directory where a key begins with it and a slash; the root always is."""
        path = self._strip_protocol(path)
        if not path:
            return True
        async for _ in self.store.aio.list(f"{path}/", page_size=1):
            return True
        return False

    async def _isfile(self, path: str) -> bool:
        path = self._strip_protocol(path)
        return bool(path) and await self.store.aio.exists(path)

    async def _exists(self, path: str, **options: Any) -> bool:
        return await self._isfile(path) or await self._isdir(path)

    async def _ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        path = self._strip_protocol(path)
        base = f"{path}/" if path else ""
        page = await self.store.aio.list_with_delimiter(base, delimiter="/")
        if path and not page.objects and not page.prefixes:
            found = [await self._info(path)]
        else:
            found = listing(page, base)
        return found if detail else [entry["name"] for entry in found]

    async def _find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        prefix: str = "",
        **options: Any,
    ) -> Any:
        """One flat listing, whatever the depth of the tree, but for depth 1, which is a listing with a delimiter."""
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        path = self._strip_protocol(path)
        base = f"{path}/" if path else ""
        if maxdepth == 1:
            page = await self.store.aio.list_with_delimiter(base + prefix, delimiter="/")
            there = bool(page.objects or page.prefixes)
            found = [entry for entry in listing(page, base) if withdirs or entry["type"] == "file"]
        else:
            rows = [row async for row in self._rows(base + prefix)]
            there = bool(rows)
            found = tree(rows, base, maxdepth, withdirs=withdirs)
        if withdirs and path and (there or await self._isdir(path)):
            found.append(directory(path))
        if not found and not there and await self._isfile(path):
            found = [await self._info(path)]
        entries = {entry["name"]: entry for entry in sorted(found, key=lambda entry: str(entry["name"]))}
        return entries if detail else list(entries)

    async def _expand_path(
        self, path: Any, recursive: bool = False, maxdepth: int | None = None, assume_literal: bool = False
    ) -> list[str]:
        """As fsspec's own; but what a pattern found to be a file is not looked for below, one request for each."""
        if not recursive:
            expanded: list[str] = await super()._expand_path(path, maxdepth=maxdepth, assume_literal=assume_literal)
            return expanded
        names = [self._strip_protocol(name) for name in ([path] if isinstance(path, str) else path)]
        matched: dict[str, Entry] = {}
        found: set[str] = set()
        for name in names:
            if has_magic(name) and not assume_literal:
                matched |= await self._glob(name, maxdepth=maxdepth, detail=True)
            else:
                found.update(await self._with_all_below(name, maxdepth))
        if maxdepth is None or maxdepth > 1:
            for name, entry in matched.items():
                if entry["type"] == "directory" and name not in found:
                    found.update(await self._with_all_below(name, None if maxdepth is None else maxdepth - 1))
        found.update(matched)
        if not found:
            raise FileNotFoundError(path)
        return sorted(found)

    async def _with_all_below(self, path: str, maxdepth: int | None) -> list[str]:
        found: list[str] = await self._find(path, maxdepth=maxdepth, withdirs=True)
        return found if found or not await self._exists(path) else [path]

    def _rows(self, prefix: str) -> AsyncIterator[ObjectSummary]:
        return self.store.aio.list(prefix)

    async def _du(self, path: str, total: bool = True, maxdepth: int | None = None, **options: Any) -> Any:
        found = await self._find(path, maxdepth=maxdepth, detail=True)
        sizes = {name: entry["size"] for name, entry in found.items()}
        return sum(sizes.values()) if total else sizes

    def ukey(self, path: str) -> Any:
        """The ETag: it changes with the bytes."""
        return self.info(path)["etag"]

    def modified(self, path: str) -> Any:
        return self.info(path)["mtime"]

    def sign(self, path: str, expiration: int = 100, **options: Any) -> str:
        """A URL that reads the object for `expiration` seconds. `options` are those of `Store.sign`."""
        return self.store.sign(self._strip_protocol(path), expires_in=expiration, **options)

    # directories, emulated

    async def _mkdir(self, path: str, create_parents: bool = True, **options: Any) -> None:
        """Nothing is stored: a directory is there with its first file. Raises FileExistsError for a path that is."""
        path = self._strip_protocol(path)
        if await self._exists(path):
            raise FileExistsError(path)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        path = self._strip_protocol(path)
        if await self._isfile(path) or (not exist_ok and await self._isdir(path)):
            raise FileExistsError(path)

    async def _rmdir(self, path: str) -> None:
        """Remove the marker (a key that ends in a slash) of a directory that has no more. Raises OSError for others."""
        path = self._strip_protocol(path)
        keys = [row.key async for row in self._rows(f"{path}/")]
        if not keys:
            raise NotADirectoryError(path) if await self._isfile(path) else missing(path)
        if keys != [f"{path}/"]:
            raise OSError(f"the directory {path!r} is not empty: rm(…, recursive=True)")
        await self.store.aio.delete(f"{path}/")

    rmdir = sync_wrapper(_rmdir)  # fsspec mirrors only what its own base class has


def missing(path: str) -> NotFoundError:
    return NotFoundError("there is no object of this key, and none below it", key=path)
