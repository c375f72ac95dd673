"""`Store.open`: an object as a Python file, binary or text."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias, TypedDict, Unpack, overload

from .errors import FileModeError, InvalidRequestError, StoreError
from .file_guards import guarded
from .file_reader import READ_AHEAD, ObjectReader
from .file_writer import ObjectWriter
from .guards import refuse
from .options import Checksum
from .pushing import begin_put
from .streams import Staging
from .view import View

if TYPE_CHECKING:
    from .store import Store

__all__ = [
    "BinaryMode",
    "File",
    "FileOptions",
    "FileVerbs",
    "Mode",
    "TextFile",
    "TextMode",
    "begin_write",
    "parse_mode",
]

BinaryReadMode: TypeAlias = Literal["rb", "br"]
BinaryWriteMode: TypeAlias = Literal["wb", "bw", "xb", "bx"]
BinaryMode: TypeAlias = BinaryReadMode | BinaryWriteMode
TextMode: TypeAlias = Literal["r", "rt", "tr", "w", "wt", "tw", "x", "xt", "tx"]


class FileOptions(TypedDict, total=False):
    """Options of `Store.open`. One that does not belong to the mode is refused, never ignored."""

    encoding: str | None
    """Text: ``utf-8`` unless given, whatever the locale."""
    errors: str | None
    """Text: what happens to what cannot be decoded or encoded, as in the builtin `open`."""
    newline: str | None
    """Text: as in the builtin `open`."""
    read_ahead: int
    """Reading: how many bytes a request fetches at least, and the size of the buffer."""
    version_id: str | None
    """Reading: this version of the object."""
    if_match: str | None
    """Reading: only this state of the object. Writing: replace only this state."""
    if_none_match: str | None
    """Writing: ``"*"``, as mode ``x``."""
    content_type: str | None
    cache_control: str | None
    content_disposition: str | None
    content_encoding: str | None
    content_language: str | None
    expires: str | datetime | None
    metadata: Mapping[str, str] | None
    storage_class: str | None
    checksum: Checksum
    content_md5: str | None


_TEXT = ("encoding", "errors", "newline")
_READING = ("read_ahead", "version_id", "if_match")
_WRITING = (
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


@guarded(
    reading=("read", "readline", "readlines", "__next__"),
    writing=("write", "writelines"),
    moving=("seek", "tell", "truncate"),
    other=("flush", "__enter__"),
)
class TextFile(io.TextIOWrapper):
    """A text file over an `ObjectReader` or an `ObjectWriter`, which is its `buffer`; closing it closes that.

    Written text is published by `close` and forgotten by `discard`, an exception inside ``with``, and collection.
    """

    def __init__(self, file: ObjectReader | ObjectWriter, mode: str, options: Mapping[str, Any]) -> None:
        self.key = file.key
        self._mode = mode
        super().__init__(
            file,
            encoding=options.get("encoding") or "utf-8",
            errors=options.get("errors"),
            newline=options.get("newline"),
        )

    @property
    def mode(self) -> str:
        return self._mode

    def discard(self) -> None:
        """Close the file; what was written is forgotten."""
        file: object = self.buffer
        if isinstance(file, ObjectWriter):
            file.discard()
        else:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        file: object = self.buffer
        if error is not None and isinstance(file, ObjectWriter):
            file.__exit__(kind, error, trace)
        else:
            self.close()

    def __del__(self) -> None:
        """The finalizer of `io` would publish what was written. The writer's own does not."""


File: TypeAlias = ObjectReader | ObjectWriter | TextFile


