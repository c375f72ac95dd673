"""The functions that change a store: `put`, `copy`, `rename`, `delete`, and their twins for coroutines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...aio_put import async_chunks
from ...errors import BucketNotFoundError, NotFoundError, StoreError
from ...flows import Flow, Pull, drive
from ...hops import adrive
from ...sources import source_of
from ...streaming import put_stream
from ...types import PutResult as NativePut
from ._base import ObjectStoreBase, hopped, store_of
from ._numbers import positive, unsigned
from ._paths import key_of
from ._put_input import kept_attributes, opened_input, put_arguments
from ._translation import translated
from ._types import AsyncPutInput, Attributes, PutInput, PutMode, PutResult
from .exceptions import GenericError, NotSupportedError, PreconditionError

__all__ = ["NO_OPTIONS", "copy", "copy_async", "delete", "delete_async", "put", "put_async", "rename", "rename_async"]

CHUNK_BYTES = 5 * 1024 * 1024

_CONDITIONS = frozenset({"if_match", "if_none_match"})
NO_OPTIONS: dict[str, Any] = dict.fromkeys(
    (
        "content_type",
        "cache_control",
        "content_disposition",
        "content_encoding",
        "content_language",
        "expires",
        "metadata",
        "storage_class",
        "if_none_match",
        "if_match",
        "checksum",
        "content_md5",
    )
)


def put(
    store: ObjectStoreBase,
    path: str,
    file: PutInput,
    *,
    attributes: Attributes | None = None,
    tags: dict[str, str] | None = None,
    mode: PutMode | None = None,
    use_multipart: bool | None = None,
    chunk_size: int = CHUNK_BYTES,
    max_concurrency: int = 12,
) -> PutResult:
    """Store an object, atomically: readers see what was there before, or all of this.

    `file` is a buffer, a binary file, the path of a local file, or an iterable of buffers. Data that is longer than
    `chunk_size`, or of unknown length, goes to a remote store in parts of that size (raised to the smallest part that
    the store takes), one at a time: `max_concurrency` is a limit. `use_multipart=False` sends it in one piece.

    Raises `AlreadyExistsError` (mode "create"), `PreconditionError` (mode ``{"e_tag": …}``), `ValueError` for what
    cannot be put.
    """
    target, key = store_of(store), key_of(path)
    size, _ = positive(chunk_size), unsigned(max_concurrency)
    arguments = put_arguments(target, attributes, tags, mode)
    if isinstance(file, bytes):
        return _put(target, key, file, arguments, use_multipart, size)
    with opened_input(file, awaited=False) as data:
        return _put(target, key, data, arguments, use_multipart, size)


async def put_async(
    store: ObjectStoreBase,
    path: str,
    file: AsyncPutInput,
    *,
    attributes: Attributes | None = None,
    tags: dict[str, str] | None = None,
    mode: PutMode | None = None,
    use_multipart: bool | None = None,
    chunk_size: int = CHUNK_BYTES,
    max_concurrency: int = 12,
) -> PutResult:
    """`put` for a coroutine; `file` may also be an async iterable of buffers. A cancelled one leaves nothing behind."""
    target, key = store_of(store), key_of(path)
    size, _ = positive(chunk_size), unsigned(max_concurrency)
    arguments = put_arguments(target, attributes, tags, mode)
    native = target.native
    with opened_input(file, awaited=True) as data:
        try:
            if native.service.blocking and (flow := _parts(target, key, data, arguments, use_multipart, size)):
                return _put_result(await adrive(flow, native.service))
            return _put_result(await native.aio.put(key, data, **arguments))
        except StoreError as error:
            raise _put_error(error, target, key, arguments) from error


def copy(store: ObjectStoreBase, from_: str, to: str, *, overwrite: bool = True) -> None:
    """Copy an object within a store; its attributes come along.

    With `overwrite` False only where there is none yet: `AlreadyExistsError`; `NotSupportedError` where the store has
    no such copy (S3 without ``copy_if_not_exists="multipart"``). Raises `FileNotFoundError`.
    """
    target, source, key = store_of(store), key_of(from_), key_of(to)
    native, traits = target.native, target._traits
    try:
        if not overwrite:
            _create_copy(target, source, key)
        elif source == key and traits.copy_onto_itself:
            native.head(key)
        else:
            native.copy(source, key)
    except StoreError as error:
        raise translated(error, target.label, source if overwrite else key) from error


async def copy_async(store: ObjectStoreBase, from_: str, to: str, *, overwrite: bool = True) -> None:
    """`copy` for a coroutine."""
    await hopped(copy, store, from_, to, overwrite=overwrite)


def rename(store: ObjectStoreBase, from_: str, to: str, *, overwrite: bool = True) -> None:
    """Copy, then delete: not atomic, but nothing is lost on the way. Raises as `copy` does."""
    target, source, key = store_of(store), key_of(from_), key_of(to)
    copy(target, source, key, overwrite=overwrite)
    if source != key:
        delete(target, source)


async def rename_async(store: ObjectStoreBase, from_: str, to: str, *, overwrite: bool = True) -> None:
    """`rename` for a coroutine."""
    await hopped(rename, store, from_, to, overwrite=overwrite)


def delete(store: ObjectStoreBase, paths: str | Sequence[str]) -> None:
    """Remove one object or several.

    What is not there is no error in memory and on S3, `FileNotFoundError` in a local store. Of several, those before
    the one that failed are gone, and on a store with batches the others may be as well.
    """
    target = store_of(store)
    if isinstance(paths, str):
        _delete(target, key_of(paths))
        return
    keys = [key_of(path) for path in paths]
    if not (target._traits.bulk_delete and target._traits.delete_missing):
        for key in keys:
            _delete(target, key)
        return
    try:
        failed = target.native.delete_many(keys).errors if keys else []
    except StoreError as error:
        raise translated(error, target.label, keys[0]) from error
    if failed:
        raise GenericError(f"Generic {target.label} error: {failed[0].key} was not deleted: {failed[0].message}")


async def delete_async(store: ObjectStoreBase, paths: str | Sequence[str]) -> None:
    """`delete` for a coroutine."""
    await hopped(delete, store, paths)


def _put(
    target: ObjectStoreBase, key: str, data: Any, arguments: dict[str, Any], use_multipart: bool | None, size: int
) -> PutResult:
    native = target._native
    try:
        if native.service.blocking and (flow := _parts(target, key, data, arguments, use_multipart, size)):
            return _put_result(drive(flow))
        return _put_result(native.put(key, data, **arguments))
    except StoreError as error:
        raise _put_error(error, target, key, arguments) from error


def _delete(target: ObjectStoreBase, key: str) -> None:
    try:
        if not target._traits.delete_missing:
            target._native.head(key)
        target._native.delete(key)
    except StoreError as error:
        raise translated(error, target._traits.label, key) from error


def _create_copy(target: ObjectStoreBase, source: str, key: str) -> None:
    native, how = target.native, target._traits.create_copy
    if how == "none":
        raise NotSupportedError(
            f"{target.label} does not support copy-if-not-exists: "
            "construct the store with copy_if_not_exists='multipart', or copy with overwrite=True"
        )
    if how == "atomic":
        native.copy(source, key, if_none_match="*")
        return
    meta = native.head(source)
    upload = native.create_multipart_upload(key, **kept_attributes(meta.attributes))
    try:
        part = native.upload_part_copy(key, upload.upload_id, 1, source, source_if_match=meta.etag)
        native.complete_multipart_upload(key, upload.upload_id, [part], if_none_match="*")
    except BaseException:
        native.abort_multipart_upload(key, upload.upload_id)
        raise


def _parts(
    target: ObjectStoreBase, key: str, data: Any, arguments: dict[str, Any], use_multipart: bool | None, size: int
) -> Flow[NativePut] | None:
    """The upload in parts, for a remote store and data that wants one; None for a put in one piece."""
    native = target.native
    if native.capabilities.semantics.unknown_length != "multipart" or use_multipart is False:
        return None
    chunks: Any = async_chunks(data)
    length = None
    if chunks is None:
        source = source_of(data)
        chunks, length = source.chunks(), source.length
    if length is not None and not (use_multipart or length > size):
        return None
    if length is not None and _CONDITIONS & arguments.keys():
        return None  # obstore sends these in one request
    options = native.prepare_put(key, **{**NO_OPTIONS, **arguments, "length": length})
    return put_stream(native, key, Pull(chunks), options, part_bytes=size)


def _put_result(result: NativePut) -> PutResult:
    return {"e_tag": result.etag, "version": result.version_id}


def _put_error(error: StoreError, target: ObjectStoreBase, key: str, arguments: dict[str, Any]) -> Exception:
    """Replacing what is not there is a failed precondition in obstore."""
    if isinstance(error, NotFoundError) and not isinstance(error, BucketNotFoundError) and "if_match" in arguments:
        return PreconditionError(f"Request precondition failure for path {key}: {error}")
    return translated(error, target.label, key)
