"""One call a capability. A capability that is not declared must be refused, and leave everything as it was; one that
is declared must at least be accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from dskit.errors import ConfigurationError, StoreError, UnsupportedError
from dskit.store import Store
from dskit.types import Attributes, ByteRange, CompletedPart, DeleteRequest

from .result import Observed
from .target import Target
from .troubles import told

__all__ = ["PROBES", "observe"]

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(2090, 1, 1, tzinfo=UTC)
BODY = b"hello, probe"


def _etag(store: Store) -> str:
    return store.head("a").etag


def _upload(store: Store, key: str = "m") -> tuple[str, list[CompletedPart]]:
    upload = store.create_multipart_upload(key).upload_id
    part = store.upload_part(key, upload, 1, BODY)
    return upload, [CompletedPart(number=1, etag=part.etag)]


def _complete(store: Store, key: str = "m", *, if_match: str | None = None, if_none_match: str | None = None) -> object:
    upload, parts = _upload(store, key)
    return store.complete_multipart_upload(key, upload, parts, if_match=if_match, if_none_match=if_none_match)


Call = Callable[[Store], object]

PROBES: Mapping[str, Call] = MappingProxyType(
    {
        "put_if_none_match": lambda store: store.put("n", b"x", if_none_match="*"),
        "put_if_match": lambda store: store.put("a", b"x", if_match=_etag(store)),
        "put_checksum": lambda store: store.put("n", b"x", checksum="CRC32"),
        "put_content_md5": lambda store: store.put("n", b"x", content_md5="ndTkYSaMgDT1yFZOFVxnpg=="),
        "put_metadata": lambda store: store.put("n", b"x", metadata={"k": "v"}),
        "put_headers": lambda store: store.put("n", b"x", cache_control="no-cache"),
        "put_content_type": lambda store: store.put("n", b"x", content_type="text/plain"),
        "put_storage_class": lambda store: store.put("n", b"x", storage_class="STANDARD_IA"),
        "get_range": lambda store: store.get("a", range=(1, 3)).read(),
        "get_suffix_range": lambda store: store.get("a", range=ByteRange(suffix=2)).read(),
        "get_part_number": lambda store: store.get("a", part_number=1).read(),
        "get_if_match": lambda store: store.head("a", if_match=_etag(store)),
        "get_if_none_match": lambda store: store.head("a", if_none_match='"other"'),
        "get_if_modified_since": lambda store: store.head("a", if_modified_since=LONG_AGO),
        "get_if_unmodified_since": lambda store: store.head("a", if_unmodified_since=FAR_OFF),
        "get_version_id": lambda store: store.head("a", version_id="null"),
        "delete_if_match": lambda store: store.delete("a", if_match=_etag(store)),
        "delete_many": lambda store: store.delete_many(["a"]),
        "delete_many_if_match": lambda store: store.delete_many([DeleteRequest(key="a", if_match=_etag(store))]),
        "copy": lambda store: store.copy("a", "n"),
        "copy_from_bucket": lambda store: store.copy(store.prefix + "a", "n", source_bucket=store.bucket),
        "copy_replace": lambda store: store.copy("a", "n", replace=Attributes(content_type="text/plain")),
        "copy_if_none_match": lambda store: store.copy("a", "n", if_none_match="*"),
        "copy_if_match": lambda store: store.copy("b", "a", if_match=_etag(store)),
        "copy_source_conditions": lambda store: store.copy("a", "n", source_if_match=_etag(store)),
        "list": lambda store: list(store.list()),
        "list_delimiter": lambda store: store.list_with_delimiter(),
        "list_delimiter_any": lambda store: store.list_with_delimiter(delimiter="::"),
        "list_start_after": lambda store: list(store.list(start_after="a")),
        "list_page": lambda store: store.list_page(max_keys=1),
        "multipart": _complete,
        "multipart_copy": lambda store: store.upload_part_copy("m", _upload(store)[0], 2, "a"),
        "multipart_if_none_match": lambda store: _complete(store, if_none_match="*"),
        "multipart_if_match": lambda store: _complete(store, "a", if_match=_etag(store)),
        "multipart_checksum": lambda store: store.create_multipart_upload("m", checksum_algorithm="CRC32"),
        "list_parts": lambda store: store.list_parts("m", _upload(store)[0]),
        "list_uploads": lambda store: store.list_uploads(),
        "list_uploads_delimiter": lambda store: store.list_uploads(delimiter="/"),
        "object_parts": lambda store: store.object_parts("a"),
        "sign": lambda store: store.sign("a"),
        "sign_content_type": lambda store: store.sign("n", "PUT", content_type="text/plain"),
        "sign_response": lambda store: store.sign("a", response_content_type="text/plain"),
        "sign_post": lambda store: store.sign_post("n"),
        "raw": lambda store: store.raw("HeadObject", Key=store.prefix + "a"),
    }
)
"""By the name of the capability; the store holds `a` and `b`. `buckets` is what every run uses."""


def observe(target: Target, names: list[str]) -> dict[str, tuple[Observed, str]]:
    """What the store does with each of these capabilities, and one sentence on it."""
    return {name: _observe(target, name) for name in names if name in PROBES}


def _observe(target: Target, name: str) -> tuple[Observed, str]:
    declared = bool(getattr(target.facts.capabilities.supports, name))
    with target.ground() as ground:
        store = ground.store
        store.put("a", BODY)
        store.put("b", BODY[::-1])
        before = _state(store)
        try:
            PROBES[name](store)
        except (UnsupportedError, ConfigurationError) as error:
            return _refused(name, _state(store) == before, error)
        except StoreError as error:
            return Observed.BROKEN, f"{name} answers {error.code}"
        except Exception as error:  # a target may fail in any way at all
            return Observed.BROKEN, f"{name} ends in {told(error)}"
        if declared:
            return Observed.SUPPORTED, "accepted by a probe"
        return Observed.IGNORED, f"{name} is not declared and was accepted"


def _refused(name: str, unchanged: bool, error: StoreError) -> tuple[Observed, str]:
    if unchanged:
        return Observed.REFUSED, "refused, nothing changed"
    return Observed.BROKEN, f"{name} was refused ({error.code}) and changed something"


def _state(store: Store) -> list[tuple[str, str]]:
    return [(row.key, row.etag) for row in store.list()]