class FileVerbs(View):
    @overload
    def open(self, key: str, mode: BinaryReadMode = "rb", **options: Unpack[FileOptions]) -> ObjectReader: ...
    @overload
    def open(self, key: str, mode: BinaryWriteMode, **options: Unpack[FileOptions]) -> ObjectWriter: ...
    @overload
    def open(self, key: str, mode: TextMode, **options: Unpack[FileOptions]) -> TextFile: ...
    @overload
    def open(self, key: str, mode: str, **options: Unpack[FileOptions]) -> File: ...

    def open(self, key: str, mode: str = "rb", **options: Unpack[FileOptions]) -> File:
        """The object as a file: ``r`` reads it, ``w`` writes it anew, ``x`` creates it; with ``b`` bytes, else text.

        A reader is seekable and pinned to the state that it found: where the object is replaced or deleted meanwhile,
        reading raises `ConflictError`. It fetches `read_ahead` bytes at a time (1 MiB). `if_match` and `version_id`
        say which state that has to be. Opening raises `NotFoundError`.

        A writer publishes when it is closed, atomically, with the options of `put`; an exception inside its ``with``
        leaves nothing. It needs bounded memory: what is large goes up in parts where the store wants to know lengths.
        ``x`` raises `AlreadyExistsError`, at once where the object is there and at the end where it came meanwhile.

        `encoding` (UTF-8), `errors` and `newline` are those of the builtin `open`. Raises `FileModeError` for another
        mode and `InvalidRequestError` for an option that does not belong to the mode. Errors in reading or writing
        name the key.
        """
        store: Any = self
        try:
            return _open(store, key, parse_mode(mode), options)
        except StoreError as error:
            error.operation = "open"
            error.with_context(bucket=self.bucket, key=key if isinstance(key, str) else None, store=self.name)
            raise


class Mode(NamedTuple):
    """`action` is ``r``, ``w`` or ``x``."""

    action: str
    text: bool

    def __str__(self) -> str:
        return self.action if self.text else f"{self.action}b"


def parse_mode(mode: str) -> Mode:
    """Raises `FileModeError`, with the remedy."""
    letters = sorted(mode) if isinstance(mode, str) else []
    action = [letter for letter in letters if letter in "rwx"]
    rest = [letter for letter in letters if letter not in "rwx"]
    if len(action) == 1 and rest in ([], ["b"], ["t"]):
        return Mode(action[0], rest != ["b"])
    if "a" in letters or "+" in letters:
        raise FileModeError(f"mode {mode!r}: an object is written whole; read it ('rb') and write it anew ('wb')")
    raise FileModeError(f"mode {mode!r}: there are 'rb', 'wb', 'xb' and, for text, 'r', 'w', 'x'")


def _open(store: Store, key: str, mode: Mode, options: Mapping[str, Any]) -> File:
    _check_options(mode, options)
    file: ObjectReader | ObjectWriter
    if mode.action == "r":
        file = _reader(store, key, options)
    else:
        file = ObjectWriter(store, key, begin_write(store, key, mode, options))
    if not mode.text:
        return file
    try:
        return TextFile(file, str(mode), options)
    except (LookupError, TypeError, ValueError) as error:
        if isinstance(file, ObjectWriter):
            file.discard()
        raise InvalidRequestError(f"the text options of a file are wrong: {error}") from error


def _check_options(mode: Mode, options: Mapping[str, Any]) -> None:
    allowed = (*(_READING if mode.action == "r" else _WRITING), *(_TEXT if mode.text else ()))
    for name, value in options.items():
        if name not in FileOptions.__annotations__:
            raise TypeError(f"open() got an unexpected keyword argument {name!r}")
        if value is not None and name not in allowed:
            raise InvalidRequestError(f"{name} is no option of mode {str(mode)!r}; that has {', '.join(allowed)}")


def _reader(store: Store, key: str, options: Mapping[str, Any]) -> ObjectReader:
    if not store.capabilities.supports.get_range:
        raise refuse("open", "mode='rb'", "get_range")
    version_id = options.get("version_id")
    meta = store.head(key, if_match=options.get("if_match"), version_id=version_id)
    return ObjectReader(store, key, meta, read_ahead=options.get("read_ahead", READ_AHEAD), version_id=version_id)


def begin_write(store: Store, key: str, mode: Mode, options: Mapping[str, Any]) -> Staging:
    """The staging of a file that is written, its options checked. Raises what `Store.open` raises."""
    given = {name: options.get(name) for name in _WRITING}
    if mode.action == "x":
        given["if_none_match"] = "*"
    prepared = store.prepare_put(key, length=None, **given)
    try:
        return begin_put(store, key, prepared)
    except StoreError as error:
        store.explain(error, "open", key)
        raise
