"""Refusals: what a store cannot honour is refused before any I/O, and by name.

One table says which capability each verb and each of its options needs. A verb is a method wrapped in `verb`, which
checks the keys, consults the table, runs the body, and fills the context of errors in. Options of a verb are
keyword-only, so the wrapper sees exactly those that the caller gave.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, ParamSpec, TypeVar

from .capabilities import Supports
from .errors import StoreError, UnsupportedError
from .types import Attributes

__all__ = ["OPTIONS", "VERBS", "Rule", "denials", "refuse", "refuse_attributes", "refuse_verb", "verb"]

P = ParamSpec("P")
R = TypeVar("R")


def _given(value: object) -> bool:
    return value is not None and value is not False and value not in ("", {})


def _not_standard(value: object) -> bool:
    return _given(value) and value != "STANDARD"


def _is_suffix(value: object) -> bool:
    return getattr(value, "suffix", None) is not None


def _not_slash(value: object) -> bool:
    return value not in ("", "/", None)


class Rule(NamedTuple):
    """`option` needs `capability` where `applies` to its value."""

    option: str
    capability: str
    applies: Callable[[Any], bool] = _given


_HEADERS = ("cache_control", "content_disposition", "content_encoding", "content_language", "expires")
_ATTRIBUTES = (
    Rule("metadata", "put_metadata"),
    Rule("content_type", "put_content_type"),
    *(Rule(name, "put_headers") for name in _HEADERS),
    Rule("storage_class", "put_storage_class", _not_standard),
)
_RESPONSE = (
    "response_content_type",
    "response_content_disposition",
    "response_content_encoding",
    "response_content_language",
    "response_cache_control",
    "response_expires",
)
_READ = (
    Rule("range", "get_range"),
    Rule("range", "get_suffix_range", _is_suffix),
    Rule("part_number", "get_part_number"),
    Rule("if_match", "get_if_match"),
    Rule("if_none_match", "get_if_none_match"),
    Rule("if_modified_since", "get_if_modified_since"),
    Rule("if_unmodified_since", "get_if_unmodified_since"),
    Rule("version_id", "get_version_id"),
)
_SOURCE = (
    Rule("source_bucket", "copy_from_bucket"),
    Rule("source_version_id", "get_version_id"),
    *(
        Rule(f"source_{name}", "copy_source_conditions")
        for name in ("if_match", "if_none_match", "if_modified_since", "if_unmodified_since")
    ),
)
_DELIMITER = (Rule("delimiter", "list_delimiter"), Rule("delimiter", "list_delimiter_any", _not_slash))
_START = Rule("start_after", "list_start_after")

VERBS: Mapping[str, tuple[str, ...]] = {
    "delete_many": ("delete_many",),
    "copy": ("copy",),
    "rename": ("copy",),
    "list": ("list",),
    "download_folder": ("list",),
    "list_page": ("list", "list_page"),
    "list_with_delimiter": ("list", "list_delimiter"),
    "get_range": ("get_range",),
    "get_ranges": ("get_range",),
    "create_multipart_upload": ("multipart",),
    "upload_part": ("multipart",),
    "upload_part_copy": ("multipart", "multipart_copy"),
    "complete_multipart_upload": ("multipart",),
    "abort_multipart_upload": ("multipart",),
    "list_parts": ("multipart", "list_parts"),
    "list_uploads": ("multipart", "list_uploads"),
    "object_parts": ("object_parts",),
    "sign": ("sign",),
    "sign_post": ("sign_post",),
    "raw": ("raw",),
}
"""Capabilities that a verb needs whatever its options. A verb that is not here is always there."""

OPTIONS: Mapping[str, tuple[Rule, ...]] = {
    "put": (
        Rule("if_none_match", "put_if_none_match"),
        Rule("if_match", "put_if_match"),
        Rule("checksum", "put_checksum"),
        Rule("content_md5", "put_content_md5"),
        *_ATTRIBUTES,
    ),
    "get": _READ,
    "head": _READ,
    "delete": (Rule("if_match", "delete_if_match"), Rule("version_id", "get_version_id")),
    "copy": (
        Rule("replace", "copy_replace"),
        Rule("if_none_match", "copy_if_none_match"),
        Rule("if_match", "copy_if_match"),
        Rule("checksum", "put_checksum"),
        *_SOURCE,
    ),
    "rename": (Rule("if_none_match", "copy_if_none_match"),),
    "list": (_START,),
    "list_page": (*_DELIMITER, _START),
    "list_with_delimiter": (_DELIMITER[1], _START),
    "create_multipart_upload": (
        Rule("checksum_algorithm", "multipart_checksum"),
        Rule("checksum_type", "multipart_checksum"),
        *_ATTRIBUTES,
    ),
    "upload_part": (Rule("checksum", "multipart_checksum"), Rule("content_md5", "put_content_md5")),
    "upload_part_copy": (Rule("range", "get_range"), *_SOURCE),
    "complete_multipart_upload": (
        Rule("if_none_match", "multipart_if_none_match"),
        Rule("if_match", "multipart_if_match"),
        Rule("checksums", "multipart_checksum"),
        Rule("checksum_type", "multipart_checksum"),
    ),
    "list_uploads": (Rule("delimiter", "list_uploads_delimiter"),),
    "sign": (
        Rule("content_type", "sign_content_type"),
        Rule("version_id", "get_version_id"),
        *(Rule(name, "sign_response") for name in _RESPONSE),
    ),
    "upload": (Rule("if_none_match", "put_if_none_match"), Rule("if_match", "put_if_match"), *_ATTRIBUTES),
    "download": (Rule("if_match", "get_if_match"), Rule("version_id", "get_version_id")),
    "object_parts": (Rule("version_id", "get_version_id"),),
}
"""What each option needs, by verb."""


class Denials(NamedTuple):
    """What one store denies of one verb: the capability that the whole verb lacks, and the options it lacks."""

    capability: str | None
    rules: tuple[Rule, ...]


def denials(supports: Supports) -> dict[str, Denials]:
    """The part of the tables that `supports` denies; empty for a store that can do everything."""
    found = {name: _denials_of(name, supports) for name in {*VERBS, *OPTIONS}}
    return {name: denied for name, denied in found.items() if denied is not None}


def _denials_of(name: str, supports: Supports) -> Denials | None:
    lacking = next((item for item in VERBS.get(name, ()) if not getattr(supports, item)), None)
    rules = tuple(rule for rule in OPTIONS.get(name, ()) if not getattr(supports, rule.capability))
    return Denials(lacking, rules) if lacking or rules else None


def refuse_attributes(operation: str, attributes: Attributes, supports: Supports) -> None:
    """Raises `UnsupportedError` for a field that the store cannot keep: a record of options is no way round them."""
    for rule in _ATTRIBUTES:
        if rule.applies(getattr(attributes, rule.option)) and not getattr(supports, rule.capability):
            raise refuse(operation, rule.option, rule.capability)


def refuse_verb(operation: str, capability: str) -> UnsupportedError:
    return UnsupportedError(
        f"this store has no {operation} (its capabilities say supports.{capability} = False)",
        operation=operation,
        details={"Capability": capability},
    )


def refuse(operation: str, option: str, capability: str) -> UnsupportedError:
    """The error for an option that cannot be honoured."""
    return UnsupportedError(
        f"this store cannot honour {option!r} of {operation} (its capabilities say supports.{capability} = False)",
        operation=operation,
        details={"Option": option, "Capability": capability},
    )


def _consult(operation: str, denied: Denials, options: Mapping[str, Any]) -> None:
    if denied.capability:
        raise refuse_verb(operation, denied.capability)
    for rule in denied.rules:
        if rule.option in options and rule.applies(options[rule.option]):
            raise refuse(operation, rule.option, rule.capability)


def verb(
    *key_parameters: str, operation: str | None = None, live: bool = False, first: int = 1, composed: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A method of a `View` as a verb. `key_parameters` name its positional parameters that are keys, from the
    `first` after `self` on; `operation` is the verb's name where the method has another. `live` asks the service's
    capabilities at each call instead of once for the view: for what comes and goes. `composed`: the body calls other
    verbs, so its errors speak of keys as the caller does.

    Before the body: each key is checked, then each denied option refused. A `StoreError` of the body leaves with
    operation, bucket, key and store filled in.
    """

    keys = tuple(enumerate(key_parameters, first))

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = operation or function.__name__

        @functools.wraps(function)
        def call(*args: P.args, **options: P.kwargs) -> R:
            view: Any = args[0]
            try:
                for position, parameter in keys:
                    if len(args) > position:
                        view.check_key(args[position])
                    elif parameter in options:
                        view.check_key(options[parameter])
                if live:
                    if (denied := _denials_of(name, view.service.capabilities.supports)) is not None:
                        _consult(name, denied, options)
                elif name in view.denied:
                    _consult(name, view.denied[name], options)
                return function(*args, **options)
            except StoreError as error:
                view.explain(error, name, _key_of(keys, args, options), composed=composed)
                raise

        return call

    return decorate


def _key_of(keys: tuple[tuple[int, str], ...], args: Sequence[object], options: Mapping[str, object]) -> str | None:
    """The key that an error is about unless the raiser knew better: the last key parameter, a copy's destination."""
    if not keys:
        return None
    position, parameter = keys[-1]
    value = args[position] if len(args) > position else options.get(parameter)
    return value if isinstance(value, str) else None
