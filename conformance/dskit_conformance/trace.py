"""Traces: operations as plain JSON, so that a finding outlives the run, the seed and the version of the generator.

An operation is an object with `op` and its arguments::

    put                key size salt [content_type … metadata] [if_none_match if_match] [content_md5 checksum]
    get head           key [range part_number] [if_match if_none_match if_modified_since if_unmodified_since]
    partition exists   key [cuts]
    delete             key [if_match]
    delete_many        keys [if_match: {key: reference}]
    copy               source key [replace] [if_… source_if_…]
    list list_all      [prefix delimiter start_after max_keys]      a whole walk
    list_page          the same, [as: label] [token: label] [token_text]   one page
    create_upload      key as: upload label [attributes]
    upload_part        upload number size salt [key] [content_md5 checksum]
    upload_part_copy   upload number source [range: [first, last]] [source_if_…]
    complete           upload parts: [[number, reference]] [key] [if_none_match if_match]
    abort list_parts   upload [key] [max_parts]
    list_uploads       [prefix delimiter max_uploads]
    raw                operation params                             any operation of S3's model
    fill               count [prefix]                               that many objects of one byte
    without_bucket     verb                                         a verb on a bucket that is not there
    delete_bucket                                                   this bucket, with all that is in it

Bodies are `payload(size, salt)`. Upload ids and tokens are labels; the label ``unknown`` is an id that nobody gave.
ETags are references: ``current``, ``unquoted`` (current, without its quotes), ``stale`` (the one before),
``elsewhere`` (another key's), ``wrong``, ``*``. Dates are ``same`` (as last modified), ``before`` (a day earlier) and
``future``. `claims` are further checks: ``[property, field, allowed…]``.
"""

from __future__ import annotations

import json
from typing import Any

from dskit.errors import ConfigurationError

from .outcomes import Trace

__all__ = ["VERBS", "dump_trace", "load_trace"]

VERBS = frozenset(
    [
        "put",
        "get",
        "head",
        "partition",
        "exists",
        "delete",
        "delete_many",
        "copy",
        "list",
        "list_all",
        "list_page",
        "create_upload",
        "upload_part",
        "upload_part_copy",
        "complete",
        "abort",
        "list_parts",
        "list_uploads",
        "raw",
        "fill",
        "without_bucket",
        "delete_bucket",
    ]
)


def dump_trace(trace: Trace) -> str:
    return json.dumps(trace, ensure_ascii=False, sort_keys=True)


def load_trace(value: str | list[Any]) -> Trace:
    """Operations from JSON text or values. Raises `ConfigurationError` for what is not a trace."""
    trace = json.loads(value) if isinstance(value, str) else value
    if not isinstance(trace, list):
        raise ConfigurationError("a trace is a list of operations")
    for number, op in enumerate(trace):
        if not isinstance(op, dict) or op.get("op") not in VERBS:
            raise ConfigurationError(f"operation {number} of the trace is not one: {op!r}")
    return trace
