"""obstore's interface over the stores of dskit: code that is written for obstore runs in memory, on disk, anywhere.

    import dskit.compat.obstore as obs

    store = obs.store.MemoryStore()
    obs.put(store, "file.txt", b"hello world!")

Functions, stores, results and exceptions have obstore's names and signatures and behave as those of obstore 0.12.1 do;
``docs/compat/obstore.md`` says where they cannot. `store.wrap(store)` takes any store of dskit.
"""

from __future__ import annotations

from . import exceptions, store
from ._bytes import Bytes
from ._files import (
    AsyncReadableFile,
    AsyncWritableFile,
    ReadableFile,
    WritableFile,
    open,  # noqa: A004 - its name
    open_async,
    open_reader,
    open_reader_async,
    open_writer,
    open_writer_async,
)
from ._listing import ListStream, list, list_with_delimiter, list_with_delimiter_async  # noqa: A004 - its name
from ._reading import (
    get,
    get_async,
    get_range,
    get_range_async,
    get_ranges,
    get_ranges_async,
    head,
    head_async,
)
from ._results import BytesStream, GetResult
from ._schemes import parse_scheme
from ._signing import sign, sign_async
from ._types import (
    HTTP_METHOD,
    Attribute,
    Attributes,
    GetOptions,
    ListChunkType,
    ListResult,
    ObjectMeta,
    OffsetRange,
    PutMode,
    PutResult,
    SuffixRange,
    UpdateVersion,
)
from ._writing import copy, copy_async, delete, delete_async, put, put_async, rename, rename_async

__all__ = [
    "HTTP_METHOD",
    "AsyncReadableFile",
    "AsyncWritableFile",
    "Attribute",
    "Attributes",
    "Bytes",
    "BytesStream",
    "GetOptions",
    "GetResult",
    "ListChunkType",
    "ListResult",
    "ListStream",
    "ObjectMeta",
    "OffsetRange",
    "PutMode",
    "PutResult",
    "ReadableFile",
    "SuffixRange",
    "UpdateVersion",
    "WritableFile",
    "copy",
    "copy_async",
    "delete",
    "delete_async",
    "exceptions",
    "get",
    "get_async",
    "get_range",
    "get_range_async",
    "get_ranges",
    "get_ranges_async",
    "head",
    "head_async",
    "list",
    "list_with_delimiter",
    "list_with_delimiter_async",
    "open",
    "open_async",
    "open_reader",
    "open_reader_async",
    "open_writer",
    "open_writer_async",
    "parse_scheme",
    "put",
    "put_async",
    "rename",
    "rename_async",
    "sign",
    "sign_async",
    "store",
]
